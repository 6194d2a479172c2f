"""Somebody's own machines: which there are, what each is for, and how to log in to them."""
