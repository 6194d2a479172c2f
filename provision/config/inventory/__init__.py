"""A file of your machines: what it says, whether that is valid, and how to log in to them."""
