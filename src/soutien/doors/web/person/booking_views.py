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

from soutien.doors.web.actors import actor_of, remember_visitor
from soutien.doors.web.booking_links import token_of
from soutien.doors.web.components.days import plain_day
from soutien.doors.web.components.parts import Figure
from soutien.doors.web.person import drafts
from soutien.doors.web.person.forms import CHILD, SELF, WhoForm
from soutien.doors.web.person.refused import refused, told_gently
from soutien.doors.web.person.words import (
    EVALUATION,
    FOLLOW_UP,
    IN_PERSON,
    REMOTE,
    When,
    address_of,
    clock_of,
    kind_in_words,
    language,
    minutes_between,
    when,
)
from soutien.doors.web.public.money_pages import papers_to_bring, three_numbers
from soutien.registers.agenda import queries as agenda
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.rules.calendar import add_years
from soutien.rules.codes import Kind
from soutien.rules.estimate import Situation
from soutien.steps import ask, book, find, gather, look
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.errors import Refusal
from soutien.steps.find import Card, Slot
from soutien.steps.views import BookingView

FORM_WRONG = 422
DAYS_AHEAD_MAX = 92
# Both doors of the screens: a person keeps a time as themselves, or for somebody else.
MYSELF, SOMEBODY = "me", "somebody"
HELD, CONFIRMED = book.HELD, book.CONFIRMED


@dataclass(frozen=True, slots=True)
class Asked:
    """A time somebody asks for, as the address says it."""

    psychologist: UUID
    place: str
    starts_at: datetime
    kind: str
    modality: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered: one time, at one place, with somebody."""

    when: When
    minutes: int
    kind: str
    held_how: str
    name: str
    place_label: str
    address: str
    step_free: bool
    modality_open: bool


def read_asked(request: HttpRequest, psychologist: UUID) -> Asked | None:
    """The time in the address or in the form; None when it is not one."""
    told = request.POST if request.method == "POST" else request.GET
    place = told.get("place") or told.get("lieu") or ""
    try:
        starts_at = datetime.fromisoformat(told.get("starts") or told.get("debut") or "")
    except ValueError:
        return None
    if starts_at.tzinfo is None or not place:
        return None
    kind = FOLLOW_UP if told.get("kind") == FOLLOW_UP else EVALUATION
    modality = REMOTE if kind == FOLLOW_UP and told.get("modality") == REMOTE else IN_PERSON
    return Asked(psychologist, place, starts_at, kind, modality)


def place_of(page: find.Page, place: str) -> Card | None:
    """The place of care of an address: its number."""
    return next((card for card in page.places if str(card.place_id) == place), None)


def free_slot(page: find.Page, asked: Asked, place_id: int) -> Slot | None:
    """The slot asked for, when it is free."""
    return next(
        (
            slot
            for day in page.days
            for slot in day.slots
            if slot.place_id == place_id and slot.starts_at == asked.starts_at
        ),
        None,
    )


def not_free(page: find.Page, asked: Asked, now: datetime) -> Refusal:
    """Why the time asked for cannot be had, with the nearest ones that can."""
    slots = [slot for day in page.days for slot in day.slots]
    closest = sorted(slots, key=lambda slot: abs(slot.starts_at - asked.starts_at))[: book.NEAREST]
    if asked.starts_at <= now:
        code = "slot_past"
    elif agenda.taken(page.card.psychologist_id, asked.starts_at):
        code = "slot_taken"
    else:
        code = "slot_not_open"
    return Refusal(code, nearest=sorted(closest, key=lambda slot: slot.starts_at))


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


def figures_of(kind: str, on: date) -> list[Figure]:
    """What it costs in the most frequent situation, before anybody commits."""
    estimate = ask.what_will_i_pay(
        situation=Situation(), on=on, kind=Kind.FOLLOW_UP if kind == FOLLOW_UP else Kind.EVALUATION
    )
    return three_numbers(estimate)


def known_person(request: HttpRequest) -> Person | None:
    """Who the browser already acts for, when that is a person."""
    actor = actor_of(request)
    if actor.role != "person" or actor.person_id is None:
        return None
    return people.with_rights(actor.person_id)


def person_or_nobody(request: HttpRequest) -> Actor:
    """The person who asks; anybody else opens these pages by their link alone."""
    actor = actor_of(request)
    return actor if actor.role == "person" else ANONYMOUS


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
    ahead = (asked.starts_at - now).days + book.AROUND.days
    page = find.psychologist_page(
        public_id=public_id,
        at=now,
        days=max(book.AROUND.days, min(ahead, DAYS_AHEAD_MAX)),
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
        "figures": figures_of(asked.kind, on),
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


def offer_of(card: Card, asked: Asked, ends_at: datetime, free: Slot | None) -> Offer:
    """The time asked for in words."""
    return Offer(
        when=when(asked.starts_at, card.time_zone),
        minutes=minutes_between(asked.starts_at, ends_at),
        kind=asked.kind,
        held_how=kind_in_words(asked.kind, asked.modality),
        name=f"{card.given_name} {card.family_name}",
        place_label=card.place_label,
        address=address_of(card),
        step_free=card.step_free,
        modality_open=asked.kind == FOLLOW_UP and free is not None and free.modality == "both",
    )


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
    if kept is not None and kept.person_id == actor.person_id:
        return redirect("book_who", public_id=kept.public_id)
    give_back(request, now)
    try:
        booking = book.hold_slot(
            actor=actor,
            psychologist_id=card.psychologist_id,
            place_id=card.place_id,
            starts_at=asked.starts_at,
            kind=asked.kind,
            modality=asked.modality,
            at=now,
        )
    except Refusal as refusal:
        return refused(
            request,
            refusal,
            psychologist=asked.psychologist,
            kind=asked.kind,
            modality=asked.modality,
        )
    drafts.keep_hold(request, booking.public_id)
    return redirect("book_who", public_id=booking.public_id)


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
            phone=person.phone,
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
    kept = kept_here(request, public_id, now)
    gone = lost(request, kept, now)
    if gone is not None:
        return gone
    coming = comer(request, kept)
    if coming is None:
        return redirect("book_who", public_id=public_id)
    if request.method == "POST":
        return confirm(request, kept, now)
    figures = figures_of(kept.kind, kept.civil_day)
    context = shown(kept, now) | {"comer": coming, "figures": figures}
    return render(request, "soutien/person/check.html", context)


def confirm(request: HttpRequest, kept: BookingView, now: datetime) -> HttpResponse:
    """Make it an appointment; the browser then acts as the person, when it knew nobody."""
    typed = drafts.typed(request)
    new = kept.person_id is None
    try:
        booking = book.confirm_booking(
            actor=ANONYMOUS if new else person_or_nobody(request),
            booking_id=kept.public_id,
            identity=typed.identity(language()) if new and typed else None,
            at=now,
        )
    except Refusal as refusal:
        return refused(
            request,
            refusal,
            psychologist=kept.psychologist_public_id,
            kind=kept.kind,
            modality=kept.modality,
        )
    drafts.remember_booked(request, kept.public_id)
    if new and booking.person_id is not None:
        remember_visitor(request, booking.person_id)
    return redirect("booking", token=token_of(kept.public_id))
