"""The application for the twins: the same pages, with protections taken away or a clock put back.

SOUTIEN_PROOF_WITHOUT names what is taken away (``queue``, ``year``, ``booking``, ``letters``);
SOUTIEN_PROOF_LATE_SECONDS is how far this process's clock runs behind. Served by granian beside
the product's own processes; never part of the product.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from soutien.doors.wsgi import application as application
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.steps import book

LATE = timedelta(seconds=int(os.environ.get("SOUTIEN_PROOF_LATE_SECONDS", "0")))
WITHOUT = set(filter(None, os.environ.get("SOUTIEN_PROOF_WITHOUT", "").split(",")))

SLOW_SECONDS = 0.03
# Between an act and its letter, when the letter is left outside its transaction.
AFTER_SECONDS = 0.15

_right_now = timezone.now
_announce = book.announce


def _late_now() -> datetime:
    return _right_now() - LATE


def _nobody_waits(psychologist_id: int, person_id: int | None) -> list[Any]:
    """Writers of one agenda no longer queue."""
    return []


def _read_only(booking_id: int) -> Booking:
    """The booking, read and not locked."""
    return Booking.objects.get(pk=booking_id)


def _written_slowly(kind: str, **values: Any) -> None:
    """The last line of a step, on a slow disk: others have time to count before it commits."""
    _announce(kind, **values)
    time.sleep(SLOW_SECONDS)


def _after_the_act(kind: str, **values: Any) -> None:
    """The letter is left once the act is done, as if the outbox were another system."""

    def leave() -> None:
        time.sleep(AFTER_SECONDS)
        _announce(kind, **values)

    transaction.on_commit(leave)


if LATE:
    timezone.now = _late_now
if "queue" in WITHOUT:
    agenda._turns = _nobody_waits
if "year" in WITHOUT:
    care.lock_year = care.year_of
    book.announce = _written_slowly
if "letters" in WITHOUT:
    book.announce = _after_the_act
if "booking" in WITHOUT:
    agenda.lock = _read_only
