"""Rows become what people see: an appointment, a year in beads, the sessions of many people.

A part of steps, shared by those that look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.care.queries import SeatRow, SessionRow
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet
from soutien.registers.claims.queries import DecisionRow
from soutien.registers.people.models import Person
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.models import PracticePlace, Psychologist
from soutien.rules.accompaniment import RemoteShare, remote_share
from soutien.steps import gather
from soutien.steps.views import Bead, BeadState, BookingView, Count, SessionState, SessionView


def name_of(owner: Person | Psychologist) -> str:
    """Given and family name."""
    return f"{owner.given_name} {owner.family_name}"


def booking_view(booking: Booking, *, seat_kept: bool = True) -> BookingView:
    """An appointment, with its place and psychologist."""
    place: PracticePlace = booking.place
    psychologist: Psychologist = booking.psychologist
    return BookingView(
        booking_id=booking.pk,
        public_id=booking.public_id,
        status=booking.status,
        kind=booking.kind,
        modality=booking.modality,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        held_until=booking.held_until,
        civil_day=booking.civil_day,
        time_zone=place.time_zone,
        place_id=place.pk,
        place_label=place.label,
        address_line=place.address_line,
        postcode=place.postcode,
        town_name=place.town_name,
        psychologist_id=psychologist.pk,
        psychologist_public_id=psychologist.public_id,
        psychologist_name=name_of(psychologist),
        psychologist_phone=psychologist.phone,
        person_id=booking.person_id,
        seat_kept=seat_kept,
    )


def count_of(
    civil_year: int, on: date, seats: Sequence[SeatRow], sessions: Iterable[SessionView]
) -> Count:
    """Used seats first, then reserved ones, then what is left under the cap of the day."""
    # A year gone by is counted under its last day's law, one to come under its first day's.
    day = min(max(on, date(civil_year, 1, 1)), date(civil_year, 12, 31))
    cap = gather.terms_on(day).sessions_per_year_max
    used = [Bead(seat.kind, BeadState.USED) for seat in seats if seat.used]
    reserved = [Bead(seat.kind, BeadState.RESERVED) for seat in seats if not seat.used]
    left = max(cap - len(used) - len(reserved), 0)
    lost = (SessionState.MISSED, SessionState.REFUSED)
    # The evaluation opens the row, whatever the order in which seats were taken.
    used.sort(key=lambda bead: bead.kind)
    reserved.sort(key=lambda bead: bead.kind)
    return Count(
        civil_year=civil_year,
        cap=cap,
        used=len(used),
        reserved=len(reserved),
        left=left,
        refused=sum(session.state in lost for session in sessions),
        beads=(*used, *reserved, *[Bead("", BeadState.FREE)] * left),
    )


def remote_in(psychologist_id: int, day: date) -> RemoteShare:
    """How much of a psychologist's civil year was remote, under the law of a day."""
    remote, held = care.held_in_year(psychologist_id, day.year)
    return remote_share(remote, held, gather.terms_on(day).remote_share_percent_max)


def sessions_of_one(person_id: int, rows: Sequence[SessionRow]) -> tuple[SessionView, ...]:
    """Sessions of a person with their sheet, claim and decision, in order."""
    return sessions_of({person_id: rows})[person_id]


def sessions_of(
    people: Mapping[int, Sequence[SessionRow]],
) -> dict[int, tuple[SessionView, ...]]:
    """The same of each of these people, in as many questions as for one."""
    decisions = claims.latest_decisions_of(people)
    awaiting = claims.sessions_to_confirm(people)
    sheets = claims.sheets_of_sessions(
        [row.settled_id for rows in people.values() for row in rows]
    )
    names = directory.names({row.psychologist_id for rows in people.values() for row in rows})
    decided = {row.care_session_id: row for rows in decisions.values() for row in rows}
    return {
        person_id: tuple(
            _session(
                row,
                decided.get(row.settled_id),
                sheets.get(row.settled_id),
                names[row.psychologist_id],
                awaiting=row.settled_id in awaiting,
            )
            for row in rows
        )
        for person_id, rows in people.items()
    }


def _session(
    row: SessionRow,
    decision: DecisionRow | None,
    sheet: CareSheet | None,
    psychologist_name: str,
    *,
    awaiting: bool,
) -> SessionView:
    if decision is None:
        state = SessionState.TO_SEND if row.performed else SessionState.MISSED
    elif awaiting:
        state = SessionState.TO_CONFIRM
    else:
        state = SessionState.PAID if decision.accepted else SessionState.REFUSED
    return SessionView(
        public_id=row.public_id,
        held_on=row.held_on,
        kind=row.kind,
        modality=row.modality,
        psychologist_name=psychologist_name,
        state=state,
        price_cents=row.price_cents,
        amo_cents=decision.amo_cents if decision else 0,
        amc_cents=decision.amc_cents if decision else 0,
        patient_cents=decision.patient_cents if decision else 0,
        patient_upfront_cents=decision.patient_upfront_cents if decision else 0,
        care_sheet_public_id=sheet.public_id if sheet else None,
        claim_public_id=decision.claim_public_id if decision else None,
        performed=row.performed,
        duration_minutes=row.duration_minutes,
        missed_by=row.missed_by,
        told_on=row.told_on,
        linked_to=row.linked_to,
        prescribed=row.prescribed,
        corrected=row.corrects_id is not None,
        sheet_to_correct=row.sent_as_id is not None,
    )
