"""How do they reach us? A door translates, calls one step or query, and translates back."""
