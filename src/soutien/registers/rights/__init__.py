"""Register: rights."""
