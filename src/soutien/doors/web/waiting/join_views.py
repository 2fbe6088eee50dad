"""Entering the waiting list, and one's own place in it."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from soutien.doors.days import local, when
from soutien.doors.waiting_links import OFFER, WAIT, public_id_of, waiting_path
from soutien.doors.web.person.booking_views import known_person, person_or_nobody
from soutien.doors.web.person.refused import told_gently
from soutien.doors.web.public.meant_places import Meant, meant_place
from soutien.doors.web.public.search_form import read_search
from soutien.doors.web.sent_twice import done_once
from soutien.doors.web.waiting.forms import JoinAroundForm, JoinForm
from soutien.doors.web.waiting.words import (
    booking_address,
    doors,
    wishes_in_words,
)
from soutien.steps import wait as steps
from soutien.steps.errors import Refusal
from soutien.steps.find import Card, Page, find_psychologists, psychologist_page

FORM_WRONG = 422
BROWSER = "browser"
FREE_SHOWN = 3
# What the form reads of a search's address, by the same names.
CARRIED = (
    *("place", "radius", "public", "follow_ups", "language", "since", "step_free"),
    "third_party",
)


def browser_of(request: HttpRequest) -> str:
    """A digest that tells this browser from others, and leads back to nobody."""
    if BROWSER not in request.session:
        request.session[BROWSER] = token_urlsafe(32)
    return sha256(str(request.session[BROWSER]).encode()).hexdigest()


def known_contact(request: HttpRequest) -> dict[str, Any]:
    """What we know of the person who asks, to fill the form in."""
    person = known_person(request)
    if person is None:
        return {}
    return {
        "called": person.given_name,
        "email": person.email,
        "phone": person.phone,
        "discreet": person.discreet,
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def join_around(request: HttpRequest) -> HttpResponse:
    """Wait around a place, with the wishes of the search it comes from."""
    now = timezone.now()
    today = timezone.localdate(now)
    if request.method == "POST":
        form = JoinAroundForm(request.POST, today=today)
        meant = _meant(request, form) if form.is_valid() else None
        if form.is_valid() and meant is not None:
            around = steps.Around(meant.position, int(form.cleaned_data["radius"]), meant.label)
            return _joined(request, form, now, around=around)
        return _join_page(request, form, status=FORM_WRONG)
    carried = {name: request.GET[name] for name in CARRIED if name in request.GET}
    form = JoinAroundForm(
        initial=known_contact(request) | carried | {"when": request.GET.getlist("when")},
        today=today,
    )
    meant = _place_meant(request, request.GET.get("place", ""))
    free = _free_around(request, meant, now) if meant else []
    if free:
        form.initial["before"] = free[0]["day"].isoformat()
    return _join_page(request, form, free=free)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def join_for_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Wait for one psychologist."""
    now = timezone.now()
    page = psychologist_page(public_id=public_id, at=now)
    if not page.card.accepts_new_patients:
        raise Refusal("no_new_patients")
    today = timezone.localdate(now)
    if request.method == "POST":
        form = JoinForm(request.POST, today=today)
        if form.is_valid():
            return _joined(request, form, now, psychologist_id=public_id)
        return _join_page(request, form, page=page, status=FORM_WRONG)
    form = JoinForm(initial=known_contact(request), today=today)
    free = _free_times([page.card]) if page.days else []
    if free:
        form.initial["before"] = free[0]["day"].isoformat()
    return _join_page(request, form, page=page, free=free)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def place(request: HttpRequest, token: str) -> HttpResponse:
    """One's own place in the queue: since when, for what, and how to leave it."""
    wait_id = public_id_of(WAIT, token)
    if wait_id is None:
        raise Refusal("not_found")
    now, actor = timezone.now(), person_or_nobody(request)
    if request.method == "POST":
        if "leave" in request.POST:
            steps.leave_waiting_list(actor=actor, wait_id=wait_id, at=now)
        elif "keep" in request.POST:
            steps.keep_waiting(actor=actor, wait_id=wait_id, at=now)
        return redirect(request.path)
    view = steps.open_wait(actor=actor, wait_id=wait_id, at=now)
    context = {
        "wait": view,
        "since": timezone.localdate(view.joined_at),
        "wishes": wishes_in_words(view.wishes, view.before),
        "offer": waiting_path(OFFER, view.open_offer) if view.open_offer else "",
        "leaving": "quitter" in request.GET,
        "doors": doors(view.alternatives),
        "active": view.status in ("waiting", "asked"),
    }
    return render(request, "soutien/waiting/place.html", context)


def _joined(
    request: HttpRequest,
    form: JoinForm,
    now: datetime,
    *,
    around: steps.Around | None = None,
    psychologist_id: UUID | None = None,
) -> HttpResponse:
    """Enter the queue and show the place in it."""

    def join() -> str:
        wait = steps.join_waiting_list(
            actor=person_or_nobody(request),
            contact=form.contact(),
            need=form.cleaned_data["need"],
            at=now,
            around=around,
            psychologist_id=psychologist_id,
            wishes=form.wishes(),
            before=form.cleaned_data["before"],
            browser=browser_of(request),
        )
        return str(wait.public_id)

    return redirect(waiting_path(WAIT, UUID(done_once(request, join, at=now))))


def _meant(request: HttpRequest, form: JoinAroundForm) -> Meant | None:
    """Where the place of the form is; told at the field when nothing comes near."""
    meant = _place_meant(request, form.cleaned_data["place"])
    if meant is None:
        form.add_error("place", _("Nous ne trouvons pas ce lieu. Essayez le code postal."))
    return meant


def _place_meant(request: HttpRequest, text: str) -> Meant | None:
    told = request.POST if request.method == "POST" else request.GET
    return meant_place(text, insee=told.get("town", "")) if text.strip() else None


def _free_around(request: HttpRequest, meant: Meant, now: datetime) -> list[dict[str, Any]]:
    """The first free times that suit already: nobody needs to wait for those."""
    search, _notes = read_search(request.GET, timezone.localdate(now))
    if not search.is_valid():
        return []
    results = find_psychologists(
        near=meant.position,
        radius_km=search.radius_km(),
        wishes=search.wishes(),
        at=now,
        order="earliest",
        page_size=FREE_SHOWN,
    )
    return [] if results.widened_to_km else _free_times(results.cards)


def _free_times(cards: list[Card]) -> list[dict[str, Any]]:
    """The next free time of each, with where booking it starts."""
    times = [
        {
            "day": _day_of(card),
            "when": when(card.slots[0].starts_at, card.slots[0].time_zone),
            "name": f"{card.given_name} {card.family_name}",
            "href": booking_address(card.public_id, card.place_id, card.slots[0].starts_at),
        }
        for card in cards
        if card.slots
    ]
    return sorted(times, key=lambda time: str(time["day"]))


def _day_of(card: Card) -> date:
    slot = card.slots[0]
    return local(slot.starts_at, slot.time_zone).date()


def _join_page(
    request: HttpRequest,
    form: JoinForm,
    *,
    page: Page | None = None,
    free: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    told = request.POST if request.method == "POST" else request.GET
    context = {
        "form": form,
        "name": f"{page.card.given_name} {page.card.family_name}" if page else "",
        "page_of_one": page.card.public_id if page else None,
        "free": free or [],
        "town_code": told.get("town", ""),
        "details_open": isinstance(form, JoinAroundForm) and form.details_in_use(),
    }
    return render(request, "soutien/waiting/join.html", context, status=status)
