"""How a highly available cluster comes to be: machines, artifacts, the documented procedure. No pytest in here."""
