"""Register: claims."""
