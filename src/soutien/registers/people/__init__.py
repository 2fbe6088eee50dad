"""Register: people."""
