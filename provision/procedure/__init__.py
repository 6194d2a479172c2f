"""The documentation's steps, in the documentation's order."""
