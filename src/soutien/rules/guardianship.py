"""May somebody act for a child, or an adult whom a judge protects, on a day?

Days and ages are integers, as everywhere in the law.
"""

from __future__ import annotations

from soutien.rules.calendar import add_months, add_years


def comes_of_age_on(born_on: int, majority_age_years: int) -> int:
    """The day from which nobody acts for the child any more: the birthday of the majority."""
    return add_years(born_on, majority_age_years)


# A month: time to open an account, and to talk about it once more in a session.
TOLD_MONTHS_BEFORE = 1


def told_on(born_on: int, majority_age_years: int) -> int:
    """The day from which a young person and their parents are told that majority is near."""
    return add_months(comes_of_age_on(born_on, majority_age_years), -TOLD_MONTHS_BEFORE)


def over_on(born_on: int, ends_before: int, majority_age_years: int) -> int:
    """The day a guardianship is over: of age, or by a decision, whichever comes first."""
    of_age = comes_of_age_on(born_on, majority_age_years)
    return ends_before if ends_before < of_age else of_age


def acts_for_child(
    day: int, born_on: int, starts_on: int, ends_before: int, majority_age_years: int
) -> bool:
    """Whether a guardianship from one day to before another holds on ``day``."""
    return starts_on <= day < over_on(born_on, ends_before, majority_age_years)


def acts_for_adult(
    day: int, born_on: int, starts_on: int, ends_before: int, majority_age_years: int
) -> bool:
    """Whether a judge's protection of an adult holds: on its own days, from majority on.

    It may be decided in the last year before, and then begins on the birthday (Code civil,
    article 429). Nothing of it ends at majority.
    """
    of_age = comes_of_age_on(born_on, majority_age_years)
    return (starts_on if starts_on > of_age else of_age) <= day < ends_before
