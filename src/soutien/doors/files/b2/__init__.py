"""Invoices in the B2 format: 128 characters a record. See docs/exchange-files.md."""
