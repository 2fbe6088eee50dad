"""Booking in three screens: the appointment, who comes, a last look.

A browser keeps one time at most. Each POST may be sent twice: the second answers like the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from soutien.doors.booking_links import token_of
from soutien.doors.web.actors import actor_of, remember_visitor
from soutien.doors.web.components.days import plain_day
from soutien.doors.web.person import drafts
from soutien.doors.web.person.costs import Cost, Planned, cost_of
from soutien.doors.web.person.forms import CHILD, SELF, WhoForm
from soutien.doors.web.person.offers import (
    Asked,
    free_slot,
    not_free,
    offer_of,
    place_of,
    read_asked,
)
from soutien.doors.web.person.refused import refused, told_gently
from soutien.doors.web.person.words import (
    EVALUATION,
    address_of,
    clock_of,
    kind_in_words,
    language,
    phone_in_words,
    when,
)
from soutien.doors.web.public.money_pages import papers_to_bring
from soutien.doors.web.sent_twice import done_before, done_once
from soutien.registers.agenda import queries as agenda
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.psychologists import queries as directory
from soutien.rules.calendar import add_years
from soutien.rules.estimate import Situation
from soutien.steps import book, find, gather, hold, look, wanted
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.errors import Refusal
from soutien.steps.find import Card
from soutien.steps.views import BookingView

FORM_WRONG = 422
DAYS_AHEAD_MAX = 92
# Both doors of the screens: a person keeps a time as themselves, or for somebody else.
MYSELF, SOMEBODY = "me", "somebody"
HELD, CONFIRMED = wanted.HELD, wanted.CONFIRMED


def kept_by(request: HttpRequest, asked: Asked, now: datetime) -> BookingView | None:
    """The booking by which this browser already keeps the very time asked for."""
    public_id = drafts.held(request)
    if public_id is None:
        return None
    try:
        kept = look.open_booking(actor=ANONYMOUS, public_id=public_id, at=now)
    except Refusal:
        drafts.forget_hold(request)
        return None
    same = kept.psychologist_public_id == asked.psychologist and kept.starts_at == asked.starts_at
    live = kept.status == HELD and kept.held_until is not None and kept.held_until > now
    return kept if same and live else None


def known_person(request: HttpRequest) -> Person | None:
    """Who the browser already acts for, when that is a person."""
    actor = actor_of(request)
    if actor.side != "person" or actor.about_person_id is None:
        return None
    return look.open_person(actor=actor, person_id=actor.about_person_id, at=timezone.now())


def person_or_nobody(request: HttpRequest) -> Actor:
    """The person who asks; anybody else opens these pages by their link alone."""
    actor = actor_of(request)
    return actor if actor.side == "person" else ANONYMOUS


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def slot(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """First screen: the time, who, where, how long, what it costs. POST keeps it."""
    now = timezone.now()
    asked = read_asked(request, public_id)
    if asked is None:
        # Half an address: the psychologist's page shows all their times.
        return redirect("psychologist", public_id=public_id)
    ahead = (asked.starts_at - now).days + wanted.AROUND.days
    page = find.psychologist_page(
        public_id=public_id,
        at=now,
        days=max(wanted.AROUND.days, min(ahead, DAYS_AHEAD_MAX)),
        kind=asked.kind,
    )
    card = place_of(page, asked.place)
    if card is None:
        raise Refusal("not_found")
    kept = kept_by(request, asked, now)
    if request.method == "POST":
        return keep(request, asked, card, kept, now)
    free = free_slot(page, asked, card.place_id)
    if free is None and kept is None:
        return refused(
            request,
            not_free(page, asked, now),
            psychologist=public_id,
            kind=asked.kind,
            modality=asked.modality,
        )
    ends_at = kept.ends_at if free is None and kept else free.ends_at if free else asked.starts_at
    on = gather.civil_day(asked.starts_at, card.time_zone)
    known = known_person(request)
    context = {
        "asked": asked,
        "offer": offer_of(card, asked, ends_at, free),
        "cost": cost_of(
            Planned(card.psychologist_id, card.practice, asked.kind, asked.modality, on),
            known.pk if known else None,
        ),
        "terms": gather.terms_on(on),
        "evaluation": asked.kind == EVALUATION,
        "letter_required": bool(gather.terms_on(on).referral_required),
        "papers": papers_to_bring(Situation()),
        "kept_until": kept_until(kept),
        "known": known,
        "myself": MYSELF,
        "somebody": SOMEBODY,
        "psychologist": public_id,
    }
    return render(request, "soutien/person/slot.html", context)


def kept_until(kept: BookingView | None) -> str:
    """« 14:42 », on the clock of the place; empty when nothing is kept."""
    if kept is None or kept.held_until is None:
        return ""
    text = when(kept.held_until, kept.time_zone).clock
    zone = clock_of(kept.held_until, kept.time_zone)
    return f"{text} ({zone})" if zone else text


def keep(
    request: HttpRequest, asked: Asked, card: Card, kept: BookingView | None, now: datetime
) -> HttpResponse:
    """Take the hold, give an earlier one back, and go on to the second screen."""
    actor = person_or_nobody(request)
    if request.POST.get("for") == SOMEBODY:
        actor = ANONYMOUS
    if kept is not None and kept.person_id == actor.about_person_id:
        return redirect("book_who", public_id=kept.public_id)
    give_back(request, now)

    def take() -> str:
        booking = hold.hold_slot(
            actor=actor,
            psychologist_id=card.psychologist_id,
            place_id=card.place_id,
            starts_at=asked.starts_at,
            kind=asked.kind,
            modality=asked.modality,
            at=now,
            holder=drafts.browser_key(request),
        )
        return str(booking.public_id)

    try:
        public_id = UUID(done_once(request, take, at=now))
    except Refusal as refusal:
        return refused(
            request,
            refusal,
            psychologist=asked.psychologist,
            kind=asked.kind,
            modality=asked.modality,
        )
    drafts.keep_hold(request, public_id)
    return redirect("book_who", public_id=public_id)


def give_back(request: HttpRequest, now: datetime) -> None:
    """Free the time this browser kept before: one browser keeps one time."""
    public_id = drafts.held(request)
    if public_id is None:
        return
    drafts.forget_hold(request)
    try:
        earlier = look.open_booking(actor=ANONYMOUS, public_id=public_id, at=now)
        if earlier.status == HELD:
            book.cancel_booking(actor=ANONYMOUS, booking_id=public_id, at=now)
    except Refusal:
        # Gone already, or begun: nothing is kept any more.
        return


def kept_here(request: HttpRequest, public_id: UUID, now: datetime) -> BookingView:
    """The booking of this address, kept by this browser.

    Refuses ``not_found`` to any other browser, and ``slot_taken`` when the time to fill in the
    screens ran out and somebody else took the time.
    """
    if drafts.held(request) != public_id:
        raise Refusal("not_found")
    return look.open_booking(actor=person_or_nobody(request), public_id=public_id, at=now)


def lost(request: HttpRequest, kept: BookingView, now: datetime) -> HttpResponse | None:
    """The page of a time that can no longer be had, with the nearest ones; None when it can."""
    taken = kept.status == "expired" and agenda.taken(kept.psychologist_id, kept.starts_at)
    if kept.status in (HELD, "expired") and not taken and kept.starts_at > now:
        return None
    page = find.psychologist_page(
        public_id=kept.psychologist_public_id, at=now, days=DAYS_AHEAD_MAX, kind=kept.kind
    )
    asked = Asked(kept.psychologist_public_id, "", kept.starts_at, kept.kind, kept.modality)
    return refused(
        request,
        not_free(page, asked, now),
        psychologist=kept.psychologist_public_id,
        kind=kept.kind,
        modality=kept.modality,
    )


def shown(kept: BookingView, now: datetime) -> dict[str, Any]:
    """What the second and third screens say of the appointment."""
    over = kept.held_until is None or kept.held_until <= now or kept.status == "expired"
    return {
        "booking": kept,
        "when": when(kept.starts_at, kept.time_zone),
        "address": address_of(kept),
        "held_how": kind_in_words(kept.kind, kept.modality),
        "kept_until": "" if over else kept_until(kept),
        "hold_over": over,
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def who(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Second screen: who comes. Somebody already known goes straight to the last look."""
    if drafts.booked_here(request, public_id):
        return redirect("booking", token=token_of(public_id))
    now = timezone.now()
    kept = kept_here(request, public_id, now)
    gone = lost(request, kept, now)
    if gone is not None:
        return gone
    if kept.person_id is not None:
        return redirect("book_check", public_id=public_id)
    form = who_form(request, kept)
    if request.method == "POST" and form.is_valid():
        drafts.keep_typed(request, form.typed())
        return redirect("book_check", public_id=public_id)
    status = FORM_WRONG if form.errors else 200
    context = shown(kept, now) | {"form": form}
    return render(request, "soutien/person/who.html", context, status=status)


def who_form(request: HttpRequest, kept: BookingView) -> WhoForm:
    """The form as sent, or filled with what was typed in this browser before."""
    terms = gather.terms_on(kept.civil_day)
    if request.method == "POST":
        return WhoForm(request.POST, on=kept.civil_day, terms=terms)
    typed = drafts.typed(request)
    initial: dict[str, Any] = {}
    if typed is not None:
        initial = {name: getattr(typed, name) for name in typed.__slots__ if name != "for_child"}
        initial["whom"] = CHILD if typed.for_child else SELF
    return WhoForm(initial=initial, on=kept.civil_day, terms=terms)


@dataclass(frozen=True, slots=True)
class Comer:
    """Who comes, read back before it is confirmed."""

    name: str
    born: str
    email: str
    phone: str
    discreet: bool
    for_child: bool
    minor: bool
    known: bool


def comer(request: HttpRequest, kept: BookingView) -> Comer | None:
    """Who comes: the person known already, or what was typed; None when nothing was."""
    terms = gather.terms_on(kept.civil_day)
    if kept.person_id is not None:
        person = people.with_rights(kept.person_id)
        born = date.fromisoformat(person.birth_date)
        return Comer(
            name=f"{person.given_name} {person.family_name}",
            born=plain_day(born),
            email=person.email,
            phone=phone_in_words(person.phone),
            discreet=person.discreet,
            for_child=False,
            minor=is_minor(born, kept.civil_day, terms.majority_age_years),
            known=True,
        )
    typed = drafts.typed(request)
    if typed is None:
        return None
    return Comer(
        name=f"{typed.given_name} {typed.family_name}",
        born=plain_day(typed.birth_date),
        email=typed.email,
        phone=typed.phone,
        discreet=typed.discreet,
        for_child=typed.for_child,
        minor=is_minor(typed.birth_date, kept.civil_day, terms.majority_age_years),
        known=False,
    )


def is_minor(born: date, on: date, majority_age_years: int) -> bool:
    """Whether somebody is a minor on a day."""
    return on.toordinal() < add_years(born.toordinal(), majority_age_years)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Third screen: everything read back. POST books it."""
    if drafts.booked_here(request, public_id):
        return redirect("booking", token=token_of(public_id))
    now = timezone.now()
    if done_before(request, at=now):
        # Booked by this very page, whose answer was lost; its session has another name since.
        return redirect("booking", token=token_of(public_id))
    kept = kept_here(request, public_id, now)
    if kept.status == CONFIRMED:
        return booked(request, kept.public_id, kept.person_id)
    gone = lost(request, kept, now)
    if gone is not None:
        return gone
    coming = comer(request, kept)
    if coming is None:
        return redirect("book_who", public_id=public_id)
    if request.method == "POST":
        return confirm(request, kept, now)
    context = shown(kept, now) | {"comer": coming, "cost": cost_of_kept(kept)}
    return render(request, "soutien/person/check.html", context)


def cost_of_kept(kept: BookingView) -> Cost:
    """What the time kept costs whoever it is kept for."""
    place = directory.place(kept.place_id)
    practice = place.practice if place else ""
    planned = Planned(
        kept.psychologist_id, practice, kept.kind, kept.modality, kept.civil_day, kept.booking_id
    )
    return cost_of(planned, kept.person_id)


def confirm(request: HttpRequest, kept: BookingView, now: datetime) -> HttpResponse:
    """Make it an appointment; the browser then acts as the person, when it knew nobody."""
    typed = drafts.typed(request)
    new = kept.person_id is None

    def make() -> str:
        booking = book.confirm_booking(
            actor=ANONYMOUS if new else person_or_nobody(request),
            booking_id=kept.public_id,
            identity=typed.identity(language()) if new and typed else None,
            at=now,
        )
        return str(booking.person_id)

    try:
        person_id = int(done_once(request, make, at=now))
    except Refusal as refusal:
        return refused(
            request,
            refusal,
            psychologist=kept.psychologist_public_id,
            kind=kept.kind,
            modality=kept.modality,
        )
    return booked(request, kept.public_id, person_id if new else None)


def booked(request: HttpRequest, public_id: UUID, person_id: int | None) -> HttpResponse:
    """The page of the appointment, in a browser that knows who made it."""
    drafts.remember_booked(request, public_id)
    if person_id is not None:
        remember_visitor(request, person_id)
    return redirect("booking", token=token_of(public_id))
