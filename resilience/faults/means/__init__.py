"""What faults are made of: where they are, what is typed on machines, and what proves that it took effect."""
