"""How often one place may ask for what: one table, by route, for all processes together.

Generous, since a whole town hall or clinic may share one address, and a phone that is slow asks
twice. What only reads is counted by tens: each process tells the database after ten, so that a
search does not wait for a write. What writes is counted one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from soutien.doors.days import clock
from soutien.doors.limits import Limit, address_of
from soutien.doors.web.limits import too_often
from soutien.registers.limits import queries as limits
from soutien.steps.errors import Refusal

TEN_MINUTES, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)
READ, WRITE = ("GET", "HEAD"), ("POST",)
# Told to the database after so many.
TOGETHER = 10
# Places remembered by one process, between two tellings.
PLACES_MOST = 20_000

SEARCHES = Limit("search.place", 600, TEN_MINUTES)
SEARCHES_A_DAY = Limit("search.place.day", 8_000, DAY)
HOLDS = Limit("hold.place", 120, HOUR)
REPORTS = Limit("report.place", 30, HOUR)
REQUESTS = Limit("request.place", 40, HOUR)
JOINS = Limit("waiting.place", 40, HOUR)
LETTERS = Limit("letter.place", 60, HOUR)
PRINTS = Limit("letter.print", 240, HOUR)
CODES = Limit("letter.code", 60, HOUR)
LINKS = Limit("link.guess", 600, TEN_MINUTES)


class Rate(NamedTuple):
    """What is counted when a route is asked by one of these methods."""

    methods: tuple[str, ...]
    limits: tuple[Limit, ...]


_READING = Rate(READ, (SEARCHES, SEARCHES_A_DAY))
_FOLLOWING = Rate(("GET", "HEAD", "POST"), (LINKS,))
RATES: Mapping[str, tuple[Rate, ...]] = {
    "find": (_READING,),
    "psychologist": (_READING,),
    "town_search": (_READING,),
    "book_slot": (_READING, Rate(WRITE, (HOLDS,))),
    "report_availability": (_READING, Rate(WRITE, (REPORTS,))),
    "call_back": (_READING, Rate(WRITE, (REQUESTS,))),
    "join_around": (Rate(WRITE, (JOINS,)),),
    "join_for_one": (_READING, Rate(WRITE, (JOINS,))),
    "doctor_letter": (Rate(WRITE, (LETTERS,)),),
    "doctor_letter_pdf": (Rate(WRITE, (PRINTS,)),),
    "visit_writings": (Rate(WRITE, (CODES,)),),
    # Nobody finds an address that cannot be guessed by trying.
    **dict.fromkeys(
        (
            *("booking", "booking_calendar", "booking_cancel", "booking_move"),
            *("waiting_place", "waiting_offer", "waiting_request", "confirm_entry"),
            *("open_link", "join_finish", "open_own_space", "confirm_email", "reset_password"),
            *("open_recovery", "finish_recovery", "stop_recovery", "questionnaire"),
            *("booking_consents", "consent_link", "consent_paper"),
        ),
        (_FOLLOWING,),
    ),
}


class Tally:
    """Reads of this process that the database was not told of yet, and who must wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._untold: dict[tuple[str, str, datetime], int] = {}
        self._over: dict[tuple[str, str, datetime], datetime] = {}

    def spend(self, limit: Limit, who: str, *, at: datetime) -> None:
        """Count a read. Raises Refusal(too_often) when there were too many."""
        began_at, ends_at = limits.stretch(limit.period, at)
        key = (limit.name, _key(limit, who), began_at)
        with self._lock:
            if key in self._over:
                raise _refusal(ends_at, at)
            self._untold[key] = tries = self._untold.get(key, 0) + 1
            if tries < TOGETHER:
                return
            del self._untold[key]
            self._forget_past(at)
        told = limits.count(limit.name, key[1], period=limit.period, at=at, tries=tries)
        if told > limit.most * settings.RATES_TIMES:
            with self._lock:
                self._over[key] = ends_at
            raise _refusal(ends_at, at)

    def _forget_past(self, at: datetime) -> None:
        for kept in (self._untold, self._over):
            if len(kept) > PLACES_MOST:
                kept.clear()
        for key in [key for key, ends_at in self._over.items() if ends_at <= at]:
            del self._over[key]


tally = Tally()


class Rates:
    """Refuses, kindly and with the time to come back, what one place asks too often."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        route = request.resolver_match.url_name if request.resolver_match else None
        rates = RATES.get(route or "", ())
        if not rates or not settings.RATES_TIMES:
            return None
        at, who = timezone.now(), address_of(request)
        try:
            for rate in rates:
                if request.method in rate.methods:
                    for limit in rate.limits:
                        _spend(request, limit, who, at)
        except Refusal as refusal:
            return too_often(request, refusal)
        return None


def _spend(request: HttpRequest, limit: Limit, who: str, at: datetime) -> None:
    if request.method in READ:
        tally.spend(limit, who, at=at)
        return
    told = limits.count(limit.name, _key(limit, who), period=limit.period, at=at)
    if told > limit.most * settings.RATES_TIMES:
        raise _refusal(limits.stretch(limit.period, at)[1], at)


def _refusal(ends_at: datetime, at: datetime) -> Refusal:
    seconds = int((ends_at - at).total_seconds()) + 1
    whole = ends_at.replace(second=0, microsecond=0)
    again = whole if whole == ends_at else whole + timedelta(minutes=1)
    return Refusal("asked_too_often", again=clock(again), seconds=seconds)


def _key(limit: Limit, who: str) -> str:
    return salted_hmac(f"soutien.rates.{limit.name}", who, algorithm="sha256").hexdigest()
