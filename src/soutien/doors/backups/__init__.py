"""Everything the registers hold, in one encrypted file, and back: docs/keys-and-backups.md."""
