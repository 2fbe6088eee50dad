"""Register: ledger."""
