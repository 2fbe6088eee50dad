"""Register: documents."""
