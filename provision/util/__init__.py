"""Tools that know nothing of clusters: local commands, concurrency, files written whole, locks, shell."""
