"""A page taken apart into ordered blocks. Nothing here knows what a block means for a cluster."""
