"""Register: accounts."""
