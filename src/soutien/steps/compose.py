"""A psychologist writes about somebody they treat: drafts, signs, hands over, is asked later.

The law asks for the person's agreement before a word goes to a doctor (R-026, R-140); what they
refused in their own space stays refused. Danger waits for nothing (R-020): it is said, and kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.consents import queries as consents
from soutien.registers.measures import queries as measures
from soutien.registers.people.models import Person
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import BY_PSYCHOLOGISTS, RECIPIENTS, SEEN, HandOver, Writing
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.measured import curves, told
from soutien.steps.permissions import allow, relations
from soutien.steps.prepared import as_it_stands, said_together
from soutien.steps.shown import name_of
from soutien.steps.trace import act, announce, looking, record
from soutien.steps.written import ATTENDANCE, NEEDED, PURPOSES_OF, WORDS, Prepared

ZONE = "Europe/Paris"
LONGEST_WORDS = 8_000
DUE = "writings.follow_up.due"
# In danger we ask soon; else after the time a first appointment elsewhere may take.
ASKS_AFTER_DANGER, ASKS_AFTER = timedelta(days=2), timedelta(days=21)


@looking("writings.writing.prepared")
def prepare_writing(
    *, actor: Actor, booking_id: uuid.UUID, at: datetime, kind: str = "", with_scores: bool = False
) -> Prepared:
    """What is known before a document is written for who has an appointment.

    ``with_scores`` says that the person agreed in the room; a no in their own space is stronger.
    """
    booking = _visit(actor, "prepare_writing", booking_id)
    person, owner = _who(booking), booking.psychologist_id
    record(actor, "writings.writing.prepared", at=at, object_id=booking.pk, person_id=person.pk)
    known = as_it_stands(booking, person, at)
    if kind not in PURPOSES_OF:
        return known
    said = consents.latest(person.pk).get(PURPOSES_OF[kind])
    agreed = said.given if said else None
    shown = agreed or (with_scores and agreed is None)
    outcomes = measures.outcomes(person.pk, owner) if shown else []
    return replace(
        known,
        scores_agreed=agreed,
        curves=curves(told(row) for row in outcomes),
        **said_together(booking),
    )


@act("writings.writing.begun")
def begin_writing(
    *,
    actor: Actor,
    booking_id: uuid.UUID,
    kind: str,
    words: Mapping[str, str],
    signed: bool,
    at: datetime,
) -> uuid.UUID:
    """A document for who has an appointment, as a draft or signed at once.

    Refuses ``writing_unclear`` with the fields, and ``attendance_unknown`` before a session.
    """
    booking = _visit(actor, "begin_writing", booking_id)
    if kind not in BY_PSYCHOLOGISTS:
        raise Refusal("not_found")
    _refuse_unclear(kind, words)
    body = _attendance(booking, words) if kind == ATTENDANCE else _heads(booking) | dict(words)
    writing = writings.begin(
        kind,
        person_id=_who(booking).pk,
        psychologist_id=booking.psychologist_id,
        body=body,
        written_on=gather.civil_day(at, ZONE),
        at=at,
    )
    _record(actor, "writings.writing.begun", writing, at)
    if signed:
        _sign(actor, writing, at)
    return writing.public_id


@act("writings.writing.changed")
def rewrite_writing(
    *, actor: Actor, writing_id: uuid.UUID, words: Mapping[str, str], at: datetime
) -> None:
    """Another version of a draft; the same words again write none. Refuses ``writing_signed``."""
    writing = writings.lock(_own(actor, "rewrite_writing", writing_id))
    _refuse_unclear(writing.kind, words)
    before = writings.latest(writing).body
    body = before | dict(words)
    if body == before:
        return
    try:
        writings.write_again(writing, body, at)
    except writings.Signed as signed:
        raise Refusal("writing_signed") from signed
    _record(actor, "writings.writing.changed", writing, at)


@act("writings.writing.signed")
def sign_writing(*, actor: Actor, writing_id: uuid.UUID, at: datetime) -> None:
    """The psychologist stands by it; its person may read it from now on. Signed twice is once."""
    writing = writings.lock(_own(actor, "sign_writing", writing_id))
    if not writings.is_signed(writing):
        _sign(actor, writing, at)


@act("writings.writing.handed_over")
def hand_over_writing(
    *, actor: Actor, writing_id: uuid.UUID, to: str, agreed: bool, danger: bool, at: datetime
) -> None:
    """A signed document goes to a doctor or a service, on the person's word or for danger.

    Refuses ``writing_unsigned``, ``agreement_missing`` and ``agreement_refused``. A reorientation
    leaves a reminder that asks whether the person was seen.
    """
    writing = writings.lock(_own(actor, "hand_over_writing", writing_id))
    if to not in RECIPIENTS or writing.kind not in PURPOSES_OF:
        raise Refusal("not_found")
    if not writings.is_signed(writing):
        raise Refusal("writing_unsigned", fields=("to",))
    basis = _basis(writing, agreed=agreed, danger=danger, at=at)
    hand_over = writings.hand_over(writing, to=to, basis=basis, at=at)
    _record(actor, "writings.writing.handed_over", writing, at, reason=basis)
    if writing.kind in ("doctor_signal", "specialist_letter"):
        _ask_later(hand_over, ASKS_AFTER_DANGER if danger else ASKS_AFTER, at)


@act("writings.writing.answered")
def answer_follow_up(*, actor: Actor, writing_id: uuid.UUID, seen: str, at: datetime) -> None:
    """Whether the person was seen where they were sent; "not yet" asks again later."""
    writing = _own(actor, "answer_follow_up", writing_id)
    hand_over = writings.last_hand_over(writing)
    if hand_over is None or seen not in SEEN:
        raise Refusal("not_found")
    writings.answer(hand_over, seen=seen, at=at)
    _record(actor, "writings.writing.answered", writing, at, reason=seen)
    if seen == "not_yet":
        _ask_later(hand_over, ASKS_AFTER, at)


def _visit(actor: Actor, step: str, booking_id: uuid.UUID) -> Booking:
    """The appointment, when its psychologist asks about who comes."""
    booking = agenda.by_public_id(booking_id)
    if booking is None or booking.person_id is None:
        raise Refusal("not_found")
    owner = booking.psychologist_id
    treats = actor.psychologist_id == owner and gather.treats(owner, booking.person_id)
    allow(actor, step, relations(actor, person_id=booking.person_id, treats=treats))
    return booking


def _who(booking: Booking) -> Person:
    assert booking.person_id is not None  # Asked before: nobody writes about nobody.
    return Person.objects.get(pk=booking.person_id)


def _own(actor: Actor, step: str, writing_id: uuid.UUID) -> Writing:
    """A document that the actor wrote."""
    writing = writings.by_public_id(writing_id)
    if writing is None or writing.kind not in BY_PSYCHOLOGISTS:
        raise Refusal("not_found")
    ties = relations(actor, person_id=writing.person_id, psychologist_id=writing.psychologist_id)
    allow(actor, step, ties)
    return writing


def _refuse_unclear(kind: str, words: Mapping[str, str]) -> None:
    unknown = set(words) - set(WORDS[kind])
    wrong = [name for name in NEEDED[kind] if not words.get(name, "").strip()]
    wrong += [name for name, text in words.items() if len(text) > LONGEST_WORDS]
    if wrong or unknown:
        raise Refusal("writing_unclear", fields=tuple(dict.fromkeys([*wrong, *sorted(unknown)])))


def _heads(booking: Booking) -> dict[str, Any]:
    """Who writes and about whom, as it stands today."""
    person, who, place = _who(booking), booking.psychologist, booking.place
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "birth_date": person.birth_date,
        "psychologist": name_of(who),
        "rpps": who.rpps,
        "phone": who.phone,
        "address": [place.address_line, f"{place.postcode} {place.town_name}"],
    }


def _attendance(booking: Booking, words: Mapping[str, str]) -> dict[str, Any]:
    """Who was received by whom and when: not a word on why, the place and hours if they wish."""
    session = care.session_of_booking(booking.pk)
    if session is None or not session.performed:
        raise Refusal("attendance_unknown", fields=("with_times",))
    heads = _heads(booking)
    kept = {name: heads[name] for name in ("given_name", "family_name", "psychologist")}
    told: dict[str, Any] = kept | {"held_on": session.held_on.isoformat()}
    if words.get("with_times"):
        told |= {
            "from": booking.starts_at.isoformat(),
            "to": booking.ends_at.isoformat(),
            "time_zone": booking.place.time_zone,
        }
    if words.get("with_place"):
        told |= {"address": heads["address"]}
    return told


def _sign(actor: Actor, writing: Writing, at: datetime) -> None:
    writings.sign(writing, at)
    _record(actor, "writings.writing.signed", writing, at)
    announce("writings.writing.signed", at=at, writing=writing.pk)


def _basis(writing: Writing, *, agreed: bool, danger: bool, at: datetime) -> str:
    """On whose word it goes: the person's, nobody's while the law asked for none, or danger."""
    if danger:
        return "danger"
    said = consents.latest(writing.person_id).get(PURPOSES_OF[writing.kind])
    if said is not None and not said.given:
        raise Refusal("agreement_refused", fields=("agreed",))
    if agreed:
        return "agreed"
    if gather.terms_on(gather.civil_day(at, ZONE)).exchange_agreement_required:
        raise Refusal("agreement_missing", fields=("agreed",))
    return "before_agreement"


def _ask_later(hand_over: HandOver, later: timedelta, at: datetime) -> None:
    announce(DUE, at=at, not_before=at + later, hand_over=hand_over.pk)


def _record(actor: Actor, event: str, writing: Writing, at: datetime, *, reason: str = "") -> None:
    record(
        actor,
        event,
        at=at,
        object_id=writing.pk,
        person_id=writing.person_id,
        reason=reason,
    )
