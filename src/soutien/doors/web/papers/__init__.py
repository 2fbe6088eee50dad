"""Care sheets on paper, typed by an agent, and the receipt that is followed by its reference."""
