"""Correcting one's own data, and asking to be erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from soutien.registers.accounts.models import Account
from soutien.registers.agenda.models import LIVE, Booking
from soutien.registers.claims.models import CareSheet
from soutien.registers.corrections import queries as corrections
from soutien.registers.identities import queries as identities
from soutien.registers.people import queries as people
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import Person
from soutien.rules.calendar import civil_date, day_number
from soutien.rules.retention import KEPT, care_goes_on
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.contact import Contact, reachable
from soutien.steps.errors import Refusal
from soutien.steps.keeping import ZONE, forget_person, last_session_on, leave, remove_accounts
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, announce, record

CARE = "care_records"


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of somebody's data: ``kept_until`` is the day what remains may go; None: all."""

    kept_until: date | None


@act("people.contact.changed")
def change_contact(
    *, actor: Actor, person_id: int, contact: Contact, language: str, at: datetime
) -> bool:
    """How to reach somebody, at once; whether anything changed. The former address is told.

    Refuses ``contact_missing`` when nothing is left to reach them by.
    """
    allow(actor, "change_contact", relations(actor, person_id=person_id))
    person = _mine(actor, person_id)
    told = reachable(contact)
    wanted: dict[str, str | bool] = {
        "email": told.email,
        "phone": told.phone,
        "language": language,
        "discreet": told.discreet,
    }
    former = _replaced(person, wanted)
    if not former:
        return False
    people.change(person_id, **wanted)
    lines = corrections.keep(person_id, former, by=actor.role, at=at)
    record(actor, "people.contact.changed", at=at, object_id=person_id, person_id=person_id)
    announce("people.contact.changed", at=at, person=person_id)
    if former.get("email"):
        announce("people.address.left", at=at, former=lines["email"])
    return True


@act("people.identity.corrected")
def correct_identity(
    *,
    actor: Actor,
    person_id: int,
    given_name: str,
    family_name: str,
    birth_date: date,
    at: datetime,
) -> bool:
    """Names and day of birth, as long as they are only what was typed; whether anything changed.

    Refuses ``identity_certified`` when an identity held elsewhere answers for them,
    ``identity_on_sheets`` once a care sheet carries them, ``birth_date_counts`` for the day of a
    child somebody acts for, ``identity_missing`` and ``birth_date_ahead``.
    """
    allow(actor, "correct_identity", relations(actor, person_id=person_id))
    person = _mine(actor, person_id)
    given, family = " ".join(given_name.split()), " ".join(family_name.split())
    if not given or not family:
        raise Refusal("identity_missing", fields=("given_name", "family_name", "birth_date"))
    if birth_date > gather.civil_day(at, ZONE):
        raise Refusal("birth_date_ahead", fields=("birth_date",))
    if identities.traits_of_person(person_id) is not None:
        raise Refusal("identity_certified")
    if CareSheet.objects.filter(person_id=person_id).exists():
        raise Refusal("identity_on_sheets")
    if birth_date.isoformat() != person.birth_date and _is_acted_for(person_id):
        raise Refusal("birth_date_counts")
    wanted: dict[str, str | bool] = {
        "given_name": given,
        "family_name": family,
        "birth_date": birth_date.isoformat(),
    }
    former = _replaced(person, wanted)
    if not former:
        return False
    people.change(person_id, **wanted)
    corrections.keep(person_id, former, by=actor.role, at=at)
    record(actor, "people.identity.corrected", at=at, object_id=person_id, person_id=person_id)
    return True


@act("people.person.left")
def erase_own_data(
    *, actor: Actor, person_id: int, at: datetime, chosen: Mapping[str, int] | None = None
) -> Erased:
    """What can go goes now: the account, the contact, the waits; all of it without any session.

    What the term of care records keeps is told with its day (``chosen``: the operator's months).
    Refuses ``bookings_ahead``: an appointment is cancelled first, so that its psychologist knows.
    """
    allow(actor, "erase_own_data", relations(actor, person_id=person_id))
    person = _mine(actor, person_id)
    coming = Booking.objects.filter(person_id=person_id, status__in=LIVE, ends_at__gt=at)
    if coming.exists():
        raise Refusal("bookings_ahead")
    last = last_session_on(person_id)
    remove_accounts(list(Account.objects.filter(person_id=person_id).values_list("pk", flat=True)))
    if last is None:
        forget_person(person_id, at)
        record(actor, "people.person.forgotten", at=at, object_id=person_id, person_id=person_id)
        return Erased(None)
    born = day_number(date.fromisoformat(person.birth_date))
    until = care_goes_on(day_number(last), born, KEPT[CARE].term(chosen or {}))
    leave(person_id, at)
    record(actor, "people.person.left", at=at, object_id=person_id, person_id=person_id)
    return Erased(civil_date(until))


def _mine(actor: Actor, person_id: int) -> Person:
    """The person, locked; a browser that only booked never proved who it is."""
    if actor.account_id is None:
        raise Refusal("not_allowed")
    person = Person.objects.select_for_update().get(pk=person_id)
    if person.forgotten_at is not None:
        raise Refusal("not_found")
    return person


def _is_acted_for(person_id: int) -> bool:
    """Whether somebody acts, or acted, for the person: the day of birth ends that right."""
    return Guardianship.objects.filter(child_id=person_id).exists()


def _replaced(person: Person, wanted: Mapping[str, str | bool]) -> dict[str, str]:
    """What was there, of what changes."""
    return {
        name: _written(getattr(person, name))
        for name, value in wanted.items()
        if getattr(person, name) != value
    }


def _written(value: str | bool) -> str:
    return value if isinstance(value, str) else ("yes" if value else "no")
