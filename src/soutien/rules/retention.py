"""How long each kind of data is kept, and on which day it may go. Days are civil days."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import NamedTuple

from soutien.rules.calendar import add_months, add_years

CHILD_UNTIL_YEARS, GROWN_FOR_YEARS = 18, 10


class Kept(NamedTuple):
    """One kind: how long, from when, on whose word. ``least`` months are never gone under."""

    kind: str
    months: int
    days: int
    least: int
    setting: str
    source: str
    counted_from: Mapping[str, str]
    title: Mapping[str, str]
    why: str

    def term(self, chosen: Mapping[str, int]) -> int:
        """The months that hold here: what the operator chose, never less than the least."""
        return max(chosen.get(self.kind, self.months), self.least)

    def ended_before(self, day: int, chosen: Mapping[str, int]) -> int:
        """Today, the day before which a thing must have ended to go."""
        return add_months(day, -self.term(chosen)) - self.days


def _read() -> Mapping[str, Kept]:
    data = tomllib.loads((files("soutien.rules") / "retention.toml").read_text("utf-8"))
    return {
        kind: Kept(
            kind=kind,
            months=told.get("months", 0),
            days=told.get("days", 0),
            least=told.get("least", 0),
            setting=told.get("setting", ""),
            source=told["source"],
            counted_from={"fr": told["from_fr"], "en": told["from_en"]},
            title={"fr": told["title_fr"], "en": told["title_en"]},
            why=told["why"],
        )
        for kind, told in data.items()
    }


KEPT: Mapping[str, Kept] = _read()


def care_goes_on(last_held_on: int, born_on: int, months: int) -> int:
    """The first day on which somebody's sessions and claims may go.

    Whoever was a child at the last session has them until the twenty-eighth birthday at least.
    """
    term = add_months(last_held_on, months)
    if last_held_on >= add_years(born_on, CHILD_UNTIL_YEARS):
        return term
    return max(term, add_years(born_on, CHILD_UNTIL_YEARS + GROWN_FOR_YEARS))
