"""Where one is paid, what was paid, and the desk of who pays."""
