"""A mother with a child of seven: a first session that waits for the father, who is far away."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from soutien.doors.cli.demo_data import identifiers
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.audit import queries as audit
from soutien.registers.care import queries as care
from soutien.registers.guardians import queries as guardians
from soutien.registers.people.guardianships import Guardianship
from soutien.registers.people.models import Affiliation, Cover, Person
from soutien.registers.people.queries import add_person
from soutien.registers.psychologists.models import Psychologist
from soutien.rules.calendar import add_years, civil_date, day_number
from soutien.rules.consent import CARE, text_of
from soutien.steps import gather

_SEVEN, _FORTY = 7, 40
_SOON, _LATER = timedelta(days=3), timedelta(days=30)
_ASKED, _SIGNED = timedelta(hours=5), timedelta(hours=4)
_WAITS, _LINK = timedelta(days=10), timedelta(days=30)
_EVALUATION = "evaluation"
_NUMBERS_FROM = 900_000


def mother(on: date, at: datetime) -> Person:
    """Nadia, who signs in; she has no care of her own."""
    return _person("mother", "Nadia", "Belmont", _years_ago(on, _FORTY), at)


def family(parent: Person, psychologist: Psychologist, on: date, at: datetime) -> None:
    """Léa, her first appointment, and what her parents said so far.

    Nothing is booked when the psychologist has no time for somebody new in the coming weeks.
    """
    child = _person("child", "Léa", "Belmont", _years_ago(on, _SEVEN), at)
    fund = identifiers.fund_code("general", "69")
    Affiliation.objects.create(
        public_id=identifiers.public_id("scheme of the child", 0),
        person=child,
        regime="general",
        fund_code=fund,
        valid_from=_years_ago(on, _SEVEN),
    )
    Cover.objects.create(
        public_id=identifiers.public_id("cover of the child", 0),
        person=child,
        insurer_code=identifiers.insurer_code(0),
        insurer_name="Mutuelle des Tilleuls",
        valid_from=_years_ago(on, 1),
    )
    Guardianship.objects.create(
        public_id=identifiers.public_id("guardianship", 0),
        guardian=parent,
        child=child,
        kind="parent",
        proof="Livret de famille (démonstration)",
        valid_from=_years_ago(on, _SEVEN),
        recorded_by="system",
        recorded_at=at,
    )
    booking = _booking(child, psychologist, at)
    if booking is not None:
        _said(parent, child, psychologist, at)
        until = min(at - _ASKED + _WAITS, booking.starts_at)
        guardians.wait_for_consent(booking.pk, child.pk, at=at - _ASKED, until=until)


def _booking(child: Person, psychologist: Psychologist, at: datetime) -> Booking | None:
    free = agenda.first_free(
        [psychologist.pk],
        since=at + _SOON,
        until=at + _LATER,
        kind=_EVALUATION,
        now=at,
        modality="in_person",
        count=1,
    )[psychologist.pk]
    for slot in free:
        booking = Booking.objects.create(
            public_id=identifiers.public_id("booking", "family"),
            psychologist=psychologist,
            place_id=slot.place_id,
            person=child,
            kind=_EVALUATION,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            civil_day=gather.civil_day(slot.starts_at, slot.time_zone),
            status="confirmed",
            created_at=at - _ASKED,
        )
        year = care.lock_year(child.pk, booking.civil_day.year)
        care.take_seat(year, cap=None, kind=_EVALUATION, booking_id=booking.pk)
        audit.append(
            [
                _line(event, booking.pk, child, at - _ASKED)
                for event in ("agenda.booking.held", "agenda.booking.confirmed")
            ]
        )
        return booking
    return None


def _said(parent: Person, child: Person, psychologist: Psychologist, at: datetime) -> None:
    """She agreed by her link; he has his, and did not answer yet."""
    asked: dict[str, Any] = {"capacity": "parent", "added_at": at - _ASKED, "added_by": "guardian"}
    nadia = guardians.name(
        child.pk,
        public_id=identifiers.public_id("holder", 0),
        given_name="Nadia",
        family_name="Belmont",
        email=parent.email,
        phone="",
        **asked,
    )
    karim = guardians.name(
        child.pk,
        public_id=identifiers.public_id("holder", 1),
        given_name="Karim",
        family_name="Belmont",
        email=f"karim@{identifiers.DOMAIN}",
        phone="",
        **asked,
    )
    for number, holder in enumerate((nadia, karim)):
        guardians.make_link(
            holder,
            psychologist.pk,
            at=at - _ASKED,
            ends_at=at - _ASKED + _LINK,
            public_id=identifiers.public_id("consent link", number),
        )
    signature = guardians.sign(
        nadia,
        psychologist.pk,
        matter=CARE,
        given=True,
        text_version=text_of(CARE).version,
        name="Nadia Belmont",
        how="link",
        signed_on=gather.civil_day(at - _SIGNED, "Europe/Paris"),
        recorded_by="guardian",
        recorded_by_account=None,
        at=at - _SIGNED,
        public_id=identifiers.public_id("signature", 0),
    )
    if signature is not None:
        line = _line("guardians.signature.given", signature.pk, child, at - _SIGNED)
        audit.append([line])


def _person(who: str, given_name: str, family_name: str, born_on: date, at: datetime) -> Person:
    # Beyond those of the demo's other people.
    number = _NUMBERS_FROM + sorted(("child", "mother")).index(who)
    return add_person(
        public_id=identifiers.public_id("family", who),
        nir=identifiers.nir(number, born_on=born_on, sex=2),
        given_name=given_name,
        family_name=family_name,
        birth_date=born_on.isoformat(),
        email=f"nadia@{identifiers.DOMAIN}",
        phone=identifiers.telephone(number, "69", mobile=True),
        created_at=at - _ASKED,
    )


def _years_ago(on: date, years: int) -> date:
    return civil_date(add_years(day_number(on), -years))


def _line(event: str, key: int, child: Person, at: datetime) -> audit.Line:
    return audit.Line(
        at=at,
        actor_role="anonymous",
        actor_account=None,
        event=event,
        object_kind=event.rsplit(".", 1)[0],
        object_id=str(key),
        person_id=child.pk,
    )
