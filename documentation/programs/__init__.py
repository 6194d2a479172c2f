"""Real programs, by what they say of themselves. Nothing that is run here changes or reaches anything."""
