"""Pages: questionnaires, for who answers and for who reads."""
