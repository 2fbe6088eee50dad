"""A mother with two girls. Léa's first session waits for the father, who is far away; Inès, who is
sixteen, has an own space, and both parents agreed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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

_SEVEN, _SIXTEEN, _FORTY = 7, 16, 40
_SOON, _LATER = timedelta(days=3), timedelta(days=30)
_ASKED, _SIGNED = timedelta(hours=5), timedelta(hours=4)
_WAITS, _LINK = timedelta(days=10), timedelta(days=30)
_EVALUATION = "evaluation"
_NUMBERS_FROM = 900_000


def mother(on: date, at: datetime) -> Person:
    """Nadia, who signs in; she has no care of her own."""
    return _person("mother", "Nadia", "Belmont", _years_ago(on, _FORTY), at)


def teenager(on: date, at: datetime) -> Person:
    """Inès, who signs in herself."""
    return _person("teenager", "Inès", "Belmont", _years_ago(on, _SIXTEEN), at)


def family(
    parent: Person, young: Person, psychologist: Psychologist, on: date, at: datetime
) -> None:
    """Both girls, their first appointments, and what their parents said so far.

    Nothing is booked when the psychologist has no time for somebody new in the coming weeks.
    """
    child = _person("child", "Léa", "Belmont", _years_ago(on, _SEVEN), at)
    for number, girl in enumerate((child, young)):
        _insured(number, girl, parent, on, at)
        booking = _booking(girl, psychologist, at)
        if booking is None:
            continue
        _said(number, girl, parent, psychologist, at, father_too=girl is young)
        if girl is child:
            until = min(at - _ASKED + _WAITS, booking.starts_at)
            guardians.wait_for_consent(booking.pk, girl.pk, at=at - _ASKED, until=until)


def _insured(number: int, girl: Person, parent: Person, on: date, at: datetime) -> None:
    born_on = date.fromisoformat(girl.birth_date)
    fund = identifiers.fund_code("general", "69")
    Affiliation.objects.create(
        public_id=identifiers.public_id("scheme of the child", number),
        person=girl,
        regime="general",
        fund_code=fund,
        valid_from=born_on,
    )
    Cover.objects.create(
        public_id=identifiers.public_id("cover of the child", number),
        person=girl,
        insurer_code=identifiers.insurer_code(0),
        insurer_name="Mutuelle des Tilleuls",
        valid_from=_years_ago(on, 1),
    )
    Guardianship.objects.create(
        public_id=identifiers.public_id("guardianship", number),
        guardian=parent,
        child=girl,
        kind="parent",
        proof="Livret de famille (démonstration)",
        valid_from=born_on,
        recorded_by="system",
        recorded_at=at,
    )


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
            public_id=identifiers.public_id("booking", "family", child.given_name),
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


def _said(
    number: int,
    child: Person,
    parent: Person,
    psychologist: Psychologist,
    at: datetime,
    *,
    father_too: bool,
) -> None:
    """She agreed by her link; he has his, and did not answer yet for the younger one."""
    karims = f"karim@{identifiers.DOMAIN}"
    for seat, (given_name, email) in enumerate((("Nadia", parent.email), ("Karim", karims))):
        holder = guardians.name(
            child.pk,
            public_id=identifiers.public_id("holder", number, seat),
            given_name=given_name,
            family_name="Belmont",
            email=email,
            phone="",
            capacity="parent",
            added_at=at - _ASKED,
            added_by="guardian",
        )
        guardians.make_link(
            holder,
            psychologist.pk,
            at=at - _ASKED,
            ends_at=at - _ASKED + _LINK,
            public_id=identifiers.public_id("consent link", number, seat),
        )
        if given_name == "Karim" and not father_too:
            continue
        signature = guardians.sign(
            holder,
            psychologist.pk,
            matter=CARE,
            given=True,
            text_version=text_of(CARE).version,
            name=f"{given_name} Belmont",
            how="link",
            signed_on=gather.civil_day(at - _SIGNED, "Europe/Paris"),
            recorded_by="guardian",
            recorded_by_account=None,
            at=at - _SIGNED,
            public_id=identifiers.public_id("signature", number, seat),
        )
        if signature is not None:
            line = _line("guardians.signature.given", signature.pk, child, at - _SIGNED)
            audit.append([line])


def _person(who: str, given_name: str, family_name: str, born_on: date, at: datetime) -> Person:
    # Beyond those of the demo's other people.
    number = _NUMBERS_FROM + ("child", "mother", "teenager").index(who)
    return add_person(
        public_id=identifiers.public_id("family", who),
        nir=identifiers.nir(number, born_on=born_on, sex=2),
        given_name=given_name,
        family_name=family_name,
        birth_date=born_on.isoformat(),
        email=f"{'ines' if who == 'teenager' else 'nadia'}@{identifiers.DOMAIN}",
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
