"""Your machines: what is found on them, what they are given, and how that is undone."""
