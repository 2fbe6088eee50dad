"""A service of rights that behaves like one: it knows most people, and not always on time.

It mirrors what is written here, but for some, told apart by the last figure of the order in their
number: 0 nobody by that number, 1 a right that ended, 2 the CSS since January, 3 too slow, 4 away.
The same person always gets the same answer.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta

from soutien.doors.rights_service import SECONDS, Silent
from soutien.registers.people import queries as people
from soutien.steps.entitled import Right
from soutien.steps.verified import Said, in_force

UNKNOWN, OVER, OPENED, SLOW, AWAY = "01234"
# Where the figure stands: the last of the three of the order, before the key.
FIGURE = 12


class Simulated:
    """``wait`` is how long the slow ones are waited for, in seconds."""

    def __init__(self, wait: float = min(0.2, SECONDS)) -> None:
        self.wait = wait

    def ask(self, *, nir: str, birth_date: date, on: date) -> Said:
        """What it knows for that day. Raises Silent."""
        figure = nir[FIGURE : FIGURE + 1]
        if figure == SLOW:
            time.sleep(self.wait)
            raise Silent("no answer in time")
        if figure == AWAY:
            raise Silent("away")
        person = people.by_nir(nir)
        if figure == UNKNOWN or person is None or person.birth_date != birth_date.isoformat():
            return Said(known=False)
        written = [right for right in in_force(person, on) if right.right != "cover"]
        if figure == OVER:
            return Said(True, tuple(_ended(right, on) for right in written))
        if figure == OPENED and not any(right.kind == "css" for right in written):
            year = Right("exemption", date(on.year, 1, 1), date(on.year, 12, 31), kind="css")
            return Said(True, (*written, year))
        return Said(True, tuple(written))


def _ended(right: Right, on: date) -> Right:
    """A ground that ended yesterday; a scheme goes on."""
    if right.right != "exemption" or right.valid_from >= on:
        return right
    return replace(right, ends_on=on - timedelta(days=1))
