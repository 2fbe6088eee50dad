"""Register: identities."""
