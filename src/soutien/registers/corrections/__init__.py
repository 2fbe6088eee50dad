"""Register: corrections."""
