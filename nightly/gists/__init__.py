"""What failures say, without what is different in every run, and which of them say the same. Pure: texts alone."""
