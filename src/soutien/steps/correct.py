"""Having one's identity corrected by one's fund, where one's own hand does not do.

The person says how it should be written; an agent of their fund, who sees what the fund knows,
accepts or refuses with a reason. What was written before is kept; both ends are told.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from soutien.registers.corrections import queries as corrections
from soutien.registers.corrections.models import ACCEPTED, OPEN, REFUSED, WITHDRAWN, Request
from soutien.registers.identities import queries as identities
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.nir import read as read_nir
from soutien.steps.permissions import Ties, allow, relations
from soutien.steps.presented import contradicts_certified
from soutien.steps.trace import act, announce, looking, record

ZONE = "Europe/Paris"
NAMES = ("given_name", "family_name", "birth_date")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody's identity as it should be written; an empty number: the one that is written."""

    given_name: str
    family_name: str
    birth_date: date
    nir: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that would change: the column, what is written, what is asked."""

    field: str
    written: str
    wanted: str


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as whoever may see it reads it, with what is written now of its person."""

    public_id: uuid.UUID
    person_name: str
    birth_date: str
    nir: str
    lines: tuple[Line, ...]
    explanation: str
    asked_at: datetime
    by_guardian: bool
    state: str
    reason: str
    ended_at: datetime | None


@act("corrections.request.asked")
def ask_correction(*, actor: Actor, person_id: int, wanted: Wanted, at: datetime) -> Request:
    """Ask the fund of this day to correct an identity. The same request asked again is one.

    Refuses ``correction_open`` beside another, ``correction_same`` when nothing would change,
    ``correction_no_fund``, ``identity_certified``, ``identity_missing``, ``birth_date_ahead``,
    and what cannot be a number.
    """
    allow(actor, "ask_correction", relations(actor, person_id=person_id))
    person = _with_an_account(actor, person_id)
    on = gather.civil_day(at, ZONE)
    values = _values(wanted, on)
    if not _changes(person, values):
        raise Refusal("correction_same", fields=NAMES)
    _refuse_certified(person, values)
    fund = people.affiliation_on(person_id, on)
    if fund is None or not fund.fund_code:
        raise Refusal("correction_no_fund")
    kept = corrections.requests_of_person(person_id).filter(state=OPEN).first()
    if kept is not None:
        if {name: getattr(kept, name) for name in values} == values:
            return kept
        raise Refusal("correction_open")
    made = corrections.ask(
        person_id, fund_code=fund.fund_code, asked_at=at, asked_by=actor.role, **values
    )
    record(actor, "corrections.request.asked", at=at, object_id=made.pk, person_id=person_id)
    announce("corrections.request.asked", at=at, correction=made.pk)
    return made


@act("corrections.request.withdrawn")
def withdraw_correction(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> bool:
    """The person does not ask any more; false when it was answered or withdrawn before."""
    found = _found(public_id)
    allow(actor, "withdraw_correction", relations(actor, person_id=found.person_id))
    _with_an_account(actor, found.person_id)
    request = corrections.lock_request(found.pk)
    if request.state != OPEN:
        return False
    corrections.end(request, WITHDRAWN, at=at, by=actor.account_id)
    record(
        actor,
        "corrections.request.withdrawn",
        at=at,
        object_id=request.pk,
        person_id=request.person_id,
    )
    return True


@looking("corrections.request.listed")
def list_own_corrections(*, actor: Actor, person_id: int, at: datetime) -> tuple[RequestView, ...]:
    """What was asked about a person, and what became of it, newest first."""
    allow(actor, "list_own_corrections", relations(actor, person_id=person_id))
    person = _with_an_account(actor, person_id)
    record(actor, "corrections.request.listed", at=at, object_id=person_id, person_id=person_id)
    return tuple(_view(request, person) for request in corrections.requests_of_person(person_id))


@looking("corrections.request.listed")
def list_corrections(
    *, actor: Actor, at: datetime, waiting: bool = True
) -> tuple[RequestView, ...]:
    """What waits for an answer of the actor's fund, or what it answered."""
    allow(actor, "list_corrections", relations(actor, fund_code=actor.fund_code))
    found = list(corrections.requests_of_fund(actor.fund_code, waiting=waiting))
    record(
        actor,
        "corrections.request.listed",
        at=at,
        object_id=len(found),
        people=[request.person_id for request in found],
    )
    return tuple(_view(request, request.person) for request in found)


@looking("corrections.request.opened")
def open_correction(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> RequestView:
    """One request that the actor's fund received: what is written, and what is asked."""
    request = _found(public_id)
    allow(actor, "open_correction", _of_the_fund(actor, request))
    record(
        actor,
        "corrections.request.opened",
        at=at,
        object_id=request.pk,
        person_id=request.person_id,
    )
    return _view(request, request.person)


@act("corrections.request.answered")
def answer_correction(
    *, actor: Actor, public_id: uuid.UUID, accepted: bool, reason: str, at: datetime
) -> bool:
    """Write it as it was asked, or say why not. Answered alike before: false, nothing more.

    Refuses ``correction_reason`` for a refusal without one, ``correction_answered`` when another
    agent said otherwise, ``nir_of_another``, ``identity_certified``.
    """
    found = _found(public_id)
    allow(actor, "answer_correction", _of_the_fund(actor, found))
    said = " ".join(reason.split())
    if not accepted and not said:
        raise Refusal("correction_reason", fields=("reason",))
    # The person first, as everything that writes to them does; then what two agents may answer.
    person = _locked(found.person_id)
    request = corrections.lock_request(found.pk)
    state = ACCEPTED if accepted else REFUSED
    if request.state == state:
        return False
    if request.state != OPEN:
        raise Refusal("correction_answered")
    if accepted:
        _write(person, request, by=actor.role, at=at)
    corrections.end(request, state, at=at, by=actor.account_id, reason=said)
    record(
        actor,
        "corrections.request.answered",
        at=at,
        object_id=request.pk,
        person_id=request.person_id,
        reason=state,
    )
    announce("corrections.request.answered", at=at, correction=request.pk)
    return True


def _found(public_id: uuid.UUID) -> Request:
    request = corrections.request_by_public_id(public_id)
    if request is None:
        raise Refusal("not_found")
    return request


def _of_the_fund(actor: Actor, request: Request) -> Ties:
    return relations(actor, person_id=request.person_id, fund_code=request.fund_code)


def _with_an_account(actor: Actor, person_id: int) -> Person:
    """The person, locked; a browser that only booked never proved who it is."""
    if actor.account_id is None:
        raise Refusal("not_allowed")
    person = _locked(person_id)
    if person.forgotten_at is not None:
        raise Refusal("not_found")
    return person


def _locked(person_id: int) -> Person:
    return Person.objects.select_for_update().get(pk=person_id)


def _values(wanted: Wanted, on: date) -> dict[str, str]:
    """The columns of a request, in the form in which they are written."""
    given, family = (" ".join(name.split()) for name in (wanted.given_name, wanted.family_name))
    if not given or not family:
        raise Refusal("identity_missing", fields=NAMES)
    if wanted.birth_date > on:
        raise Refusal("birth_date_ahead", fields=("birth_date",))
    return {
        "given_name": given,
        "family_name": family,
        "birth_date": wanted.birth_date.isoformat(),
        "nir": read_nir(wanted.nir) if wanted.nir.strip() else "",
        "explanation": " ".join(wanted.explanation.split()),
    }


def _changes(person: Person, values: dict[str, str]) -> dict[str, str]:
    """What would be written anew: names, day of birth, and a number when one is given."""
    asked = {name: values[name] for name in (*NAMES, "nir") if values[name] or name != "nir"}
    return {name: value for name, value in asked.items() if getattr(person, name) != value}


def _refuse_certified(person: Person, values: dict[str, str]) -> None:
    """What a provider answers for is not changed by hand, not even by a fund's."""
    changes = _changes(person, values)
    if not changes.keys().isdisjoint(NAMES) and identities.traits_of_person(person.pk) is not None:
        raise Refusal("identity_certified")
    if "nir" in changes and contradicts_certified(person.pk, changes["nir"]):
        raise Refusal("nir_of_another", fields=("nir",))


def _write(person: Person, request: Request, *, by: str, at: datetime) -> None:
    values = {name: getattr(request, name) for name in (*NAMES, "nir")}
    _refuse_certified(person, values)
    changes = _changes(person, values)
    corrections.keep(person.pk, {name: getattr(person, name) for name in changes}, by=by, at=at)
    number = changes.pop("nir", "")
    if changes:
        people.change(person.pk, **changes)
    if number:
        try:
            with transaction.atomic():
                people.record_nir(person.pk, number)
        except IntegrityError as error:
            raise Refusal("nir_of_another", fields=("nir",)) from error


def _view(request: Request, person: Person) -> RequestView:
    """An open request beside what is written now; an answered one by itself."""
    wanted = {name: getattr(request, name) for name in (*NAMES, "nir")}
    shown = _changes(person, wanted) if request.state == OPEN else wanted
    return RequestView(
        public_id=request.public_id,
        person_name=f"{person.given_name} {person.family_name}",
        birth_date=person.birth_date,
        nir=person.nir,
        lines=tuple(
            Line(name, getattr(person, name), value) for name, value in shown.items() if value
        ),
        explanation=request.explanation,
        asked_at=request.asked_at,
        by_guardian=request.asked_by == "guardian",
        state=request.state,
        reason=request.reason,
        ended_at=request.ended_at,
    )
