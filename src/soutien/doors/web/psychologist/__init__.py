"""The psychologist's day: the agenda, and a session closed in one gesture."""
