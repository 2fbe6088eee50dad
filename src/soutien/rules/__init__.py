"""What does the law say? Pure Python, standard library only, no clock."""
