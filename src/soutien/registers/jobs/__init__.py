"""Register: jobs."""
