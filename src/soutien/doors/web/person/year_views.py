"""A person's year, and the follow-ups that can be booked in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from soutien.doors.booking_links import token_of
from soutien.doors.web.actors import actor_of, is_visitor
from soutien.doors.web.components.beads import Beads, State, string_beads, year_in_words
from soutien.doors.web.components.days import full_day, plain_day
from soutien.doors.web.components.parts import Cell, Column, Figure, Table
from soutien.doors.web.person.before import before_session
from soutien.doors.web.person.words import (
    EVALUATION,
    FOLLOW_UP,
    FreeTime,
    When,
    address_of,
    free_time,
    kind_in_words,
    language,
    phone_in_words,
    when,
)
from soutien.doors.web.private_pages import private_page
from soutien.registers.care import queries as care
from soutien.registers.consents import queries as consents
from soutien.registers.psychologists import queries as directory
from soutien.rules.money import euros
from soutien.rules.purposes import CARE_DAYS
from soutien.steps import find, gather, look
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation
from soutien.steps.views import (
    BeadState,
    BookingView,
    Count,
    SessionState,
    SessionView,
    YearView,
)

DAYS_AHEAD = 60
DAYS_SHOWN = 7
KNOWN_SHOWN = 3
BEAD_STATES: dict[BeadState, State] = {
    BeadState.USED: "used",
    BeadState.RESERVED: "booked",
    BeadState.FREE: "free",
}


def beads_of(count: Count) -> Beads:
    """The beads of a count, with their sentence."""
    nothing_taken = not count.used + count.reserved
    return string_beads(
        [
            (BEAD_STATES[bead.state], bead.kind == EVALUATION or (nothing_taken and not number))
            for number, bead in enumerate(count.beads)
        ],
        refused=count.refused,
        sentence=year_in_words(
            civil_year=count.civil_year,
            used=count.used,
            booked=count.reserved,
            left=count.left,
            refused=count.refused,
        ),
    )


@dataclass(frozen=True, slots=True)
class Coming:
    """An appointment to come, with its pages."""

    when: When
    what: str
    name: str
    address: str
    seat_kept: bool
    page: str
    calendar: str
    move: str
    cancel: str


def coming(booking: BookingView) -> Coming:
    """An appointment in words."""
    token = token_of(booking.public_id)
    return Coming(
        when=when(booking.starts_at, booking.time_zone),
        what=kind_in_words(booking.kind, booking.modality),
        name=booking.psychologist_name,
        address=address_of(booking),
        seat_kept=booking.seat_kept,
        page=reverse("booking", args=[token]),
        calendar=reverse("booking_calendar", args=[token]),
        move=reverse("booking_move", args=[token]),
        cancel=reverse("booking_cancel", args=[token]),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """A psychologist the person sees, and where the next session, or all, are chosen."""

    name: str
    href: str
    plan: str


def psychologists_known(year: YearView) -> list[Known]:
    """Whom the person saw or will see this year, the last one first."""
    rows = care.sessions_of_person(
        year.person_id,
        since=date(year.count.civil_year, 1, 1),
        before=date(year.count.civil_year + 1, 1, 1),
    )
    ids = [booking.psychologist_id for booking in reversed(year.bookings)]
    ids += [row.psychologist_id for row in reversed(rows) if row.performed]
    found = directory.names_and_addresses(set(ids))
    return [
        Known(name, reverse("book_follow_up", args=[public_id]), reverse("plan", args=[public_id]))
        for key in dict.fromkeys(ids)
        for public_id, name in [found[key]]
    ]


def session_state(state: SessionState) -> Cell:
    """Where a session stands, in a word of its colour."""
    words = {
        SessionState.MISSED: (_("manquée, ne compte pas"), "plain"),
        SessionState.TO_SEND: (_("feuille pas encore envoyée"), "warm"),
        SessionState.TO_CONFIRM: (_("lue par une personne"), "warm"),
        SessionState.PAID: (_("acceptée"), "ok"),
        SessionState.REFUSED: (_("refusée"), "danger"),
    }
    text, tag = words[state]
    return Cell(text, tag=tag)


def page_of_session(session: SessionView) -> str:
    """The page of a session's claim, else of its care sheet, else none."""
    if session.claim_public_id:
        return reverse("claim_person", args=[session.claim_public_id])
    if session.care_sheet_public_id:
        try:
            return reverse("sheet", args=[session.care_sheet_public_id])
        except NoReverseMatch:
            # A deployment may switch off the care sheets' pages.
            return ""
    return ""


def sessions_table(year: YearView) -> Table:
    """The year's sessions, the last one first."""
    decided = (SessionState.PAID, SessionState.REFUSED)
    return Table(
        _("Vos séances de %(year)s") % {"year": year.count.civil_year},
        (
            Column(_("Jour")),
            Column(_("Séance")),
            Column(_("Avec")),
            Column(_("Remboursement")),
            Column(_("Pour vous"), number=True),
        ),
        tuple(
            (
                Cell(plain_day(session.held_on), href=page_of_session(session)),
                Cell(kind_in_words(session.kind, session.modality)),
                Cell(session.psychologist_name),
                session_state(session.state),
                Cell(
                    euros(session.patient_cents, language())
                    if session.state is SessionState.PAID
                    else euros(session.price_cents, language())
                    if session.state in decided
                    else "—"
                ),
            )
            for session in reversed(year.sessions)
        ),
        empty=_("Aucune séance en %(year)s pour le moment.") % {"year": year.count.civil_year},
    )


def year_figures(year: YearView) -> list[Figure]:
    """What is left stands first: it is what people come for."""
    count = year.count
    restarts = _("Le compte repart le %(day)s.") % {"day": plain_day(year.restarts_on)}
    return [
        Figure(_("Restent"), str(count.left), restarts),
        Figure(_("Réservées"), str(count.reserved)),
        Figure(_("Faites"), str(count.used)),
    ]


def asked_year(request: HttpRequest, today: date) -> int:
    """The year in the address, within those the programme knows; else this one."""
    text = request.GET.get("annee", "")
    asked = int(text) if text.isdecimal() and text.isascii() else today.year
    first = gather.law().starts_on.year
    return asked if first <= asked <= today.year + 1 else today.year


@require_safe
@private_page
def year(request: HttpRequest) -> HttpResponse:
    """The beads, what comes next, what happened, and how to go on."""
    now, today = timezone.now(), timezone.localdate()
    actor = actor_of(request)
    if actor.role == "guardian" and actor.on_behalf_of is None:
        return redirect("acting")
    if actor.about_person_id is None:
        raise Refusal("not_allowed")
    civil_year = asked_year(request, today)
    view = look.open_year(
        actor=actor, person_id=actor.about_person_id, civil_year=civil_year, on=today, at=now
    )
    count = view.count
    limited = actor.on_behalf_of is not None and actor.acts_as != Relation.MY_WARD
    first = gather.law().starts_on.year
    bookings = [coming(booking) for booking in view.bookings]
    context = {
        "view": view,
        "count": count,
        "beads": beads_of(count),
        "figures": year_figures(view) if civil_year >= today.year else [],
        "next": bookings[0] if bookings else None,
        "before": before_session(view.before_next) if view.before_next else None,
        "later": bookings[1:],
        "table": sessions_table(view),
        "known": psychologists_known(view)[:KNOWN_SHOWN] if civil_year >= today.year else [],
        "over": civil_year < today.year,
        "this_year": today.year,
        "others": [
            other for other in (civil_year - 1, civil_year + 1) if first <= other <= today.year + 1
        ],
        "started": bool(count.used or count.reserved),
        "visitor": is_visitor(request),
        "for_oneself": actor.on_behalf_of is None,
        "limited": limited,
        "bills": actor.acts_as == Relation.MY_ASSISTED,
        "private": limited
        and not (
            actor.acts_as == Relation.MY_TEENAGER and consents.allows(view.person_id, CARE_DAYS)
        ),
    }
    return render(request, "soutien/person/year.html", context)


@dataclass(frozen=True, slots=True)
class DayTimes:
    """The free times of one day."""

    day: str
    times: list[FreeTime]


def asked_day(request: HttpRequest, today: date) -> date:
    """The first day to show: the one in the address, never before today."""
    try:
        return max(date.fromisoformat(request.GET.get("depuis", "")), today)
    except ValueError:
        return today


@require_safe
@private_page
def follow_up(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The free times for a follow-up with a psychologist, some days at a time."""
    page = find.psychologist_page(
        public_id=public_id, at=timezone.now(), days=DAYS_AHEAD, kind=FOLLOW_UP
    )
    since = asked_day(request, timezone.localdate())
    found = [day for day in page.days if day.day >= since]
    context = {
        "name": f"{page.card.given_name} {page.card.family_name}",
        "phone": page.phone,
        "phone_in_words": phone_in_words(page.phone),
        "days": [
            DayTimes(
                full_day(day.day, year=False),
                [
                    free_time(public_id, slot, kind=FOLLOW_UP, modality=slot.modality)
                    for slot in day.slots
                ],
            )
            for day in found[:DAYS_SHOWN]
        ],
        "more_address": f"?depuis={found[DAYS_SHOWN].day}" if len(found) > DAYS_SHOWN else "",
        "psychologist": public_id,
    }
    return render(request, "soutien/person/follow_up.html", context)
