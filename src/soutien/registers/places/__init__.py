"""Register: places."""
