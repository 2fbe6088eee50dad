"""A small town to play in: psychologists who receive in Lyon, people, and the steps in short.

Days are in 2026. In spring the person sends the sheet; from October the psychologist does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tests import factories

from soutien.registers.agenda.models import Booking
from soutien.registers.care.models import CareSession, Seat
from soutien.registers.claims.models import CareSheet, Claim, Decision, SheetLine
from soutien.registers.claims.queries import latest_decision, line_of_session, sheet_of_session
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.book import Identity, confirm_booking
from soutien.steps.claim import send_care_sheet
from soutien.steps.hold import hold_slot
from soutien.steps.meet import Rights, Signatures, close_session

OPENED = date(2022, 4, 5)
MONDAY = date(2026, 3, 2)
AUTUMN = date(2026, 11, 23)
OF_A_PLACE = {"time_zone", "insee", "latitude", "longitude", "practice", "finess"}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SIGNED = Signatures(person=True, psychologist=True)
RIGHTS = Rights(
    regime="general", amc=True, insurer_name="Mutuelle d'exemple", fund_code="019990069"
)
CAMILLE = Identity("Camille", "Exemple", date(1990, 5, 17), email="camille@example.org")


@dataclass(frozen=True)
class Practice:
    """A psychologist at one place, with the actor who works there."""

    place: PracticePlace

    @property
    def actor(self) -> Actor:
        return Actor("psychologist", psychologist_id=self.place.psychologist_id)

    @property
    def psychologist_id(self) -> int:
        return self.place.psychologist_id


def practice(*, under_agreement_from: date | None = OPENED, **fields: object) -> Practice:
    """Receives every day from 8 to 18 on the wall clock of the place, an hour a session."""
    of_place = {key: fields.pop(key) for key in OF_A_PLACE & fields.keys()}
    who = factories.psychologist(under_agreement_from=under_agreement_from, **fields)
    place = factories.place(who, **of_place)
    for weekday in range(7):
        factories.opening(
            place,
            weekday,
            valid_from=OPENED,
            starts_at_minute=8 * 60,
            ends_at_minute=18 * 60,
            modality="both",
            open_on_public_holidays=True,
        )
    return Practice(place)


def insured(*, since: date = OPENED, amc: bool = True) -> Person:
    """An adult of the general scheme whose NIR and rights are known."""
    who = factories.person(at=at(OPENED), with_nir=True)
    factories.affiliation(who, valid_from=since, fund_code="019990069")
    if amc:
        factories.cover(who, valid_from=since)
    return who


def of(who: Person) -> Actor:
    """The person as an actor."""
    return Actor("person", person_id=who.pk)


def at(day: date, hour: int = 9) -> datetime:
    """A moment, UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def held(
    where: Practice,
    actor: Actor = ANONYMOUS,
    *,
    day: date = MONDAY,
    hour: int = 9,
    kind: str = "evaluation",
    asked_at: datetime | None = None,
    person_id: int | None = None,
    modality: str = "in_person",
) -> Booking:
    """A time held a week before it."""
    return hold_slot(
        actor=actor,
        psychologist_id=where.psychologist_id,
        place_id=where.place.pk,
        starts_at=at(day, hour),
        kind=kind,
        modality=modality,
        at=asked_at or at(day - 7 * DAY),
        person_id=person_id,
    )


def booked(
    where: Practice, who: Person, *, day: date, hour: int = 9, kind: str = "follow_up"
) -> Booking:
    """An appointment held and confirmed by a person, a week before it."""
    booking = held(where, of(who), day=day, hour=hour, kind=kind)
    return confirm_booking(
        actor=of(who), booking_id=booking.public_id, at=booking.created_at + timedelta(minutes=3)
    )


def closed(
    where: Practice, booking: Booking, *, performed: bool = True, **words: object
) -> CareSession:
    """The session closed by its psychologist when it ends."""
    values = {
        "actor": where.actor,
        "modality": booking.modality,
        "signatures": SIGNED,
    } | words
    return close_session(
        booking_id=booking.public_id,
        performed=performed,
        at=booking.ends_at,
        **values,  # type: ignore[arg-type]
    )


def sheet_of(session: CareSession) -> CareSheet:
    """The sheet issued for a session."""
    sheet = sheet_of_session(session.pk)
    assert sheet is not None
    return sheet


def line_of(session: CareSession) -> SheetLine:
    """The line of its sheet on which a session stands."""
    line = line_of_session(session.pk)
    assert line is not None
    return line


def sent(where: Practice, session: CareSession, *, days_later: int = 1) -> Claim:
    """The sheet sent by the psychologist, received the day after."""
    day = session.held_on + days_later * DAY
    return send_care_sheet(
        actor=where.actor,
        care_sheet_id=sheet_of(session).public_id,
        received_on=day,
        at=at(day, 16),
    )


def decided(claim: Claim) -> Decision:
    """The decision that counts for a claim."""
    decision = latest_decision(claim.pk)
    assert decision is not None
    return decision


def paid(where: Practice, who: Person, *, day: date, kind: str = "follow_up") -> Decision:
    """A session from booking to decision."""
    return decided(sent(where, closed(where, booked(where, who, day=day, kind=kind))))


def seats(who: Person, civil_year: int = 2026) -> tuple[int, int]:
    """Used and reserved seats of a year."""
    found = list(
        Seat.objects.filter(year__person=who, year__civil_year=civil_year).values_list(
            "used", flat=True
        )
    )
    return found.count(True), found.count(False)
