"""Questions to the year and its seats, and the only ways to take, use or give back a seat."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from soutien.bulk import Among
from soutien.registers.care.models import CareSession, Referral, Seat, Year


class YearFull(Exception):
    """Every seat of the year is reserved or used."""

    def __init__(self, year: Year, cap: int) -> None:
        super().__init__(f"All {cap} seats of {year.civil_year} are taken.")
        self.year = year
        self.cap = cap


class SeatUsed(Exception):
    """A seat used by a paid session is neither given back nor used again."""


class SeatRow(NamedTuple):
    """One bead of the year."""

    id: int
    number: int
    kind: str
    used: bool
    booking_id: int | None
    care_session_id: int | None


class SeatCount(NamedTuple):
    """Seats reserved by bookings, and used by paid sessions."""

    reserved: int
    used: int

    @property
    def taken(self) -> int:
        return self.reserved + self.used


class SessionRow(NamedTuple):
    """A session as the decision and the lists need it."""

    id: int
    public_id: uuid.UUID
    psychologist_id: int
    place_id: int
    booking_id: int | None
    held_on: date
    kind: str
    modality: str
    performed: bool
    price_cents: int
    linked_to: str
    prescribed: bool
    duration_minutes: int | None
    missed_by: str
    told_on: date | None
    corrects_id: int | None
    sent_as_id: int | None

    @property
    def settled_id(self) -> int:
        """The session whose sheet the fund has, or will have."""
        return self.sent_as_id or self.id


class HeldRow(NamedTuple):
    """A session as a decision on another one needs it."""

    id: int
    psychologist_id: int
    held_on: date
    kind: str
    performed: bool
    sent_as_id: int | None

    @property
    def settled_id(self) -> int:
        """The session whose sheet the fund has, or will have."""
        return self.sent_as_id or self.id


def year_of(person_id: int, civil_year: int) -> Year:
    """The person's civil year, created when it is the first time it is asked for."""
    year, _created = Year.objects.get_or_create(person_id=person_id, civil_year=civil_year)
    return year


def lock_year(person_id: int, civil_year: int) -> Year:
    """The year, created if needed, held to the end of the transaction.

    SQLite has no row locks: there the transaction is IMMEDIATE and holds the whole file.
    Raises TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "lock_year holds a row to the end of a transaction: call it inside atomic()."
        )
    wanted = Year.objects.select_for_update().filter(person_id=person_id, civil_year=civil_year)
    year = wanted.first()
    if year is None:
        Year.objects.bulk_create(
            [Year(person_id=person_id, civil_year=civil_year)], ignore_conflicts=True
        )
        year = wanted.get()
    return year


def lock_years(wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Year]:
    """Years of several people (person, civil year), created if needed, held like ``lock_year``.

    Locked by person, then by year: two who lock several never wait for each other.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "lock_years holds rows to the end of a transaction: call it inside atomic()."
        )
    keys = sorted(set(wanted))
    people, civil_years = {key[0] for key in keys}, {key[1] for key in keys}
    there = Year.objects.filter(Among("person_id", people), civil_year__in=civil_years)
    known = set(there.values_list("person_id", "civil_year"))
    missing = [key for key in keys if key not in known]
    Year.objects.bulk_create(
        [Year(person_id=person_id, civil_year=civil_year) for person_id, civil_year in missing],
        ignore_conflicts=True,
    )
    locked = there.select_for_update().order_by("person_id", "civil_year")
    rows = {(year.person_id, year.civil_year): year for year in locked}
    return {key: rows[key] for key in keys}


def seat_numbers(year_ids: Collection[int]) -> dict[int, list[int]]:
    """The numbers taken of each of these years; none is missing."""
    found: dict[int, list[int]] = {year_id: [] for year_id in year_ids}
    rows = Seat.objects.filter(Among("year_id", found))
    for year_id, number in rows.values_list("year_id", "number"):
        found[year_id].append(number)
    return found


def seats(year_id: int) -> list[SeatRow]:
    """The seats taken of a year, by number."""
    rows = Seat.objects.filter(year_id=year_id).order_by("number")
    return [SeatRow._make(row) for row in rows.values_list(*SeatRow._fields)]


def seats_of_person(person_id: int, civil_year: int) -> list[SeatRow]:
    """The seats taken of a person's year, by number; none when the year was never opened."""
    return seats_of_people([person_id], civil_year)[person_id]


def seats_of_people(person_ids: Collection[int], civil_year: int) -> dict[int, list[SeatRow]]:
    """The same of each of these people; nobody is missing."""
    found: dict[int, list[SeatRow]] = {person_id: [] for person_id in person_ids}
    rows = Seat.objects.filter(year__person__in=list(found), year__civil_year=civil_year)
    columns = ("year__person_id", *SeatRow._fields)
    for person_id, *seat in rows.order_by("number").values_list(*columns):
        found[person_id].append(SeatRow._make(seat))
    return found


def count_seats(year_id: int) -> SeatCount:
    """How many seats of the year are reserved, and how many used."""
    used = list(Seat.objects.filter(year_id=year_id).values_list("used", flat=True))
    return SeatCount(reserved=used.count(False), used=used.count(True))


def take_seat(
    year: Year,
    *,
    cap: int | None,
    kind: str,
    booking_id: int | None = None,
    care_session_id: int | None = None,
    used: bool = False,
) -> Seat:
    """Take the lowest free seat of a year locked before; ``cap`` None where the law sets none.

    Raises YearFull. Without ``lock_year``, two at once raise IntegrityError, never one too many.
    """
    taken = set(Seat.objects.filter(year=year).values_list("number", flat=True))
    number = next(n for n in range(1, len(taken) + 2) if n not in taken)
    # Counted too: seats taken under a higher cap may stand above this one's.
    if cap is not None and (number > cap or len(taken) >= cap):
        raise YearFull(year, cap)
    return Seat.objects.create(
        year=year,
        number=number,
        cap=cap,
        kind=kind,
        used=used,
        booking_id=booking_id,
        care_session_id=care_session_id,
    )


def give_back(booking_id: int) -> bool:
    """Free the seat a booking reserved; false when it had none. Raises SeatUsed."""
    removed, _by_model = Seat.objects.filter(booking_id=booking_id, used=False).delete()
    if not removed and Seat.objects.filter(booking_id=booking_id).exists():
        raise SeatUsed(f"The seat of booking {booking_id} was used by a paid session.")
    return bool(removed)


def has_seat(care_session_id: int) -> bool:
    """Whether a session uses a seat of its year."""
    return Seat.objects.filter(care_session_id=care_session_id).exists()


def free_seat(care_session_id: int) -> bool:
    """Free the seat a session used, which is paid no more; false when it had none.

    For who holds the year's lock, and decides again.
    """
    removed, _by_model = Seat.objects.filter(care_session_id=care_session_id).delete()
    return bool(removed)


def keep_seat(year: Year, booking_id: int, *, cap: int, kind: str) -> None:
    """The seat of a booking in a locked year: the one it has, or one taken again.

    None is left when appointments fill the year: the law counts paid sessions, and its claim will
    make room (``displace_latest``).
    """
    if Seat.objects.filter(booking_id=booking_id).exists():
        return
    with suppress(YearFull):
        take_seat(year, cap=cap, kind=kind, booking_id=booking_id)


def use_seat(booking_id: int, care_session_id: int) -> bool:
    """Make the seat a booking reserved a used one; false when it had none. Raises SeatUsed."""
    if Seat.objects.filter(booking_id=booking_id, used=False).update(
        used=True, care_session_id=care_session_id
    ):
        return True
    if Seat.objects.filter(booking_id=booking_id).exists():
        raise SeatUsed(f"The seat of booking {booking_id} was used by a paid session.")
    return False


def sessions_of_person(
    person_id: int, *, since: date | None = None, before: date | None = None
) -> list[SessionRow]:
    """A person's sessions held in [since, before), by day, with no status: claims know that."""
    sessions = _standing().filter(person_id=person_id)
    if since:
        sessions = sessions.filter(held_on__gte=since)
    if before:
        sessions = sessions.filter(held_on__lt=before)
    rows = sessions.order_by("held_on", "id").values_list(*SessionRow._fields)
    return [SessionRow._make(row) for row in rows]


def sessions_of_people(person_ids: Collection[int]) -> dict[int, list[SessionRow]]:
    """All sessions of each of these people, by day; nobody is missing."""
    found: dict[int, list[SessionRow]] = {person_id: [] for person_id in person_ids}
    rows = _standing().filter(person__in=list(found)).order_by("held_on", "id")
    for person_id, *session in rows.values_list("person_id", *SessionRow._fields):
        found[person_id].append(SessionRow._make(session))
    return found


def held_by_people(person_ids: Collection[int]) -> dict[int, list[HeldRow]]:
    """The same for who decides on another session."""
    found: dict[int, list[HeldRow]] = {person_id: [] for person_id in person_ids}
    rows = _standing().filter(Among("person_id", found)).order_by("held_on", "id")
    for person_id, *session in rows.values_list("person_id", *HeldRow._fields):
        found[person_id].append(HeldRow._make(session))
    return found


def session_of_booking(booking_id: int) -> CareSession | None:
    """The session that a booking became, as it was told last."""
    return _standing().filter(booking_id=booking_id).first()


def sessions_of_bookings(booking_ids: Collection[int]) -> dict[int, CareSession]:
    """The session that each of these bookings became, for those that did."""
    sessions = _standing().filter(booking__in=booking_ids)
    return {session.booking_id: session for session in sessions if session.booking_id}


def as_told_now(care_session_id: int) -> CareSession | None:
    """The session that a sheet the fund has is now told as; None when it was not told anew."""
    return _standing().filter(sent_as_id=care_session_id).first()


def corrected(care_session_id: int) -> bool:
    """Whether a later one took the place of a session."""
    return CareSession.objects.filter(corrects_id=care_session_id).exists()


def held_in_year(psychologist_id: int, civil_year: int) -> tuple[int, int]:
    """How many sessions a psychologist held remotely in a civil year, and how many in all."""
    held = _standing().filter(
        psychologist_id=psychologist_id,
        performed=True,
        held_on__gte=date(civil_year, 1, 1),
        held_on__lt=date(civil_year + 1, 1, 1),
    )
    counted = held.aggregate(all=Count("id"), remote=Count("id", filter=Q(modality="remote")))
    return counted["remote"], counted["all"]


def _standing() -> QuerySet[CareSession]:
    """Sessions as they were told last: what was corrected is left out."""
    return CareSession.objects.filter(correction__isnull=True)


def by_public_id(public_id: uuid.UUID) -> CareSession | None:
    """The session of an address, with its person, psychologist and place."""
    return (
        CareSession.objects.select_related("person", "psychologist", "place")
        .filter(public_id=public_id)
        .first()
    )


def by_public_ids(public_ids: Collection[uuid.UUID]) -> list[CareSession]:
    """The sessions of these addresses, with their places, by day."""
    found = CareSession.objects.filter(public_id__in=public_ids).select_related("place")
    return list(found.order_by("held_on", "id"))


def knows(psychologist_id: int, person_id: int) -> bool:
    """Whether the psychologist has already seen the person."""
    return CareSession.objects.filter(
        psychologist_id=psychologist_id, person_id=person_id
    ).exists()


def displace_latest(year: Year, *, kind: str, care_session_id: int) -> int | None:
    """Give the seat of the latest appointment of a locked year to a paid session.

    The booking that loses its seat, or None when no seat is only reserved.
    """
    seat = Seat.objects.filter(year=year, used=False).order_by("-booking__starts_at").first()
    if seat is None:
        return None
    displaced = seat.booking_id
    seat.kind, seat.used = kind, True
    seat.booking_id, seat.care_session_id = None, care_session_id
    seat.save(update_fields=["kind", "used", "booking", "care_session"])
    return displaced


def referrals_of_person(person_id: int) -> list[Referral]:
    """The person's letters, oldest first."""
    return list(Referral.objects.filter(person_id=person_id).order_by("written_on", "id"))


def referrals_of_people(person_ids: Collection[int]) -> dict[int, list[Referral]]:
    """The letters of each of these people, oldest first; nobody is missing."""
    found: dict[int, list[Referral]] = {person_id: [] for person_id in person_ids}
    rows = Referral.objects.filter(Among("person_id", found))
    for letter in rows.order_by("written_on", "id"):
        found[letter.person_id].append(letter)
    return found


def add_referral(person_id: int, *, written_on: date, referrer: str) -> Referral:
    """A doctor's letter for the fund, known from now on."""
    return Referral.objects.create(person_id=person_id, written_on=written_on, referrer=referrer)


def latest_referral(person_id: int, on: date) -> Referral | None:
    """The person's last letter written on or before a day."""
    return (
        Referral.objects.filter(person_id=person_id, written_on__lte=on)
        .order_by("-written_on", "-id")
        .first()
    )
