"""Somebody whom no register here knows: their fund opens their file, to enter a paper sheet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.rules.traits import Traits, nir_contradicts
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.entitled import (
    ZONE,
    Evidence,
    Right,
    funds_of,
    locked,
    refuse_unclear_evidence,
    write,
)
from soutien.steps.errors import Refusal
from soutien.steps.nir import read as read_nir
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, record

SCHEME = "scheme"


@dataclass(frozen=True, slots=True)
class Insured:
    """Who they are, as the fund's own register or the certificate says."""

    nir: str
    given_name: str
    family_name: str
    birth_date: date


@act("people.person.admitted")
def admit_insured(
    *, actor: Actor, insured: Insured, scheme: Right, evidence: Evidence, at: datetime
) -> uuid.UUID:
    """Open the file of somebody of the actor's fund, with their scheme; their public id.

    The same sent again is the same file. Refuses ``insured_elsewhere`` when the number is
    somebody's already, whoever they are; ``birth_differs``, ``birth_date_ahead``,
    ``evidence_unclear`` and what ``open_right`` refuses.
    """
    allow(actor, "admit_insured", relations(actor, fund_code=actor.fund_code))
    number = read_nir(insured.nir)
    refuse_unclear_evidence(evidence, at)
    if insured.birth_date > gather.civil_day(at, ZONE):
        raise Refusal("birth_date_ahead", fields=("birth_date",))
    if nir_contradicts(number, _traits(insured)):
        raise Refusal("birth_differs", fields=("birth_date",))
    known = people.by_nir(number)
    if known is not None:
        return _the_same(actor, known, insured, at)
    try:
        with transaction.atomic():
            person = people.add_person(
                nir=number,
                given_name=insured.given_name,
                family_name=insured.family_name,
                birth_date=insured.birth_date.isoformat(),
                created_at=at,
            )
    except IntegrityError:
        # Another agent was quicker by a moment.
        quicker = people.by_nir(number)
        assert quicker is not None
        return _the_same(actor, quicker, insured, at)
    write(actor, locked(person.pk), _of_the_fund(actor, scheme), evidence, at=at)
    record(actor, "people.person.admitted", at=at, object_id=person.pk, person_id=person.pk)
    return person.public_id


def _the_same(actor: Actor, known: Person, insured: Insured, at: datetime) -> uuid.UUID:
    """The file that stands; never said of somebody whom the agent may not see."""
    told = (known.given_name, known.family_name, known.birth_date)
    asked = (insured.given_name, insured.family_name, insured.birth_date.isoformat())
    if told != asked or actor.fund_code not in funds_of(people.with_rights(known.pk)):
        raise Refusal("insured_elsewhere", fields=("nir",))
    record(actor, "rights.person.found", at=at, object_id=known.pk, person_id=known.pk)
    return known.public_id


def _traits(insured: Insured) -> Traits:
    """What the number may contradict: the day of birth alone. No sex nor place was told."""
    day = insured.birth_date.isoformat()
    return Traits(insured.family_name, (insured.given_name,), day)


def _of_the_fund(actor: Actor, scheme: Right) -> Right:
    """An agent admits to their own fund only, whatever was sent."""
    return Right(
        SCHEME,
        scheme.valid_from,
        scheme.ends_on,
        regime=scheme.regime,
        fund_code=actor.fund_code,
    )
