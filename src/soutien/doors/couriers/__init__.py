"""Who takes messages out: mails, texts, and the calendars read elsewhere."""
