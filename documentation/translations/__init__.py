"""A translation and its original over time: the revision that it follows, what changed since, the English it keeps."""
