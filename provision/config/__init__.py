"""What a user chooses and what follows from it, decided before anything is touched."""
