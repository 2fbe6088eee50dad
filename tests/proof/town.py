"""Who books where: psychologists open every day, insured people, appointments made by the steps.

Everything goes through the product's own steps at the moment it is, so that each act left its
line in the trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from tests import factories as make

from soutien.doors.booking_links import booking_path
from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import AgendaLimits, Booking
from soutien.registers.agenda.queries import Slot
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace, Psychologist
from soutien.steps.actor import Actor
from soutien.steps.book import confirm_booking
from soutien.steps.hold import hold_slot

OPENED = date(2022, 4, 5)
CAP = 12
# A year is left when too little of it remains for fifty appointments on days of their own.
DAYS_NEEDED, DAYS_AHEAD_MAX = 75, 400
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WHO = {
    "whom": "self",
    "given_name": "Noé",
    "family_name": "d’Exemple",
    "birth_date": "17 05 1990",
    "email": "noe@example.org",
    "phone": "",
}
HELD = {
    "outcome": "held",
    "modality": "in_person",
    "signed_by_person": "on",
    "signed_by_psychologist": "on",
}


@dataclass(frozen=True)
class Room:
    """A psychologist who receives every day from 8 to 18, with one place."""

    psychologist: Psychologist
    place: PracticePlace

    @property
    def path(self) -> str:
        """Where booking starts."""
        return f"/reserver/{self.psychologist.public_id}"

    def asked(self, slot: Slot, kind: str = "evaluation") -> dict[str, str]:
        """The form of the first screen."""
        return {
            "place": str(self.place.pk),
            "starts": slot.starts_at.isoformat(),
            "kind": kind,
            "modality": "in_person",
        }

    def free(self, since: datetime, days: int, kind: str = "evaluation") -> list[Slot]:
        """The free times from a moment on, in order."""
        return agenda.free_slots(
            [self.psychologist.pk],
            since=since,
            until=since + days * DAY,
            kind=kind,
            now=since - DAY,
        )[self.psychologist.pk]

    def account(self) -> Account:
        """The psychologist's own account."""
        return make.account(Role.PSYCHOLOGIST, psychologist=self.psychologist)


def room() -> Room:
    """A psychologist under agreement, whom people may book more than a year ahead."""
    psychologist = make.psychologist(under_agreement_from=OPENED)
    place = make.place(psychologist)
    for weekday in range(7):
        make.opening(
            place,
            weekday,
            valid_from=OPENED,
            starts_at_minute=8 * 60,
            ends_at_minute=18 * 60,
            open_on_public_holidays=True,
        )
    AgendaLimits.objects.create(
        psychologist=psychologist,
        buffer_minutes=0,
        notice_hours=0,
        horizon_days=DAYS_AHEAD_MAX,
        first_sessions_kept=0,
        kept_until_days=0,
    )
    return Room(psychologist, place)


def insured() -> Person:
    """An adult whose number and rights are known."""
    who = make.person(at=timezone.now(), with_nir=True)
    make.affiliation(who, valid_from=OPENED)
    make.cover(who, valid_from=OPENED)
    return who


def booked(where: Room, who: Person, slot: Slot, kind: str, at: datetime) -> Booking:
    """An appointment, held and confirmed by its person at a moment."""
    actor = Actor("person", person_id=who.pk)
    held = hold_slot(
        actor=actor,
        psychologist_id=where.psychologist.pk,
        place_id=where.place.pk,
        starts_at=slot.starts_at,
        kind=kind,
        modality="in_person",
        at=at,
    )
    return confirm_booking(actor=actor, booking_id=held.public_id, at=at + MINUTE)


def one_year(now: datetime) -> datetime:
    """A moment to start from, with room for everything in one civil year and within reach."""
    start = now + DAY
    if (start + DAYS_NEEDED * DAY).year != start.year:
        start = datetime(now.year + 1, 1, 4, tzinfo=UTC)
    return start


def one_seat_left(now: datetime) -> Person:
    """Somebody whose year has eleven appointments, each on a day of its own, and one seat left."""
    where, who = room(), insured()
    start = one_year(now)
    kinds = ["evaluation", *["follow_up"] * (CAP - 2)]
    for number, kind in enumerate(kinds):
        slot = where.free(start + number * DAY, 1, kind)[0]
        booked(where, who, slot, kind, now)
    return who


def account_of(who: Person) -> Account:
    """An account that acts as the person."""
    return make.account(Role.PERSON, person=who)


def cancel_path(booking: Booking) -> str:
    """Where whoever has the appointment's link cancels it."""
    return booking_path(booking.public_id, "booking_cancel")


def close_path(booking: Booking) -> str:
    """Where the psychologist says that it was held."""
    return reverse("close", args=[booking.public_id])
