"""Register: outbox."""
