"""Register: psychologists."""
