"""What a fund reads: its claims, and each decision with its proof."""
