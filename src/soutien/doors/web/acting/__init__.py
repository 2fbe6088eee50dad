"""For whom one acts: for oneself, for a child, or in a psychologist's place."""
