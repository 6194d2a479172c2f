"""Two pages against each other: editions of one, or an original and its translation."""
