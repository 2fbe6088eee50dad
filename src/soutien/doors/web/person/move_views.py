"""Moving an appointment: the free times of the same psychologist, then a last look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from soutien.doors.days import When, when
from soutien.doors.web.components.days import full_day, local
from soutien.doors.web.person.appointment_views import opened, refuse_what_is_over
from soutien.doors.web.person.booking_views import person_or_nobody
from soutien.doors.web.person.refused import told_gently
from soutien.doors.web.person.words import (
    address_of,
    kind_in_words,
    language,
    minutes_between,
    phone_in_words,
)
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.queries import Slot
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.models import PracticePlace
from soutien.steps.errors import Refusal
from soutien.steps.move import move_booking
from soutien.steps.views import BookingView

DAYS_AHEAD = timedelta(days=92)
DAYS_SHOWN = 7
# No agenda is open further: a time beyond is not one of ours.
FURTHEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class OtherTime:
    """A free time to move to, as a button."""

    when: When
    href: str


@dataclass(frozen=True, slots=True)
class DayTimes:
    """The free times of one day."""

    day: str
    times: list[OtherTime]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Choose another free time of the same psychologist; a last look; then the seat follows."""
    view, now = opened(request, token), timezone.now()
    refuse_what_is_over(view)
    wanted = _wanted(request, now)
    if wanted is None:
        return _choose(request, token, view, now)
    place_id, starts_at = wanted
    if (place_id, starts_at) == (view.place_id, view.starts_at):
        return redirect("booking", token=token)
    if request.method == "POST":
        try:
            move_booking(
                actor=person_or_nobody(request),
                booking_id=view.public_id,
                place_id=place_id,
                starts_at=starts_at,
                at=now,
            )
        except Refusal as refusal:
            return _choose(request, token, view, now, refusal)
        return redirect("booking", token=token)
    found = [slot for slot in _free(view, now) if (slot.place_id, slot.starts_at) == wanted]
    place = directory.place(place_id)
    if not found or place is None:
        return _choose(request, token, view, now, Refusal("slot_not_open"))
    return _check(request, token, view, found[0], place)


def _wanted(request: HttpRequest, now: datetime) -> tuple[int, datetime] | None:
    """The time in the address or in the form; None when it is not one."""
    told = request.POST if request.method == "POST" else request.GET
    place = told.get("place", "")
    try:
        starts_at = datetime.fromisoformat(told.get("starts", ""))
    except ValueError:
        return None
    if starts_at.tzinfo is None or abs(starts_at - now) > FURTHEST:
        return None
    if not (place.isdecimal() and place.isascii()):
        return None
    return int(place), starts_at


def _free(view: BookingView, now: datetime) -> list[Slot]:
    """Where the appointment may go: as if its own time were free."""
    found = agenda.free_slots(
        [view.psychologist_id],
        since=now,
        until=now + DAYS_AHEAD,
        kind=view.kind,
        now=now,
        modality=view.modality,
        leaving_out=view.booking_id,
    )
    same = (view.place_id, view.starts_at)
    slots = found[view.psychologist_id]
    return [slot for slot in slots if (slot.place_id, slot.starts_at) != same]


def _times(token: str, slots: Iterable[Slot]) -> list[OtherTime]:
    page = reverse("booking_move", args=[token])
    return [
        OtherTime(
            when(slot.starts_at, slot.time_zone),
            f"{page}?"
            + urlencode({"place": slot.place_id, "starts": f"{slot.starts_at:%Y-%m-%dT%H:%MZ}"}),
        )
        for slot in slots
    ]


def _choose(
    request: HttpRequest,
    token: str,
    view: BookingView,
    now: datetime,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The free times by day, some days at a time; on top, why another one was not had."""
    by_day: dict[date, list[Slot]] = {}
    for slot in _free(view, now):
        by_day.setdefault(local(slot.starts_at, slot.time_zone).date(), []).append(slot)
    since = request.GET.get("depuis", "")
    found = [day for day in by_day if f"{day}" >= since]
    # A day too far in the address shows the first ones again, never an empty page.
    shown = found or list(by_day)
    context = {
        "booking": view,
        "token": token,
        "when": when(view.starts_at, view.time_zone),
        "held_how": kind_in_words(view.kind, view.modality),
        "phone_in_words": phone_in_words(view.psychologist_phone),
        "days": [
            DayTimes(full_day(day, year=False), _times(token, by_day[day]))
            for day in shown[:DAYS_SHOWN]
        ],
        "more_address": f"?depuis={shown[DAYS_SHOWN]}" if len(shown) > DAYS_SHOWN else "",
        "sentence": refusal.sentence(language()) if refusal else "",
        "remedy": refusal.remedy(language()) if refusal else "",
        "nearest": _times(token, refusal.context.get("nearest", ())) if refusal else [],
    }
    status = refusal.http_status if refusal else 200
    return render(request, "soutien/person/move.html", context, status=status)


def _other_year(view: BookingView, slot: Slot) -> int | None:
    """The civil year the session moves to, when it is another one."""
    year = local(slot.starts_at, slot.time_zone).year
    return None if year == view.civil_day.year else year


def _check(
    request: HttpRequest, token: str, view: BookingView, slot: Slot, place: PracticePlace
) -> HttpResponse:
    """From when to when, asked once."""
    context = {
        "booking": view,
        "token": token,
        "slot": slot,
        "before": when(view.starts_at, view.time_zone),
        "after": when(slot.starts_at, slot.time_zone),
        "held_how": kind_in_words(view.kind, view.modality),
        "minutes": minutes_between(slot.starts_at, slot.ends_at),
        "address": address_of(place),
        "elsewhere": slot.place_id != view.place_id,
        "place_label": place.label,
        "other_year": _other_year(view, slot),
    }
    return render(request, "soutien/person/move_check.html", context)
