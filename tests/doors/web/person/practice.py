"""A psychologist with free hours every weekday, and people on their way: what pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from django.test import Client
from tests import factories as make

from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace, Psychologist

SINCE = date(2022, 6, 1)
WORKING_DAYS = 5
CAP = 12
TYPED = {
    "whom": "self",
    "given_name": "Noé",
    "family_name": "d’Exemple",
    "birth_date": "17 05 1990",
    "email": "noe@example.org",
    "phone": "",
}


@dataclass
class Practice:
    """A psychologist, one place, nine to noon on weekdays."""

    psychologist: Psychologist
    place: PracticePlace

    def address(self, starts_at: datetime, **more: str) -> str:
        """Where booking a time starts."""
        query = {"place": self.place.pk, "starts": f"{starts_at:%Y-%m-%dT%H:%MZ}", **more}
        return f"/reserver/{self.psychologist.public_id}?{urlencode(query)}"

    def asked(self, starts_at: datetime, **more: str) -> dict[str, str]:
        """The first screen's form."""
        return {"place": str(self.place.pk), "starts": starts_at.isoformat(), **more}

    def hold(self, client: Client, starts_at: datetime, **more: str) -> str:
        """Keep a time; the address of the second screen."""
        answer = client.post(
            f"/reserver/{self.psychologist.public_id}", self.asked(starts_at, **more)
        )
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def book(self, client: Client, starts_at: datetime, **typed: str) -> str:
        """All three screens; the address of the appointment."""
        who = self.hold(client, starts_at)
        check = client.post(who, TYPED | typed)["Location"]
        return str(client.post(check)["Location"])


def practice(**fields: object) -> Practice:
    """A partner psychologist in Lyon who takes new people."""
    psychologist = make.psychologist(
        under_agreement_from=SINCE, given_name="Ada", family_name="Modèle", phone="0465710000"
    )
    place = make.place(psychologist, **fields)
    for weekday in range(WORKING_DAYS):
        make.opening(place, weekday, valid_from=SINCE, modality="both")
    return Practice(psychologist, place)


def next_monday(now: datetime, hour_utc: int) -> datetime:
    """A Monday after the coming one, at an hour UTC."""
    days = 14 - now.weekday()
    return datetime(now.year, now.month, now.day, hour_utc, tzinfo=UTC) + timedelta(days=days)


def person_with_account(at: datetime, **fields: object) -> tuple[Person, Account]:
    """Somebody with rights who signs in."""
    who = make.person(at=at, given_name="Camille", with_nir=True, **fields)
    make.affiliation(who, valid_from=SINCE)
    make.cover(who, valid_from=SINCE)
    return who, make.account(Role.PERSON, person=who, display_name="Camille Exemple")


def booked(room: Practice, who: Person, starts_at: datetime, kind: str) -> Booking:
    """An appointment with its seat."""
    booking = make.booking(room.place, starts_at=starts_at, who=who, kind=kind)
    year = care.year_of(who.pk, booking.civil_day.year)
    care.take_seat(year, cap=CAP, kind=kind, booking_id=booking.pk)
    return booking
