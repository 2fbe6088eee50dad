"""Register: care."""
