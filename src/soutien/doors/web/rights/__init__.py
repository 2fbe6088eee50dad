"""Rights: a person's own page, and the fund's."""
