"""What is wrong with a page, or differs from another edition or language of it. Needs no cluster."""
