"""What searches need, read by each web process when it starts and not by whoever asks first.

Page by page of agendas, in a thread of its own: meanwhile the process answers, and a search
waits for one page at most.
"""

from __future__ import annotations

import gc
import logging
import sqlite3
import threading
import time

from django.db import DatabaseError, connection
from django.utils import timezone

from soutien.steps import projection

log = logging.getLogger(__name__)
# About 20 ms of work, during which searches wait.
PLACES_AT_ONCE = 50


def warm(seconds: float) -> tuple[int, int]:
    """Derive agendas for so long at most: at how many places, of how many there are."""
    ends = time.monotonic() + seconds
    today = timezone.localdate()
    places = projection.places_to_warm(today)
    known = 0
    while known < len(places) and time.monotonic() < ends:
        some = places[known : known + PLACES_AT_ONCE]
        projection.warm(some, on=today, at=timezone.now())
        known += len(some)
    # All this stays: looking through it again and again for garbage would only cost pauses.
    gc.collect()
    gc.freeze()
    return known, len(places)


def _run(seconds: float) -> None:
    try:
        known, places = warm(seconds)
        log.info("Agendas of %d places of %d are ready for searches.", known, places)
    except (DatabaseError, sqlite3.Error, OSError) as error:
        # The first searches then do what is left, or say what is wrong.
        log.warning("Agendas could not be read ahead: %s", error)
    finally:
        connection.close()


def start_warming(seconds: float) -> threading.Thread | None:
    """Begin in the background; not at all for 0 seconds."""
    if seconds <= 0:
        return None
    thread = threading.Thread(target=_run, args=(seconds,), name="warming", daemon=True)
    thread.start()
    return thread
