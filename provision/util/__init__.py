"""Tools that know nothing of clusters: local commands, concurrency, files written whole, durations, locks, shell."""
