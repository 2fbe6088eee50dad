"""What may go, kind by kind: how rows that are over are found, and how they are removed.

Found by the day their term ended before; removed a batch at a time. Nothing here decides a term:
rules/retention.py does. What a law or a living account keeps is never found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from soutien.registers.accounts.models import Account, MailLink, OpenSession, Role
from soutien.registers.agenda.models import LIVE, Booking
from soutien.registers.calendars.models import Feed
from soutien.registers.care import episodes, hand_overs, notes
from soutien.registers.care.models import CareSession, Seat
from soutien.registers.claims import papers
from soutien.registers.claims import queries as claims
from soutien.registers.corrections import queries as corrections
from soutien.registers.documents import queries as documents
from soutien.registers.guardians import queries as guardians
from soutien.registers.idempotency.models import Ask
from soutien.registers.identities.models import CertifiedTraits, ExternalIdentity, Held
from soutien.registers.insurance import queries as insurance
from soutien.registers.limits.models import Window
from soutien.registers.measures import queries as measures
from soutien.registers.outbox.models import Dispatch, Letter, LocalMessage
from soutien.registers.payments import queries as payments
from soutien.registers.people import majorities
from soutien.registers.people import queries as people
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import Person
from soutien.registers.rights import queries as rights
from soutien.registers.waiting.models import ACTIVE, Offer, Request, Wait
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import Deposit
from soutien.rules.calendar import civil_date, day_number
from soutien.rules.retention import KEPT, care_goes_on
from soutien.steps import gather

ZONE = "Europe/Paris"


class Asked(NamedTuple):
    """A moment, the civil day it is in Paris, the day that the term ended before."""

    at: datetime
    on: date
    before: date
    months: int

    @property
    def before_at(self) -> datetime:
        """The first moment of the day before which a thing must have ended."""
        return datetime.combine(self.before, time(), ZoneInfo(ZONE))


class Job(NamedTuple):
    """How rows of a kind that are over are found, the oldest first, and removed."""

    found: Callable[[Asked], QuerySet[Any]]
    remove: Callable[[Collection[int], datetime], None]


def asked(kind: str, at: datetime, chosen: Mapping[str, int]) -> Asked:
    """What a kind is asked today, with the terms that the operator chose, in months."""
    on, kept = gather.civil_day(at, ZONE), KEPT[kind]
    before = civil_date(kept.ended_before(day_number(on), chosen))
    return Asked(at, on, before, kept.term(chosen))


def due(kind: str, at: datetime, chosen: Mapping[str, int], *, limit: int) -> list[int]:
    """The keys of what may go now, at most so many. Changes nothing."""
    wanted = asked(kind, at, chosen)
    found = list(JOBS[kind].found(wanted).values_list("pk", flat=True)[:limit])
    return _grown(found, wanted) if kind == "care_records" else found


def count_due(kind: str, at: datetime, chosen: Mapping[str, int]) -> int:
    """How many may go now. Changes nothing."""
    wanted = asked(kind, at, chosen)
    found = JOBS[kind].found(wanted)
    if kind != "care_records":
        return found.count()
    return len(_grown(list(found.values_list("pk", flat=True)), wanted))


def forget_person(person_id: int, at: datetime) -> None:
    """Nothing that says who it was stays; what must stay is nobody's from then on."""
    _remove_waits(person_id)
    Feed.objects.filter(person_id=person_id).delete()
    MailLink.objects.filter(person_id=person_id).delete()
    CertifiedTraits.objects.filter(person_id=person_id).delete()
    people.forget(person_id, at)
    majorities.forget(person_id)
    corrections.forget(person_id)
    rights.forget(person_id)
    insurance.forget(person_id)
    documents.forget(person_id)
    writings.forget(person_id)
    hand_overs.forget(person_id)
    episodes.forget(person_id)
    notes.forget(person_id)
    guardians.forget(person_id)
    claims.forget(person_id)
    papers.forget(person_id)
    payments.forget(person_id=person_id)
    measures.forget(person_id)


def remove_accounts(account_ids: Collection[int]) -> None:
    """Accounts, with their protections, sessions, links, keys and identities held elsewhere."""
    ExternalIdentity.objects.filter(account_id__in=account_ids).delete()
    Account.objects.filter(pk__in=account_ids).delete()


def leave(person_id: int, at: datetime) -> None:
    """What nobody has to keep of somebody who asked to be erased: contact, waits, addresses."""
    _remove_waits(person_id)
    Feed.objects.filter(person_id=person_id).delete()
    MailLink.objects.filter(person_id=person_id).delete()
    Person.objects.filter(pk=person_id).update(erasure_asked_at=at)
    people.change(person_id, email="", phone="", language="fr", discreet=False)
    corrections.forget(person_id)
    documents.forget(person_id)


def last_session_on(person_id: int) -> date | None:
    """The day of a person's last session; None without any."""
    found: date | None = CareSession.objects.filter(person_id=person_id).aggregate(
        last=Max("held_on")
    )["last"]
    return found


def _remove_waits(person_id: int) -> None:
    Request.objects.filter(booking__person_id=person_id).delete()
    Wait.objects.filter(person_id=person_id).delete()


def _holds(wanted: Asked) -> QuerySet[Any]:
    def points(model: Any) -> Exists:
        return Exists(model.objects.filter(booking=OuterRef("pk")))

    over = Q(status="expired") | Q(status="cancelled", person__isnull=True)
    return (
        Booking.objects.filter(over, ends_at__lt=wanted.before_at)
        .exclude(points(Offer) | points(Request) | points(Seat) | points(CareSession))
        .order_by("pk")
    )


def _visitors(wanted: Asked) -> QuerySet[Any]:
    mine = {"person": OuterRef("pk")}
    recent = Booking.objects.filter(**mine, civil_day__gte=wanted.before)
    return (
        Person.objects.filter(forgotten_at__isnull=True, created_at__lt=wanted.before_at)
        .exclude(
            Exists(recent)
            | Exists(Account.objects.filter(**mine))
            | Exists(CareSession.objects.filter(**mine))
            | Exists(Wait.objects.filter(**mine, status__in=ACTIVE))
            | Exists(Guardianship.objects.filter(guardian=OuterRef("pk")))
            | Exists(Guardianship.objects.filter(child=OuterRef("pk")))
        )
        .order_by("pk")
    )


def _accounts(wanted: Asked) -> QuerySet[Any]:
    coming = Booking.objects.filter(
        person=OuterRef("person"), status__in=LIVE, ends_at__gt=wanted.at
    )
    acts = Guardianship.objects.filter(guardian=OuterRef("person"))
    return (
        Account.objects.filter(
            role__in=[Role.PERSON, Role.GUARDIAN], last_login__lt=wanted.before_at
        )
        .exclude(Exists(coming) | Exists(acts))
        .order_by("pk")
    )


def _care_records(wanted: Asked) -> QuerySet[Any]:
    mine = {"person": OuterRef("pk")}
    recent = CareSession.objects.filter(**mine, held_on__gt=wanted.before)
    booked = Booking.objects.filter(**mine, civil_day__gt=wanted.before)
    return (
        Person.objects.filter(
            Exists(CareSession.objects.filter(**mine)), forgotten_at__isnull=True
        )
        .exclude(
            Exists(recent)
            | Exists(booked)
            | Exists(Account.objects.filter(**mine))
            | Exists(Guardianship.objects.filter(guardian=OuterRef("pk")))
        )
        .order_by("pk")
    )


def _grown(person_ids: list[int], wanted: Asked) -> list[int]:
    """Those among them who were no child, or who are twenty-eight: their birth date is sealed."""
    found = []
    for person in Person.objects.filter(pk__in=person_ids).order_by("pk"):
        last = last_session_on(person.pk)
        born = day_number(date.fromisoformat(person.birth_date))
        if last and care_goes_on(day_number(last), born, wanted.months) <= day_number(wanted.on):
            found.append(person.pk)
    return found


def _gone(model: Any) -> Callable[[Collection[int], datetime], None]:
    def remove(keys: Collection[int], at: datetime) -> None:
        model.objects.filter(pk__in=keys).delete()

    return remove


def _remove_letters(keys: Collection[int], at: datetime) -> None:
    Dispatch.objects.filter(letter_id__in=keys).delete()
    Letter.objects.filter(pk__in=keys).delete()


def _forget_people(keys: Collection[int], at: datetime) -> None:
    for person_id in keys:
        forget_person(person_id, at)


def _remove_accounts(keys: Collection[int], at: datetime) -> None:
    remove_accounts(keys)


def _before(model: Any, column: str) -> Callable[[Asked], QuerySet[Any]]:
    def found(wanted: Asked) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(**{f"{column}__lt": wanted.before_at})
        return rows.order_by("pk")

    return found


def _until_now(model: Any, column: str) -> Callable[[Asked], QuerySet[Any]]:
    def found(wanted: Asked) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(**{f"{column}__lte": wanted.at})
        return rows.order_by("pk")

    return found


JOBS: Mapping[str, Job] = {
    "holds": Job(_holds, _gone(Booking)),
    "requests": Job(_before(Request, "ended_at"), _gone(Request)),
    "waits": Job(_before(Wait, "ended_at"), _gone(Wait)),
    "visitors": Job(_visitors, _forget_people),
    "letters": Job(_before(Letter, "delivered_at"), _remove_letters),
    "messages": Job(_before(LocalMessage, "arrived_at"), _gone(LocalMessage)),
    "sign_ins": Job(_before(OpenSession, "ends_at"), _gone(OpenSession)),
    "links": Job(_before(MailLink, "ends_at"), _gone(MailLink)),
    "answers": Job(_until_now(Ask, "ends_at"), _gone(Ask)),
    "deposits": Job(_until_now(Deposit, "ends_at"), _gone(Deposit)),
    "tries": Job(_until_now(Window, "ends_at"), _gone(Window)),
    "held_identities": Job(_until_now(Held, "ends_at"), _gone(Held)),
    "accounts": Job(_accounts, _remove_accounts),
    "care_records": Job(_care_records, _forget_people),
}
