"""What a database refuses by itself, written once for both engines, for migrations to take."""
