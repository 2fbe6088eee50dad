"""The worker's day: free times, letters, calendars, then a rest; until somebody says stop."""

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
from soutien.doors.couriers.deliver import Stopped, goes_on
from soutien.doors.couriers.message import MAIL, Courier
from soutien.doors.environment import SettingError
from soutien.doors.freed_slots import FreedSlots
from soutien.doors.jobs.running import run_due
from soutien.registers.outbox import queries as outbox

log = logging.getLogger(__name__)
_freed_slots = FreedSlots()


def checked_couriers() -> dict[str, Courier]:
    """The couriers of the settings. Raises SettingError when no mail can leave."""
    found = deliver.couriers()
    if MAIL not in found:
        raise SettingError(
            "No mail can leave: set SOUTIEN_SMTP to the mail server, for example "
            "smtp://USER:PASSWORD@HOST:587. Letters wait in the outbox until then."
        )
    return found


def one_turn(
    by_channel: Mapping[str, Courier], *, with_jobs: bool = True, stopped: Stopped = goes_on
) -> deliver.Round:
    """Offer what is free to who waits, deliver all that is due, read the calendars due.

    ``with_jobs`` runs what is due by the clock too, for an installation without a scheduler.
    """
    if with_jobs:
        run_due()
    offer_freed_times()
    whole = deliver.Round()
    while not stopped():
        done = deliver.deliver_due(by_channel, stopped=stopped)
        whole = deliver.together(whole, done)
        if done.seen < deliver.AT_ONCE:
            break
    if not stopped():
        calendars.read_due()
    return whole


def offer_freed_times() -> None:
    """A round of the waiting list; letters leave even when it goes wrong."""
    try:
        _freed_slots.round(timezone.now())
    except DatabaseError:
        raise
    except Exception:
        log.exception("The waiting list was not served; the next turn looks everywhere.")


def work(
    *,
    once: bool,
    every: float,
    with_parent: bool,
    tell: Callable[[str], None],
    with_jobs: bool = True,
) -> int:
    """Work until stopped, or one turn. With ``with_parent``, no longer than who started it.

    Told to stop, it ends the message at hand, gives back the letters it has, and leaves.
    """
    by_channel = checked_couriers()
    if once:
        deliver.take_up_what_is_known_now(timezone.now())
        done = one_turn(by_channel, with_jobs=with_jobs)
        tell(
            f"{done.delivered} delivered, {done.sent} sent, {done.failed} to try again, "
            f"{len(done.parked)} parked."
        )
        return 1 if done.parked or done.failed else 0
    stop, known = stopped_by_signals(), False
    parent = os.getppid()
    while not stop.is_set():
        started = time.monotonic()
        try:
            close_old_connections()
            if not known:
                deliver.take_up_what_is_known_now(timezone.now())
                known = True
            one_turn(by_channel, with_jobs=with_jobs, stopped=stop.is_set)
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


def stopped_by_signals() -> threading.Event:
    """Set by SIGTERM or SIGINT, for who goes on until then."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
