"""Register: idempotency."""
