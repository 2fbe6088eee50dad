"""Register: agenda."""
