"""Requests without an account: ask to be called back; the psychologist's inbox and answers.

No reason is asked, and a refusal never comes without another door: the three nearest
psychologists with a free first session.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.psychologists import queries as directory
from soutien.registers.waiting import queries as waiting
from soutien.registers.waiting.models import ACTIVE, Request, Wait
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.contact import Contact, reachable
from soutien.steps.elsewhere import Alternative, alternatives, nearest_with_room
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, announce, looking, record
from soutien.steps.turns import DIRECTORY_ZONE, wishes_of
from soutien.steps.wishes import Wishes

# When one would rather be called; codes only, a reason in free words is asked of nobody.
CALL_TIMES = ("morning", "midday", "afternoon", "evening")
# A day's requests: a person asks a few psychologists, a machine asks hundreds.
ASKED_A_DAY, RECEIVED_A_DAY = 3, 20
ONE_DAY = timedelta(days=1)
# Nobody answered for so long: the person is told, and the request ends.
UNANSWERED_AFTER = timedelta(days=30)
# Whoever was asked whether they still wait and says nothing is told, and the wait ends.
STILL_WAITING_AFTER = timedelta(days=60)
# What is over is erased after this long, names, addresses and all.
FORGOTTEN_AFTER = timedelta(days=30)

REQUEST, WAIT = "request", "wait"
ANSWERED, BOOKED, REFUSED, UNANSWERED = "answered", "booked", "refused", "unanswered"


@dataclass(frozen=True, slots=True)
class InboxLine:
    """Somebody to answer: who asked to be called, or who waits for this psychologist."""

    kind: str
    public_id: uuid.UUID
    since: datetime
    name: str
    email: str
    phone: str
    language: str
    discreet: bool
    call_times: tuple[str, ...]
    wishes: Wishes | None
    before: date | None
    offered: bool


@dataclass(frozen=True, slots=True)
class RequestView:
    """One's own request: where it stands, and where else to go after a refusal."""

    public_id: uuid.UUID
    status: str
    created_at: datetime
    psychologist_public_id: uuid.UUID
    psychologist_name: str
    psychologist_phone: str
    name: str
    call_times: tuple[str, ...]
    alternatives: tuple[Alternative, ...]


@act("waiting.request.made")
def request_call_back(
    *,
    actor: Actor,
    psychologist_id: uuid.UUID,
    contact: Contact,
    browser: str,
    at: datetime,
    call_times: tuple[str, ...] = (),
) -> Request:
    """Ask a listed psychologist (the public id) to call back; ``call_times`` of CALL_TIMES.

    ``browser`` is the digest of a browser's own key. Refuses ``contact_missing``, ``not_found``,
    ``asked_enough`` to a browser and ``inbox_full`` for a psychologist.
    """
    allow(actor, "request_call_back")
    told = reachable(contact)
    owner = directory.by_public_id(psychologist_id)
    if owner is None or not directory.listed(owner.pk, gather.civil_day(at, DIRECTORY_ZONE)):
        raise Refusal("not_found")
    waiting.queue_up()
    if waiting.requests_since(at - ONE_DAY, browser=browser) >= ASKED_A_DAY:
        raise Refusal("asked_enough", times=ASKED_A_DAY)
    if waiting.requests_since(at - ONE_DAY, psychologist_id=owner.pk) >= RECEIVED_A_DAY:
        raise Refusal("inbox_full")
    request = waiting.add_request(
        psychologist=owner,
        name=told.name,
        email=told.email,
        phone=told.phone,
        call_times=",".join(part for part in CALL_TIMES if part in call_times),
        language=told.language,
        discreet=told.discreet,
        browser=browser,
        created_at=at,
    )
    record(actor, "waiting.request.made", at=at, object_id=request.pk)
    announce("waiting.request.made", at=at, request=request.pk)
    return request


@looking("waiting.request.opened")
def open_request(*, actor: Actor, request_id: uuid.UUID, at: datetime) -> RequestView:
    """One's own request, by the public id of its link."""
    request = waiting.request_by_public_id(request_id)
    if request is None:
        raise Refusal("not_found")
    allow(actor, "open_request", relations(actor, by_link=True))
    record(actor, "waiting.request.opened", at=at, object_id=request.pk)
    owner = request.psychologist
    return RequestView(
        public_id=request.public_id,
        status=request.status,
        created_at=request.created_at,
        psychologist_public_id=owner.public_id,
        psychologist_name=f"{owner.given_name} {owner.family_name}",
        psychologist_phone=owner.phone,
        name=request.name,
        call_times=_several(request.call_times),
        alternatives=alternatives(request.alternatives, but=owner.pk, at=at),
    )


@looking("waiting.inbox.opened")
def open_inbox(*, actor: Actor, psychologist_id: int, at: datetime) -> tuple[InboxLine, ...]:
    """Who asked to be called back and who waits for this psychologist, oldest first."""
    allow(actor, "open_inbox", relations(actor, psychologist_id=psychologist_id))
    requests = waiting.open_requests_of(psychologist_id)
    waits = waiting.waits_of(psychologist_id)
    people = [wait.person_id for wait in waits if wait.person_id is not None]
    record(actor, "waiting.inbox.opened", at=at, object_id=psychologist_id, people=people)
    lines = [
        *(_of_request(request) for request in requests),
        *(_of_wait(wait) for wait in waits),
    ]
    return tuple(sorted(lines, key=lambda line: (line.since, line.kind)))


@act("waiting.request.answered")
def answer_request(
    *,
    actor: Actor,
    request_id: uuid.UUID,
    outcome: str,
    at: datetime,
    booking_id: uuid.UUID | None = None,
) -> Request:
    """End a request: ``answered``, ``refused`` or ``booked`` (with the booking's public id).

    Answered twice in the same way, it answers the same. Refuses ``request_over`` when it has
    another answer, and ``booking_of_another``. A refusal holds the nearest places with room.
    """
    found = waiting.request_by_public_id(request_id)
    if found is None:
        raise Refusal("not_found")
    allow(actor, "answer_request", relations(actor, psychologist_id=found.psychologist_id))
    request = waiting.lock_request(found.pk)
    if outcome not in _OF_REQUEST:
        raise ValueError(f"A request ends as one of {', '.join(_OF_REQUEST)}.")
    if request.status == outcome:
        return request
    if request.status != "open":
        raise Refusal("request_over")
    if outcome == BOOKED:
        request.booking = _own_booking(request.psychologist_id, booking_id)
    if outcome == REFUSED:
        request.alternatives = nearest_with_room(request.psychologist_id, at=at)
    request.status, request.ended_at = outcome, at
    request.save(update_fields=["status", "ended_at", "booking", "alternatives"])
    event = _OF_REQUEST[outcome]
    record(actor, event, at=at, object_id=request.pk)
    announce(event, at=at, request=request.pk)
    return request


@act("waiting.wait.answered")
def answer_wait(
    *,
    actor: Actor,
    wait_id: uuid.UUID,
    outcome: str,
    at: datetime,
    booking_id: uuid.UUID | None = None,
) -> Wait:
    """Answer somebody who waits for this psychologist: ``refused``, or ``booked`` by telephone.

    The time they were being offered, if any, is given back. Answered twice in the same way, it
    answers the same. Refuses ``request_over`` and ``booking_of_another``.
    """
    found = waiting.wait_by_public_id(wait_id)
    if found is None:
        raise Refusal("not_found")
    owner, person_id = found.psychologist_id, found.person_id
    allow(actor, "answer_wait", relations(actor, person_id=person_id, psychologist_id=owner))
    waiting.queue_up()
    wait = waiting.lock_wait(found.pk)
    if outcome not in _OF_WAIT:
        raise ValueError(f"A wait is answered by one of {', '.join(_OF_WAIT)}.")
    if wait.status == outcome:
        return wait
    if wait.status not in ACTIVE or wait.psychologist_id is None:
        raise Refusal("request_over")
    if outcome == BOOKED:
        _own_booking(wait.psychologist_id, booking_id)
    if outcome == REFUSED:
        wait.alternatives = nearest_with_room(wait.psychologist_id, at=at, wishes=wishes_of(wait))
    _take_offer_back(wait, at)
    wait.status, wait.ended_at = outcome, at
    wait.save(update_fields=["status", "ended_at", "alternatives"])
    event = _OF_WAIT[outcome]
    record(actor, event, at=at, object_id=wait.pk, person_id=wait.person_id)
    announce(event, at=at, wait=wait.pk)
    return wait


@act("waiting.request.forgotten")
def forget_old_requests(*, at: datetime) -> int:
    """End what nobody answered, and erase what has been over for FORGOTTEN_AFTER; how many.

    Nobody is dropped silently: an end for want of an answer is told before it is erased.
    """
    allow(SYSTEM, "forget_old_requests")
    for request in waiting.requests_unanswered_since(at - UNANSWERED_AFTER):
        request.alternatives = nearest_with_room(request.psychologist_id, at=at)
        request.status, request.ended_at = UNANSWERED, at
        request.save(update_fields=["status", "ended_at", "alternatives"])
        record(SYSTEM, "waiting.request.unanswered", at=at, object_id=request.pk)
        announce("waiting.request.unanswered", at=at, request=request.pk)
    for wait in waiting.unanswered_since(at - STILL_WAITING_AFTER):
        wait.status, wait.ended_at = UNANSWERED, at
        wait.save(update_fields=["status", "ended_at"])
        record(SYSTEM, "waiting.wait.unanswered", at=at, object_id=wait.pk)
        announce("waiting.wait.unanswered", at=at, wait=wait.pk)
    requests, waits = waiting.forget(ended_before=at - FORGOTTEN_AFTER)
    for request_id in requests:
        record(SYSTEM, "waiting.request.forgotten", at=at, object_id=request_id)
    for wait_id in waits:
        record(SYSTEM, "waiting.wait.forgotten", at=at, object_id=wait_id)
    return len(requests) + len(waits)


_OF_REQUEST = {
    ANSWERED: "waiting.request.answered",
    REFUSED: "waiting.request.refused",
    BOOKED: "waiting.request.booked",
}
_OF_WAIT = {REFUSED: "waiting.wait.refused", BOOKED: "waiting.wait.booked"}


def _own_booking(psychologist_id: int, booking_id: uuid.UUID | None) -> Booking:
    """The appointment just made for this person, in the psychologist's own agenda."""
    booking = agenda.by_public_id(booking_id) if booking_id else None
    if (
        booking is None
        or booking.psychologist_id != psychologist_id
        or booking.status != "confirmed"
    ):
        raise Refusal("booking_of_another")
    return booking


def _take_offer_back(wait: Wait, at: datetime) -> None:
    """The psychologist settled it otherwise: the time offered is free again."""
    offer = waiting.open_offer_of(wait.pk)
    if offer is None:
        return
    offer.status, offer.ended_at = "withdrawn", at
    offer.save(update_fields=["status", "ended_at"])
    booking = agenda.lock(offer.booking_id)
    if booking.status == "held":
        booking.status, booking.ended_at, booking.ended_by = "cancelled", at, "psychologist"
        booking.save(update_fields=["status", "ended_at", "ended_by"])


def _of_request(request: Request) -> InboxLine:
    return InboxLine(
        kind=REQUEST,
        public_id=request.public_id,
        since=request.created_at,
        name=request.name,
        email=request.email,
        phone=request.phone,
        language=request.language,
        discreet=request.discreet,
        call_times=_several(request.call_times),
        wishes=None,
        before=None,
        offered=False,
    )


def _of_wait(wait: Wait) -> InboxLine:
    return InboxLine(
        kind=WAIT,
        public_id=wait.public_id,
        since=wait.joined_at,
        name=wait.name,
        email=wait.email,
        phone=wait.phone,
        language=wait.language,
        discreet=wait.discreet,
        call_times=(),
        wishes=wishes_of(wait),
        before=wait.before,
        offered=waiting.open_offer_of(wait.pk) is not None,
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))
