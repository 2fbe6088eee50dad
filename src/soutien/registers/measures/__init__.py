"""What was asked in a questionnaire, and what came out of it."""
