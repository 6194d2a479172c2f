"""Runs over time: what each left behind, kept in a store, and a page that says what changed and since when.

Reads run directories; knows neither pytest nor clusters.
"""
