"""Papers that people add: what they may hold, and how they are given back."""
