"""Register: guardians."""
