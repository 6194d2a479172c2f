"""How a highly available cluster comes to be: machines, artifacts and the documented procedure. Knows nothing of pytest."""
