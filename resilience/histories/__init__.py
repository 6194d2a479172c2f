"""What clients did to a cluster and were answered, and whether all of it can be true. Pure, but for files."""
