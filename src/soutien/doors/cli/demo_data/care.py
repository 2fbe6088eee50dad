"""What becomes of each appointment: the rows that the steps would have written.

One person's events are taken in the order of time: an appointment is made and takes a seat of
the year, the session is closed and its sheet issued, the sheet reaches the fund and the law
decides. tests/doors/cli/test_demo_data.py decides every claim again from the stored rows.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from soutien.doors.cli.demo_data import identifiers
from soutien.doors.cli.demo_data.chances import chance as chance_of
from soutien.doors.cli.demo_data.chances import drawn
from soutien.doors.cli.demo_data.diaries import Appointment
from soutien.doors.cli.demo_data.people import Individual
from soutien.doors.cli.demo_data.plans import CLOSING, EVALUATION, Plan
from soutien.doors.cli.demo_data.psychologists import Practitioner
from soutien.registers.agenda.models import Booking
from soutien.registers.care.models import CareSession, Referral, Seat, Year
from soutien.registers.claims.models import CareSheet, Claim, Decision, SheetLine
from soutien.rules import dossier as law
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import (
    ActCode,
    Kind,
    LinkedTo,
    Modality,
    Practice,
    Reason,
    ThirdParty,
    word,
)
from soutien.rules.decide import NO_CAP
from soutien.steps import gather

_PARIS = ZoneInfo("Europe/Paris")
_TYPING = timedelta(minutes=2)
# Days until a sheet reaches the fund: sent by the person, by the psychologist, or far too late.
_BY_POST = (((2, 12), 70), ((13, 40), 22), ((41, 150), 8))
_BY_PSYCHOLOGIST = (((1, 7), 94), ((9, 20), 6))
_FAR_TOO_LATE = (((830, 1_000), 1),)
_NEVER_SENT = 0.006
_WRONG_BY_CENTS = 1_000
_PRESCRIBED = 0.7
# Of those who did not come, some had said so too late for anybody else to have the time.
_TOLD = 0.4


class Traced(NamedTuple):
    """One line of the trace, whose object has no key yet."""

    at: datetime
    role: str
    event: str
    about: Booking | CareSession | Claim
    individual: Individual | None


class IssuedSheet(NamedTuple):
    """A sheet, not numbered yet, with what its printed fields are made of."""

    row: CareSheet
    line: SheetLine
    answered: Answer
    letter: law.Referral | None
    individual: Individual
    signed: bool


@dataclass
class Records:
    """All rows of all people, not yet stored."""

    referrals: list[Referral] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    years: list[Year] = field(default_factory=list)
    sessions: list[CareSession] = field(default_factory=list)
    sheets: list[IssuedSheet] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)
    trace: list[Traced] = field(default_factory=list)


@dataclass
class _Progress:
    """One appointment on its way."""

    appointment: Appointment
    booking: Booking | None = None
    session: CareSession | None = None
    issued: IssuedSheet | None = None
    accepted: bool | None = None


class Care:
    """One person's events, from the first call to the last decision."""

    def __init__(self, plan: Plan, records: Records, at: datetime) -> None:
        self.individual, self.plan, self.records, self.at = plan.individual, plan, records, at
        self.chance: Random = chance_of("sheets", plan.individual.number)
        self.past: list[_Progress] = []
        self.years: dict[int, Year] = {}
        self.seats: dict[int, dict[int, Seat]] = {}
        self.latest_claim_at = datetime.min.replace(tzinfo=at.tzinfo)

    def record(self) -> None:
        """Take every event in order, then hand over the seats."""
        self.records.referrals += self.plan.letters
        order = count()
        waiting = [
            (_begins(item), next(order), _Progress(item))
            for item in self.plan.appointments
            if _begins(item) <= self.at
        ]
        heapq.heapify(waiting)
        while waiting:
            moment, _, progress = heapq.heappop(waiting)
            following = self._event(progress, moment)
            if following is not None and following <= self.at:
                heapq.heappush(waiting, (following, next(order), progress))
        for seats in self.seats.values():
            self.records.seats += [seat for _number, seat in sorted(seats.items())]

    def _event(self, progress: _Progress, moment: datetime) -> datetime | None:
        """What happens to an appointment at a moment, and when the next thing happens."""
        appointment = progress.appointment
        if progress.session is not None:
            self._claim(progress, moment)
            return None
        if progress.booking is None and not appointment.on_paper:
            return self._book(progress, moment)
        if appointment.outcome == "cancelled":
            self._cancel(progress, moment)
            return None
        return self._close(progress, moment)

    def _book(self, progress: _Progress, moment: datetime) -> datetime | None:
        appointment, when = progress.appointment, progress.appointment.when
        booking = Booking(
            public_id=identifiers.public_id(
                "booking", self.individual.number, len(self.records.bookings)
            ),
            psychologist=when.practitioner.psychologist,
            place=when.place,
            person=self.individual.person,
            kind=appointment.kind,
            modality=when.modality,
            starts_at=when.starts_at,
            ends_at=when.ends_at,
            civil_day=when.day,
            status="confirmed",
            created_at=moment,
        )
        if not self._take_seat(booking):
            return None
        progress.booking = booking
        self.records.bookings.append(booking)
        first = not any(earlier.session for earlier in self.past)
        role = "anonymous" if first else "psychologist"
        self._trace(moment, role, "agenda.booking.held", booking, known=not first)
        self._trace(moment + _TYPING, role, "agenda.booking.confirmed", booking)
        self.past.append(progress)
        if appointment.outcome == "cancelled":
            between = (when.starts_at - moment) * self.chance.uniform(0.3, 0.95)
            return moment + max(between, _TYPING)
        # What is ahead, or over and waiting to be closed, has no next thing.
        return None if appointment.outcome in ("ahead", "open") else when.ends_at + CLOSING

    def _cancel(self, progress: _Progress, moment: datetime) -> None:
        booking = progress.booking
        assert booking is not None
        booking.status, booking.ended_at, booking.ended_by = "cancelled", moment, "person"
        self._give_back(booking)
        self._trace(moment, "person", "agenda.booking.cancelled", booking)

    def _close(self, progress: _Progress, moment: datetime) -> datetime | None:
        appointment, when, booking = (
            progress.appointment,
            progress.appointment.when,
            progress.booking,
        )
        performed = appointment.outcome == "held"
        if appointment.on_paper:
            self.past.append(progress)
        session = CareSession(
            public_id=identifiers.public_id(
                "session", self.individual.number, len(self.records.sessions)
            ),
            person=self.individual.person,
            psychologist=when.practitioner.psychologist,
            place=when.place,
            booking=booking,
            held_on=when.day,
            kind=appointment.kind,
            modality=when.modality,
            performed=performed,
            price_cents=gather.price_cents(appointment.kind, gather.terms_on(when.day)),
            linked_to=self.individual.linked_to,
            prescribed=self._prescribed(),
            recorded_at=moment,
            **_course(appointment),
        )
        progress.session = session
        self.records.sessions.append(session)
        if booking is not None:
            booking.status = "fulfilled" if performed else "missed"
            booking.ended_at, booking.ended_by = moment, "psychologist"
        event = "care.session.held" if performed else "care.session.missed"
        self._trace(moment, "psychologist", event, session)
        if not performed:
            if booking is not None:
                self._give_back(booking)
            if not appointment.slip:
                return None
        return self._issue(progress, moment)

    def _prescribed(self) -> bool:
        """A doctor may prescribe sessions to a minor for a long illness."""
        return self.individual.linked_to == "ald" and self.chance.random() < _PRESCRIBED

    def _issue(self, progress: _Progress, moment: datetime) -> datetime | None:
        """The care sheet, and when it reaches the fund; None when it is never sent."""
        appointment, session = progress.appointment, progress.session
        assert session is not None
        claimed = law.ClaimedSession(
            held_on=session.held_on,
            kind=gather.code(Kind, session.kind),
            modality=gather.code(Modality, session.modality),
            psychologist=str(appointment.when.practitioner.number),
            price_cents=session.price_cents,
            act_code=gather.act_code(session.kind, session.modality),
            linked_to=gather.code(LinkedTo, session.linked_to or "none"),
            third_party_requested=appointment.third_party_asked,
            prescribed=session.prescribed,
        )
        dossier = self._dossier(progress, claimed, issuing=True)
        answered = answer(dossier, gather.law())
        third_party = answered.decision.third_party
        wrong_code = appointment.slip == "code" and claimed.act_code is ActCode.APS
        act_code = ActCode.PSS if wrong_code else claimed.act_code
        unsigned = appointment.slip == "unsigned"
        sheet = CareSheet(
            public_id=identifiers.public_id(
                "sheet", self.individual.number, len(self.records.sheets)
            ),
            person=self.individual.person,
            psychologist=session.psychologist,
            issued_on=gather.civil_day(moment, appointment.when.place.time_zone),
            issued_at=moment,
            amo_third_party=third_party != ThirdParty.NONE,
            amc_third_party=third_party == ThirdParty.FULL,
            signed_by_person=not unsigned,
            signed_by_psychologist=True,
            complete=not unsigned,
        )
        line = SheetLine(
            care_sheet=sheet,
            care_session=session,
            act_code=act_code.name,
            price_cents=session.price_cents
            + (_WRONG_BY_CENTS if appointment.slip == "price" else 0),
        )
        progress.issued = IssuedSheet(
            sheet, line, answered, dossier.referral, self.individual, signed=not unsigned
        )
        self.records.sheets.append(progress.issued)
        return self._reaches_the_fund(progress.issued, appointment.slip, moment)

    def _reaches_the_fund(
        self, issued: IssuedSheet, slip: str, moment: datetime
    ) -> datetime | None:
        sheet = issued.row
        lost = self.chance.random() < _NEVER_SENT
        if lost and issued.line.care_session.kind != EVALUATION:
            return None
        days: Sequence[tuple[tuple[int, int], int]]
        days = _BY_PSYCHOLOGIST if sheet.amo_third_party else _BY_POST
        days = _FAR_TOO_LATE if slip == "late" else days
        day = moment.astimezone(_PARIS).date()
        day += timedelta(days=self.chance.randint(*drawn(self.chance, days)))
        minutes = self.chance.randrange(9 * 60, 17 * 60)
        wall = datetime.combine(day, time(minutes // 60, minutes % 60), _PARIS)
        reached = wall.astimezone(moment.tzinfo)
        if slip != "late":
            # People send their sheets in the order they got them.
            reached = max(reached, self.latest_claim_at + timedelta(minutes=1))
            self.latest_claim_at = reached
        return reached

    def _claim(self, progress: _Progress, moment: datetime) -> None:
        appointment, session, issued = progress.appointment, progress.session, progress.issued
        assert session is not None and issued is not None
        sheet = issued.row
        received_on = gather.civil_day(moment, appointment.when.place.time_zone)
        claimed = law.ClaimedSession(
            held_on=session.held_on,
            kind=gather.code(Kind, session.kind),
            modality=gather.code(Modality, session.modality),
            psychologist=str(appointment.when.practitioner.number),
            price_cents=issued.line.price_cents,
            act_code=gather.code(ActCode, issued.line.act_code or "none"),
            linked_to=gather.code(LinkedTo, session.linked_to or "none"),
            third_party_requested=sheet.amo_third_party,
            received_on=received_on,
            performed=session.performed,
            sheet_complete=sheet.complete,
            prescribed=session.prescribed,
        )
        answered = answer(self._dossier(progress, claimed, issuing=False), gather.law())
        affiliation = self.individual.affiliation_on(session.held_on)
        claim = Claim(
            public_id=identifiers.public_id(
                "claim", self.individual.number, len(self.records.claims)
            ),
            care_sheet=sheet,
            person=self.individual.person,
            psychologist=sheet.psychologist,
            care_session=session,
            fund_code=affiliation.fund_code if affiliation else "",
            sent_by="psychologist" if sheet.amo_third_party else "person",
            received_on=received_on,
            received_at=moment,
        )
        decision = _decision(claim, answered, moment)
        progress.accepted = decision.accepted
        self.records.claims.append(claim)
        self.records.decisions.append(decision)
        self._settle_the_seat(progress, decision, answered)
        self._trace(moment, claim.sent_by, "claims.claim.sent", claim)

    def _dossier(
        self, progress: _Progress, claimed: law.ClaimedSession, *, issuing: bool
    ) -> law.Dossier:
        """The question to the law, as steps/gather.py would put it from the rows."""
        practitioner = progress.appointment.when.practitioner
        history = tuple(
            law.PastSession(
                other.session.held_on,
                gather.code(Kind, other.session.kind),
                str(other.appointment.when.practitioner.number),
            )
            for other in self.past
            if other is not progress
            and other.session is not None
            and (
                other.accepted
                if other.accepted is not None
                else issuing and other.session.performed
            )
        )
        return law.Dossier(
            person=self.individual.before_the_law(claimed.held_on, psychiatric=not issuing),
            psychologists={
                claimed.psychologist: before_the_law(
                    practitioner, progress.appointment.when.place.practice
                )
            },
            claim=claimed,
            history=history,
            referral=gather.most_useful(
                self.plan.letters, gather.first_session_on(history, claimed)
            ),
        )

    def _year(self, civil_year: int) -> dict[int, Seat]:
        if civil_year not in self.years:
            year = Year(person=self.individual.person, civil_year=civil_year)
            self.years[civil_year] = year
            self.records.years.append(year)
            self.seats[civil_year] = {}
        return self.seats[civil_year]

    def _take_seat(self, booking: Booking) -> bool:
        """The lowest free seat of the year; false when it is full."""
        seats = self._year(booking.civil_day.year)
        cap = gather.terms_on(booking.civil_day).sessions_per_year_max
        number = _lowest_free(seats)
        if number > cap or len(seats) >= cap:
            return False
        seats[number] = Seat(
            year=self.years[booking.civil_day.year],
            number=number,
            cap=cap,
            kind=booking.kind,
            booking=booking,
        )
        return True

    def _give_back(self, booking: Booking) -> None:
        seats = self._year(booking.civil_day.year)
        for number, seat in list(seats.items()):
            if seat.booking is booking:
                del seats[number]

    def _settle_the_seat(self, progress: _Progress, decision: Decision, answered: Answer) -> None:
        """An accepted session uses its seat; a refused one gives it back, unless to confirm."""
        session, booking = progress.session, progress.booking
        assert session is not None
        seats = self._year(session.held_on.year)
        if not decision.accepted:
            if booking is not None and not decision.to_confirm:
                self._give_back(booking)
            return
        for seat in seats.values():
            if booking is not None and seat.booking is booking:
                seat.used, seat.care_session = True, session
                return
        cap = None if decision.sessions_left is None else answered.terms.sessions_per_year_max
        number = _lowest_free(seats)
        if cap is not None and (number > cap or len(seats) >= cap):
            # The law counts paid sessions only: the latest appointment makes room.
            reserved = [seat for seat in seats.values() if not seat.used and seat.booking]
            seat = max(reserved, key=_start_of)
            seat.kind, seat.used = session.kind, True
            seat.booking, seat.care_session = None, session
            return
        seats[number] = Seat(
            year=self.years[session.held_on.year],
            number=number,
            cap=cap,
            kind=session.kind,
            used=True,
            care_session=session,
        )

    def _trace(
        self,
        at: datetime,
        role: str,
        event: str,
        about: Booking | CareSession | Claim,
        *,
        known: bool = True,
    ) -> None:
        individual = self.individual if known else None
        self.records.trace.append(Traced(at, role, event, about, individual))


def _course(appointment: Appointment) -> dict[str, Any]:
    """How long it took; of a missed one, that the person did not come, and whether they told."""
    when = appointment.when
    if appointment.outcome == "held":
        return {"duration_minutes": (when.ends_at - when.starts_at) // timedelta(minutes=1)}
    told = chance_of("told", when.practitioner.number, when.starts_at).random() < _TOLD
    day_before = when.day - timedelta(days=1)
    return {"missed_by": "person", "told_on": day_before if told else None}


def _begins(appointment: Appointment) -> datetime:
    """When something first happens: a sheet without an appointment is written afterwards."""
    if appointment.on_paper:
        return appointment.when.ends_at + CLOSING + _TYPING
    return appointment.booked_at


def _start_of(seat: Seat) -> datetime:
    assert seat.booking is not None
    return seat.booking.starts_at


def _lowest_free(seats: Mapping[int, Seat]) -> int:
    return next(number for number in range(1, len(seats) + 2) if number not in seats)


def before_the_law(practitioner: Practitioner, practice: str) -> law.Psychologist:
    """The psychologist as the law asks about them, at a place of that practice."""
    agreement, suspension = practitioner.agreement, practitioner.suspension
    return law.Psychologist(
        agreements=(
            law.Agreement(
                agreement.valid_from,
                gather.last_day(agreement.valid_before),
                agreement.resignation_received_on,
            ),
        ),
        suspensions=()
        if suspension is None
        else (law.Suspension(suspension.valid_from, gather.last_day(suspension.valid_before)),),
        practice=gather.code(Practice, practice),
    )


def _decision(claim: Claim, answered: Answer, at: datetime) -> Decision:
    """The answer as a row, as steps/claim.py keeps it."""
    decided, used = answered.decision, answered.past.used_this_year
    return Decision(
        claim=claim,
        sequence=1,
        decided_at=at,
        profile=word(answered.profile),
        accepted=bool(decided.accepted),
        to_confirm=bool(decided.reasons & int(Reason.NON_INCLUSION_PSYCHIATRIC)),
        reasons=decided.reasons,
        notices=decided.notices,
        coverage=decided.coverage,
        third_party=decided.third_party,
        price_cents=decided.price_cents,
        amo_cents=decided.amo_cents,
        local_regime_cents=decided.local_regime_cents,
        amc_cents=decided.amc_cents,
        patient_cents=decided.patient_cents,
        patient_upfront_cents=decided.patient_upfront_cents,
        sessions_left=None if decided.sessions_left == NO_CAP else decided.sessions_left,
        used_before=used,
        used_after=used + decided.accepted,
        law_version=answered.law.version,
        facts={"session": answered.session._asdict(), "past": answered.past._asdict()},
        terms=answered.terms._asdict(),
    )
