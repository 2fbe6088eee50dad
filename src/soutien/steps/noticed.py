"""What stands beside claims, gathered for the rule that says what deserves a second look.

A part of steps; nothing here asks who may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from soutien.registers.agenda.public_holidays import department_of, public_holidays
from soutien.registers.claims import beside
from soutien.registers.claims.beside import Decided
from soutien.rules.anomalies import Anomaly, Around, Told, anomalies, in_words
from soutien.rules.codes import Kind, Modality, word
from soutien.rules.life import Cause
from soutien.steps import gather

EVALUATION, REMOTE = word(Kind.EVALUATION), word(Modality.REMOTE)
TAKEN_BACK = word(Cause.CANCELLED)
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Noticed:
    """A claim with what deserves a second look, and what it was read from."""

    row: Decided
    found: Anomaly
    around: Around

    def told(self, lang: str) -> list[Told]:
        """In words."""
        return in_words(self.found, self.around, gather.terms_on(self.row.held_on), lang)


class _Beside(NamedTuple):
    """What is counted once for many claims."""

    people: Counter[tuple[int, date]]
    twins: Counter[tuple[int, int, date, str]]
    years: Counter[tuple[int, int]]
    days: Counter[tuple[int, date, bool]]
    remote: Counter[tuple[int, int]]
    held: Counter[tuple[int, int]]


def noticed(rows: Sequence[Decided]) -> list[Noticed]:
    """Those of these claims that deserve a second look, in their order; few questions for all.

    What was taken back is nobody's any more.
    """
    rows = [row for row in rows if row.cause != TAKEN_BACK]
    if not rows:
        return []
    around = _beside(rows)
    found = (_noticed(row, around) for row in rows)
    return [one for one in found if one.found]


def _noticed(row: Decided, beside_it: _Beside) -> Noticed:
    year, mine = row.held_on.year, int(row.accepted)
    who = (row.person_id, row.held_on)
    twin = (row.person_id, row.psychologist_id, row.held_on, row.kind)
    around = Around(
        accepted=mine,
        evaluation=int(row.kind == EVALUATION),
        remote=int(row.modality == REMOTE),
        price_cents=row.price_cents,
        same_day=beside_it.people[who] - mine,
        twins=beside_it.twins[twin] - 1,
        paid_in_year=beside_it.years[row.person_id, year],
        uncapped=int(row.accepted and row.sessions_left is None),
        evaluations_that_day=beside_it.days[row.psychologist_id, row.held_on, True],
        follow_ups_that_day=beside_it.days[row.psychologist_id, row.held_on, False],
        remote_in_year=beside_it.remote[row.psychologist_id, year],
        held_in_year=beside_it.held[row.psychologist_id, year],
        closed=int(_closed(row)),
    )
    return Noticed(row, anomalies(around, gather.terms_on(row.held_on)), around)


def _beside(rows: Iterable[Decided]) -> _Beside:
    """All counts, from the first of January of the first year to the last of December."""
    rows = list(rows)
    since = date(min(row.held_on.year for row in rows), 1, 1)
    before = date(max(row.held_on.year for row in rows) + 1, 1, 1)
    counted = _Beside(Counter(), Counter(), Counter(), Counter(), Counter(), Counter())
    for one in beside.of_people({row.person_id for row in rows}, since, before):
        if one.cause == TAKEN_BACK:
            continue
        counted.twins[one.person_id, one.psychologist_id, one.held_on, one.kind] += 1
        if one.accepted:
            counted.people[one.person_id, one.held_on] += 1
            counted.years[one.person_id, one.held_on.year] += 1
    for day in beside.days_of({row.psychologist_id for row in rows}, since, before):
        year = (day.psychologist_id, day.held_on.year)
        counted.days[day.psychologist_id, day.held_on, day.kind == EVALUATION] += day.number
        counted.held[year] += day.number
        if day.modality == REMOTE:
            counted.remote[year] += day.number
    return counted


def _closed(row: Decided) -> bool:
    holidays = public_holidays(department_of(row.insee), row.held_on.year)
    return row.held_on.weekday() == SUNDAY or row.held_on.toordinal() in holidays
