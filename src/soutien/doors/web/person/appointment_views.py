"""An appointment by its unguessable address: see it, put it in a calendar, cancel it."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.appointments import appointment_of, changed_moments
from soutien.doors.booking_links import public_id_of
from soutien.doors.calendar_file import CONTENT_TYPE, calendar_file
from soutien.doors.measure_links import questions_path
from soutien.doors.web.actors import actor_of, is_visitor
from soutien.doors.web.components.parts import Event
from soutien.doors.web.person.booking_views import CONFIRMED, person_or_nobody
from soutien.doors.web.person.refused import told_gently
from soutien.doors.web.person.words import (
    EVALUATION,
    REMOTE,
    address_of,
    kind_in_words,
    minutes_between,
    phone_in_words,
    when,
)
from soutien.registers.agenda import queries as agenda
from soutien.registers.measures import queries as measures
from soutien.steps import book, gather, look, wanted
from soutien.steps.consent import open_child_consents
from soutien.steps.errors import Refusal
from soutien.steps.views import BookingView

CANCELLED = wanted.CANCELLED
NOT_YET = ("held", "expired")


def opened(request: HttpRequest, token: str) -> BookingView:
    """The appointment of a token. Refuses ``not_found`` a token nobody here signed.

    A time that was only kept is no appointment: its screens are elsewhere.
    """
    public_id = public_id_of(token)
    if public_id is None:
        raise Refusal("not_found")
    view = look.open_booking(
        actor=person_or_nobody(request), public_id=public_id, at=timezone.now()
    )
    if view.status in NOT_YET:
        raise Refusal("not_found")
    return view


@never_cache
@require_safe
@told_gently
def booking(request: HttpRequest, token: str) -> HttpResponse:
    """What, when, where, what happens next; cancel and calendar file."""
    view = opened(request, token)
    now = timezone.now()
    coming = view.status == CONFIRMED and view.starts_at > now
    mine = view.person_id is not None and actor_of(request).about_person_id == view.person_id
    consents = open_child_consents(
        actor=person_or_nobody(request), booking_id=view.public_id, at=now
    )
    context = {
        "booking": view,
        "token": token,
        "consents": consents,
        "waits_for_consent": consents.kept_until is not None,
        "consents_kept": when(consents.kept_until, view.time_zone).sentence
        if consents.kept_until and consents.kept_until < view.starts_at
        else "",
        "when": when(view.starts_at, view.time_zone),
        "minutes": minutes_between(view.starts_at, view.ends_at),
        "address": address_of(view),
        "held_how": kind_in_words(view.kind, view.modality),
        "phone": phone_in_words(view.psychologist_phone),
        "coming": coming,
        "cancelled": view.status == CANCELLED,
        "missed": view.status == "missed",
        "next": what_happens_next(view) if coming else [],
        "mine": mine,
        "questions": [
            questions_path(row.public_id)
            for row in (measures.open_before(view.booking_id, now) if coming else ())
        ],
        "visitor": is_visitor(request),
    }
    return render(request, "soutien/person/booking.html", context)


def what_happens_next(view: BookingView) -> list[Event]:
    """The way from here to the reimbursement, in order."""
    terms = gather.terms_on(view.civil_day)
    start = when(view.starts_at, view.time_zone)
    if view.kind == EVALUATION:
        minutes = terms.evaluation_minutes_max
        talk = ngettext(
            "Vous dites ce qui vous amène, comme cela vient. Cela dure %(n)s minute au plus.",
            "Vous dites ce qui vous amène, comme cela vient. Cela dure %(n)s minutes au plus.",
            minutes,
        ) % {"n": minutes}
        then = _("Le psychologue vous dit ce qu’il propose. Vous décidez de la suite.")
    elif view.modality == REMOTE:
        talk = _("Le psychologue vous donne le lien de la visio.")
        then = _("Vous choisissez ensemble le rendez-vous suivant.")
    else:
        talk = _("Vous reprenez là où vous en étiez.")
        then = _("Vous choisissez ensemble le rendez-vous suivant.")
    return [
        Event(start.sentence, _("La séance"), talk, "done"),
        Event(_("À la fin"), _("Et après ?"), then),
        Event(
            _("Les jours suivants"),
            _("Le remboursement"),
            _("La feuille de soins part à votre caisse. La réponse apparaît dans votre année."),
        ),
    ]


@never_cache
@require_safe
@told_gently
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar file; the same address after a cancelling takes the appointment away."""
    view = opened(request, token)
    row = agenda.by_public_id(view.public_id)
    if row is None:
        raise Refusal("not_found")
    discreet = row.person is not None and row.person.discreet
    changed_at = changed_moments([row])[row.pk]
    appointment = appointment_of(row, changed_at=changed_at, discreet=discreet)
    page = request.build_absolute_uri(reverse("booking", args=[token]))
    return HttpResponse(
        calendar_file([replace(appointment, page=page)]),
        content_type=f"{CONTENT_TYPE}; method=PUBLISH",
        headers={"Content-Disposition": 'attachment; filename="rendez-vous.ics"'},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """A page that asks once, then gives the time and the seat of the year back."""
    view = opened(request, token)
    if request.method == "POST":
        book.cancel_booking(
            actor=person_or_nobody(request), booking_id=view.public_id, at=timezone.now()
        )
        return redirect("booking", token=token)
    if view.status == CANCELLED:
        return redirect("booking", token=token)
    refuse_what_is_over(view)
    context = {
        "booking": view,
        "token": token,
        "when": when(view.starts_at, view.time_zone),
        "address": address_of(view),
    }
    return render(request, "soutien/person/cancel.html", context)


def refuse_what_is_over(view: BookingView) -> None:
    """Nothing to ask about once it has begun."""
    if view.status != CONFIRMED:
        raise Refusal("booking_ended")
    if view.starts_at <= timezone.now():
        raise Refusal("booking_over")
