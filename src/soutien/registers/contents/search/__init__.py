"""The search of what towns publish: one port, two engines, one way of ranking and counting."""
