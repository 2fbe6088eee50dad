"""The psychologist's inbox: who asked to be called back, and who waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.days import days_ago, when
from soutien.doors.web.actors import actor_of
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.words import language
from soutien.doors.web.waiting.forms import TelephoneForm
from soutien.doors.web.waiting.words import (
    EVALUATION,
    IN_PERSON,
    call_times_in_words,
    wishes_in_words,
)
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.queries import Slot
from soutien.steps import gather
from soutien.steps import request as steps
from soutien.steps.book import confirm_booking
from soutien.steps.errors import Refusal
from soutien.steps.hold import hold_slot
from soutien.steps.request import InboxLine
from soutien.steps.trace import one_transaction

FORM_WRONG = 422
# The times one can read out on the telephone, in the weeks to come.
TIMES_SHOWN, AHEAD = 40, timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Row:
    """One person to answer, in words."""

    line: InboxLine
    waits: bool
    ago: str
    call_times: list[str]
    wishes: list[str]


def _own_id(request: HttpRequest) -> int:
    psychologist_id = actor_of(request).psychologist_id
    if psychologist_id is None:
        raise Http404
    return psychologist_id


def _row(line: InboxLine, now: datetime) -> Row:
    return Row(
        line=line,
        waits=line.kind == steps.WAIT,
        ago=days_ago(timezone.localdate(line.since), timezone.localdate(now)),
        call_times=call_times_in_words(line.call_times),
        wishes=wishes_in_words(line.wishes, line.before) if line.wishes else [],
    )


@require_safe
@private_page
def inbox(request: HttpRequest) -> HttpResponse:
    """Requests and people who wait for them, oldest first."""
    now = timezone.now()
    lines = steps.open_inbox(actor=actor_of(request), psychologist_id=_own_id(request), at=now)
    rows = [_row(line, now) for line in lines]
    return render(request, "soutien/waiting/inbox.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def line(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person: answered, booked by telephone, or refused with other doors."""
    now, psychologist_id = timezone.now(), _own_id(request)
    lines = steps.open_inbox(actor=actor_of(request), psychologist_id=psychologist_id, at=now)
    found = next((one for one in lines if one.public_id == public_id), None)
    if found is None:
        if request.method == "POST":
            messages.info(request, _("Cette demande a déjà une réponse."))
        return redirect("inbox")
    times = _times(psychologist_id, now)
    form = _form(request, found, times, now)
    problem: Refusal | None = None
    if request.method == "POST":
        try:
            if "answered" in request.POST and found.kind == steps.REQUEST:
                return _ended(request, found, steps.ANSWERED, now)
            if "refused" in request.POST:
                return _ended(request, found, steps.REFUSED, now)
            if form.is_valid():
                return _booked(request, found, times[form.cleaned_data["time"]], form, now)
        except Refusal as refusal:
            problem = refusal
    context = {
        "row": _row(found, now),
        "form": form,
        "times": bool(times),
        "refusing": "refuser" in request.GET,
        "sentence": problem.sentence(language()) if problem else "",
        "remedy": problem.remedy(language()) if problem else "",
    }
    status = problem.http_status if problem else FORM_WRONG if form.errors else 200
    return render(request, "soutien/waiting/inbox_line.html", context, status=status)


def _ended(request: HttpRequest, line: InboxLine, outcome: str, now: datetime) -> HttpResponse:
    """Answer, say what happened, and go back to the list."""
    _answer(request, line, outcome, now)
    if outcome == steps.ANSWERED:
        messages.success(request, _("C’est noté : vous avez répondu à %(name)s.") % _named(line))
    else:
        messages.success(
            request,
            _("La réponse part à %(name)s, avec les psychologues proches qui ont de la place.")
            % _named(line),
        )
    return redirect("inbox")


def _named(line: InboxLine) -> dict[str, str]:
    return {"name": line.name}


def _answer(
    request: HttpRequest,
    line: InboxLine,
    outcome: str,
    now: datetime,
    booking: Booking | None = None,
) -> None:
    """The step of this kind of line."""
    actor, booking_id = actor_of(request), booking.public_id if booking else None
    if line.kind == steps.REQUEST:
        steps.answer_request(
            actor=actor,
            request_id=line.public_id,
            outcome=outcome,
            booking_id=booking_id,
            at=now,
        )
    else:
        steps.answer_wait(
            actor=actor, wait_id=line.public_id, outcome=outcome, booking_id=booking_id, at=now
        )


def _booked(
    request: HttpRequest, line: InboxLine, slot: Slot, form: TelephoneForm, now: datetime
) -> HttpResponse:
    """Hold, confirm, answer: all three or none."""
    actor = actor_of(request)
    with one_transaction():
        held = hold_slot(
            actor=actor,
            psychologist_id=_own_id(request),
            place_id=slot.place_id,
            starts_at=slot.starts_at,
            kind=EVALUATION,
            modality=IN_PERSON,
            at=now,
        )
        booking = confirm_booking(
            actor=actor, booking_id=held.public_id, identity=form.identity(line.language), at=now
        )
        _answer(request, line, steps.BOOKED, now, booking)
    messages.success(
        request,
        _("Rendez-vous noté : %(when)s.")
        % {"when": when(booking.starts_at, slot.time_zone).sentence},
    )
    return redirect("day_of", booking.civil_day)


def _times(psychologist_id: int, now: datetime) -> dict[str, Slot]:
    """The psychologist's next free hours for a first session, by moment."""
    free = agenda.free_slots(
        [psychologist_id],
        since=now,
        until=now + AHEAD,
        kind=EVALUATION,
        now=now,
        modality=IN_PERSON,
        own=True,
    )
    slots = free[psychologist_id][:TIMES_SHOWN]
    return {f"{slot.place_id}@{slot.starts_at:%Y-%m-%dT%H:%MZ}": slot for slot in slots}


def _form(
    request: HttpRequest, line: InboxLine, times: dict[str, Slot], now: datetime
) -> TelephoneForm:
    """The booking form; filled in with what is known of the person."""
    today = timezone.localdate(now)
    choices = [(key, when(slot.starts_at, slot.time_zone).sentence) for key, slot in times.items()]
    initial = {
        "given_name": line.name,
        "email": line.email,
        "phone": line.phone,
        "discreet": line.discreet,
    }
    booking = request.method == "POST" and "book" in request.POST
    return TelephoneForm(
        request.POST if booking else None,
        initial=initial,
        times=choices,
        on=today,
        terms=gather.terms_on(today),
    )
