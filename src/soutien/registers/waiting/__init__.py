"""Register: waiting."""
