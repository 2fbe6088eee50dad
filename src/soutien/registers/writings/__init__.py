"""Register: writings."""
