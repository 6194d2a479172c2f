"""What must be true of a highly available cluster."""
