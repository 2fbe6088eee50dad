"""Register: insurance."""
