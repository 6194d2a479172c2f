"""Faults as data: what is done to a cluster under traffic, how it is undone, what proves it, and what must hold."""
