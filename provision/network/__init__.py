"""The pod network: our own routes where there is no internet, published plugins where there is."""
