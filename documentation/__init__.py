"""The documentation's pages as data: what they say, how they drift, and whether somebody decides what they claim."""
