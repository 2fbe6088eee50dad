"""Register: limits."""
