"""Register: consents."""
