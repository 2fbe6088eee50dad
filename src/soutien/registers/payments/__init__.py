"""Register: payments."""
