"""The care itself: what was agreed, goals, reviews, notes; for the two of the pair."""
