"""Jobs: what is done by the clock, each moment once however many processes look at it."""
