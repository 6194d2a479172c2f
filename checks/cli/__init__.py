"""`./run check`: what is typed, from where the cluster is reached, and the exit status."""
