"""Causes of failures over the nights: since when, how often, and whether that is worse than before."""
