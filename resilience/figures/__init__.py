"""Figures of all runs of faults: a line for each run, kept in the repository, and the table that is made from them."""
