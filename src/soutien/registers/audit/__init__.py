"""Register: audit."""
