"""The documentation's pages checked: what they claim, how they drift, what their commands do, what follows from it."""
