"""What happened? Tables, constraints, and questions to tables. No register imports another."""
