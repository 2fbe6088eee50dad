"""Register: api_keys."""
