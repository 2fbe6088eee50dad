"""May somebody act for a child on a day? Days and ages are integers, as everywhere in the law."""

from __future__ import annotations

from soutien.rules.calendar import add_years


def comes_of_age_on(born_on: int, majority_age_years: int) -> int:
    """The day from which nobody acts for the child any more: the birthday of the majority."""
    return add_years(born_on, majority_age_years)


def over_on(born_on: int, ends_before: int, majority_age_years: int) -> int:
    """The day a guardianship is over: of age, or by a decision, whichever comes first."""
    of_age = comes_of_age_on(born_on, majority_age_years)
    return ends_before if ends_before < of_age else of_age


def acts_for_child(
    day: int, born_on: int, starts_on: int, ends_before: int, majority_age_years: int
) -> bool:
    """Whether a guardianship from one day to before another holds on ``day``."""
    return starts_on <= day < over_on(born_on, ends_before, majority_age_years)
