"""The lines of a plan: what is chosen, what is proposed, and why a time is not free.

A part of steps, shared by those who propose a plan and book it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import Agenda, is_open
from soutien.registers.agenda.public_holidays import department_of, public_holidays
from soutien.registers.agenda.queries import Slot
from soutien.registers.psychologists.models import PracticePlace
from soutien.steps.errors import Refusal
from soutien.steps.views import EndingRight


@dataclass(frozen=True, slots=True)
class Chosen:
    """One session of a plan to book."""

    place_id: int
    starts_at: datetime
    kind: str
    modality: str


@dataclass(frozen=True, slots=True)
class Line:
    """One week of a proposal: its time, or why it has none.

    ``because`` is told in both languages: without a slot, why the session cannot be; with one,
    why it is not at the day and hour wished. ``rights_ended`` are rights of today that will have
    ended by then: a warning, the session may be booked.
    """

    wished_on: date
    kind: str
    modality: str
    slot: Slot | None = None
    because: Refusal | None = None
    rights_ended: tuple[EndingRight, ...] = ()

    @property
    def chosen(self) -> Chosen | None:
        """What to book of it, if anything."""
        if self.slot is None:
            return None
        return Chosen(self.slot.place_id, self.slot.starts_at, self.kind, self.modality)


@dataclass(frozen=True, slots=True)
class Plan:
    """The lines of a proposal, in order of their weeks."""

    lines: tuple[Line, ...]

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """What to book of it."""
        return tuple(line.chosen for line in self.lines if line.chosen)


def why_at(
    of: Agenda,
    place: PracticePlace,
    second: int | None,
    day: date,
    kind: str,
    at: datetime,
    *,
    own: bool,
) -> Refusal:
    """Why a time is not free: closed, taken, or not for this booking."""
    one_minute = int(timedelta(minutes=1).total_seconds())
    if second is None or not is_open(
        of, place.pk, second, second + one_minute, place.time_zone, public_holidays
    ):
        holidays = public_holidays(department_of(place.insee), day.year)
        return Refusal("line_holiday" if day.toordinal() in holidays else "line_closed", day=day)
    first, last = of.limits.reach(at)
    moment = datetime.fromtimestamp(second, UTC)
    if moment < (at if own else first):
        return Refusal("line_too_soon", day=day)
    if moment >= last and not own:
        return Refusal("line_too_far", day=day)
    kept = agenda.free_at(
        of, place_id=place.pk, starts_at=moment, kind=kind, modality="", now=None
    )
    lasts = max((o.appointment_minutes for o in of.openings if o.place_id == place.pk), default=1)
    taken = of.busy.overlaps(second, second + lasts * one_minute)
    code = "line_busy" if taken else "line_kept" if kept and not own else "line_closed"
    return Refusal(code, day=day)
