"""The results of runs over time: a store that keeps them, and a page that says what changed and since when.

Reads run directories; knows neither pytest nor clusters, and of faults their figures alone. Its rooms: `gists`, what
failures say without noise, and which of them say the same; `causes`, these over the nights, and a text for an issue.
"""
