"""What pages claim (`data/`), where each page says so (`editions/`), and who decides it."""
