"""A person's own pages: booking, the appointment, the year, what became of each claim."""
