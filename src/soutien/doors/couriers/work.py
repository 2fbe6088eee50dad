"""The courier's day: letters, then calendars, then a rest; until somebody says stop."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from soutien.doors.couriers import calendars, deliver
from soutien.doors.couriers.confirmations import Confirmations
from soutien.doors.couriers.message import MAIL, Courier
from soutien.doors.couriers.tidying import Tidying
from soutien.doors.environment import SettingError
from soutien.doors.freed_slots import FreedSlots
from soutien.registers.outbox import queries as outbox

log = logging.getLogger(__name__)
_confirmations = Confirmations()
_freed_slots = FreedSlots()
_tidying = Tidying()


def checked_couriers() -> dict[str, Courier]:
    """The couriers of the settings. Raises SettingError when no mail can leave."""
    found = deliver.couriers()
    if MAIL not in found:
        raise SettingError(
            "No mail can leave: set SOUTIEN_SMTP to the mail server, for example "
            "smtp://USER:PASSWORD@HOST:587. Letters wait in the outbox until then."
        )
    return found


def one_turn(by_channel: Mapping[str, Courier]) -> deliver.Round:
    """Offer what is free to who waits, deliver all that is due, read the calendars due."""
    _confirmations.plan(timezone.now())
    offer_freed_times()
    whole = deliver.Round()
    while True:
        done = deliver.deliver_due(by_channel)
        whole = deliver.together(whole, done)
        if done.seen < deliver.AT_ONCE:
            break
    calendars.read_due()
    _tidying.tidy(timezone.now())
    return whole


def offer_freed_times() -> None:
    """A round of the waiting list; letters leave even when it goes wrong."""
    try:
        _freed_slots.round(timezone.now())
    except DatabaseError:
        raise
    except Exception:
        log.exception("The waiting list was not served; the next turn looks everywhere.")


def work(*, once: bool, every: float, with_parent: bool, tell: Callable[[str], None]) -> int:
    """Work until stopped, or one turn. With ``with_parent``, no longer than who started it."""
    by_channel = checked_couriers()
    deliver.take_up_what_is_known_now(timezone.now())
    if once:
        done = one_turn(by_channel)
        tell(
            f"{done.delivered} delivered, {done.sent} sent, {done.failed} to try again, "
            f"{len(done.parked)} parked."
        )
        return 1 if done.parked or done.failed else 0
    stop = _stopped_by_signals()
    parent = os.getppid()
    while not stop.is_set():
        started = time.monotonic()
        try:
            close_old_connections()
            one_turn(by_channel)
        except Exception:
            # A database restarted, a mistake of ours: what was begun is seen by the next turn.
            log.exception("This turn was not finished; the courier goes on with the next.")
        if with_parent and os.getppid() != parent:
            break
        stop.wait(max(0.0, every - (time.monotonic() - started)))
    return 0


def parked_lines() -> list[str]:
    """What is parked, one line each: number, kind, since when, why."""
    return [
        f"{letter.pk}  {letter.kind}  {letter.about}  {letter.parked_at:%Y-%m-%d %H:%M}Z  "
        f"{letter.trouble}"
        for letter in outbox.parked()
    ]


def again(letter_ids: list[int] | None) -> int:
    """Let parked letters be tried again, those given or all; how many."""
    return outbox.unpark(at=timezone.now(), letter_ids=letter_ids)


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
