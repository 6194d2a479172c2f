"""The life of clusters on this host: chosen, started, brought up, remembered, locked, removed."""
