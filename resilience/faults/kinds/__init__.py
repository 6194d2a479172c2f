"""Faults by their kinds: each file has the faults of one, as data, and what they alone need."""
