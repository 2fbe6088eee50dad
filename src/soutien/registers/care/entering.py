"""Sessions and seats that come by the thousand, written together."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from soutien.bulk import Rows
from soutien.registers.care.models import CareSession, Seat


class NewSession(NamedTuple):
    """A session that a paper sheet says was held; it had no appointment here."""

    id: int
    person_id: int
    psychologist_id: int
    place_id: int
    held_on: date
    kind: str
    modality: str
    price_cents: int
    linked_to: str
    prescribed: bool
    recorded_at: datetime


class NewSeat(NamedTuple):
    """A seat that a paid session uses; ``cap`` None where the law sets none."""

    year_id: int
    number: int
    cap: int | None
    kind: str
    used: bool
    care_session_id: int


SESSIONS: Rows[NewSession] = Rows(CareSession, NewSession)
SEATS: Rows[NewSeat] = Rows(Seat, NewSeat)
