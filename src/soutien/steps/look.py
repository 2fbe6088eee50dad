"""Looking: small frozen views for pages. Every look at somebody's file leaves an audit line."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.audit import queries as audit
from soutien.registers.care import queries as care
from soutien.registers.care.queries import SeatRow, SessionRow
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.models import PracticePlace, Psychologist
from soutien.rules import decide
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import Coverage, Notice, Profile, Reason, ThirdParty, word, words
from soutien.rules.facts import Past, SessionFacts
from soutien.rules.terms import Terms
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import looking, record
from soutien.steps.views import (
    Bead,
    BeadState,
    BookingView,
    CareSheetView,
    ClaimLine,
    ClaimList,
    ClaimView,
    Count,
    DayLine,
    DayView,
    EndingRight,
    Patient,
    SessionState,
    SessionView,
    TrailLine,
    YearView,
)

# A right that ends this soon is said before the session, while there is time to renew it.
ENDS_SOON = timedelta(days=45)
CLAIMS_A_PAGE = 50
# Whoever was seen longer ago starts again with a booking of their own.
SEEN_OF_LATE = timedelta(days=400)


@looking("care.year.opened")
def open_year(
    *, actor: Actor, person_id: int, civil_year: int, on: date, at: datetime
) -> YearView:
    """A person's year on a day: all psychologists together, and what was paid."""
    allow(actor, "open_year", relations(actor, person_id=person_id))
    person = people.with_rights(person_id)
    seats = care.seats_of_person(person_id, civil_year)
    sessions = care.sessions_of_person(
        person_id, since=date(civil_year, 1, 1), before=date(civil_year + 1, 1, 1)
    )
    views = _sessions(person_id, sessions)
    kept = {seat.booking_id for seat in seats}
    coming = [
        line
        for line in agenda.bookings_of_person(person_id, since=at, statuses=("confirmed",))
        if line.civil_day.year == civil_year
    ]
    bookings = tuple(
        _booking(booking, seat_kept=booking.pk in kept)
        for booking in agenda.with_places([line.id for line in coming])
    )
    record(actor, "care.year.opened", at=at, object_id=civil_year, person_id=person_id)
    return YearView(
        person_id=person_id,
        given_name=person.given_name,
        count=_count(civil_year, on, seats, views),
        restarts_on=date(civil_year + 1, 1, 1),
        bookings=bookings,
        sessions=views,
    )


@looking("agenda.booking.opened")
def open_booking(*, actor: Actor, public_id: uuid.UUID, at: datetime) -> BookingView:
    """One appointment, by the unguessable id of its link."""
    booking = agenda.by_public_id(public_id)
    if booking is None:
        raise Refusal("not_found")
    ties = relations(
        actor, person_id=booking.person_id, psychologist_id=booking.psychologist_id, by_link=True
    )
    allow(actor, "open_booking", ties)
    record(
        actor,
        "agenda.booking.opened",
        at=at,
        object_id=booking.pk,
        person_id=booking.person_id,
    )
    return _booking(booking)


@looking("agenda.day.opened")
def open_day(*, actor: Actor, psychologist_id: int, day: date, at: datetime) -> DayView:
    """A psychologist's day, each line with what could go wrong with its payment."""
    allow(actor, "open_day", relations(actor, psychologist_id=psychologist_id))
    lines = agenda.bookings_of_day(psychologist_id, day)
    shown = [line.id for line in lines if line.held_until is None or line.held_until > at]
    bookings = agenda.with_places(shown)
    record(
        actor,
        "agenda.day.opened",
        at=at,
        object_id=day.isoformat(),
        people=[booking.person_id for booking in bookings if booking.person_id is not None],
    )
    return DayView(
        psychologist_id,
        day,
        claims.last_fund_code(psychologist_id),
        tuple(_day_line(booking) for booking in bookings),
    )


@looking("care.line.opened")
def open_line(*, actor: Actor, booking_id: uuid.UUID, at: datetime) -> DayView:
    """The day of one appointment with its line alone. ``booking_id`` is the public id."""
    booking = agenda.by_public_id(booking_id)
    if booking is None:
        raise Refusal("not_found")
    owner = booking.psychologist_id
    allow(actor, "open_line", relations(actor, psychologist_id=owner))
    record(actor, "care.line.opened", at=at, object_id=booking.pk, person_id=booking.person_id)
    usual = claims.last_fund_code(owner)
    return DayView(owner, booking.civil_day, usual, (_day_line(booking),))


@looking("care.patients.listed")
def list_patients(*, actor: Actor, psychologist_id: int, at: datetime) -> tuple[Patient, ...]:
    """Whom the psychologist saw of late or will see, by name: to choose one of them."""
    allow(actor, "list_patients", relations(actor, psychologist_id=psychologist_id))
    found = agenda.people_of(psychologist_id, since=at - SEEN_OF_LATE)
    listed = [
        Patient(row.public_id, _name(row), date.fromisoformat(row.birth_date))
        for row in Person.objects.filter(pk__in=found)
    ]
    record(actor, "care.patients.listed", at=at, object_id=psychologist_id, people=found)
    return tuple(sorted(listed, key=lambda patient: (patient.name.casefold(), patient.born_on)))


@looking("claims.sheet.opened")
def open_care_sheet(*, actor: Actor, care_sheet_id: uuid.UUID, at: datetime) -> CareSheetView:
    """A care sheet by its public id."""
    sheet = claims.sheet_by_public_id(care_sheet_id)
    if sheet is None:
        raise Refusal("not_found")
    claim = claims.claim_of_sheet(sheet.pk)
    ties = relations(
        actor,
        person_id=sheet.person_id,
        psychologist_id=sheet.psychologist_id,
        fund_code=claim.fund_code if claim else "",
    )
    allow(actor, "open_care_sheet", ties)
    record(actor, "claims.sheet.opened", at=at, object_id=sheet.pk, person_id=sheet.person_id)
    return CareSheetView(
        public_id=sheet.public_id,
        number=sheet.number,
        issued_on=sheet.issued_on,
        person_id=sheet.person_id,
        psychologist_id=sheet.psychologist_id,
        sender="psychologist" if sheet.amo_third_party else "person",
        amo_third_party=sheet.amo_third_party,
        amc_third_party=sheet.amc_third_party,
        printed=json.loads(sheet.printed),
        claim_public_id=claim.public_id if claim else None,
    )


@looking("claims.claim.opened")
def open_claim(*, actor: Actor, claim_public_id: uuid.UUID, at: datetime) -> ClaimView:
    """A claim with its decision and its reasons.

    A refusal to be confirmed (R-022) is shown with its reason to the fund only.
    """
    claim = claims.by_public_id(claim_public_id)
    if claim is None:
        raise Refusal("not_found")
    ties = relations(
        actor,
        person_id=claim.person_id,
        psychologist_id=claim.psychologist_id,
        fund_code=claim.fund_code,
    )
    allow(actor, "open_claim", ties)
    record(actor, "claims.claim.opened", at=at, object_id=claim.pk, person_id=claim.person_id)
    decision = claims.latest_decision(claim.pk)
    hidden = decision is not None and decision.to_confirm and actor.side != "fund_agent"
    return _claim(claim, None if hidden else decision, awaiting=_awaiting(decision))


@looking("claims.list.opened")
def list_claims(
    *,
    actor: Actor,
    at: datetime,
    page: int = 1,
    accepted: bool | None = None,
    to_confirm: bool | None = None,
    reference: str = "",
) -> ClaimList:
    """The claims of the actor's fund, of the psychologist, or of the person; newest first.

    A claim whose refusal waits to be confirmed is neither accepted nor refused. ``reference``
    keeps the claims whose reference holds these letters.
    """
    ties = relations(
        actor,
        person_id=actor.about_person_id,
        psychologist_id=actor.psychologist_id,
        fund_code=actor.fund_code,
    )
    allow(actor, "list_claims", ties)
    first = (max(page, 1) - 1) * CLAIMS_A_PAGE
    found = claims.claims_page(
        fund_code=actor.fund_code,
        person_id=actor.about_person_id,
        psychologist_id=actor.psychologist_id,
        accepted=accepted,
        to_confirm=to_confirm,
        reference=reference,
        first=first,
        size=CLAIMS_A_PAGE,
    )
    names = Person.objects.in_bulk({row.person_id for row in found.rows})
    mine = actor.about_person_id
    record(actor, "claims.list.opened", at=at, object_id=page, person_id=mine, people=names)
    return ClaimList(
        total=found.total,
        page=page,
        pages=max(1, -(-found.total // CLAIMS_A_PAGE)),
        tally=claims.tally(
            fund_code=actor.fund_code,
            person_id=actor.about_person_id,
            psychologist_id=actor.psychologist_id,
        ),
        lines=tuple(
            ClaimLine(
                public_id=row.public_id,
                reference=row.reference,
                received_on=row.received_on,
                held_on=row.held_on,
                kind=row.kind,
                person_name=_name(names[row.person_id]),
                accepted=None if row.to_confirm else row.accepted,
                to_confirm=bool(row.to_confirm),
                amo_cents=row.amo_cents or 0,
            )
            for row in found.rows
        ),
    )


def _name(owner: Person | Psychologist) -> str:
    return f"{owner.given_name} {owner.family_name}"


def _awaiting(decision: Decision | None) -> bool:
    return decision is None or decision.to_confirm


def _booking(booking: Booking, *, seat_kept: bool = True) -> BookingView:
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
        psychologist_name=_name(psychologist),
        psychologist_phone=psychologist.phone,
        person_id=booking.person_id,
        seat_kept=seat_kept,
    )


def _count(
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


def _sessions(person_id: int, rows: Sequence[SessionRow]) -> tuple[SessionView, ...]:
    """Sessions with their sheet, claim and decision, in order."""
    decided = {row.care_session_id: row for row in claims.latest_decisions(person_id)}
    awaiting = claims.sessions_to_confirm(person_id)
    sheets = claims.sheets_of_sessions([row.id for row in rows])
    names = directory.names({row.psychologist_id for row in rows})
    views = []
    for row in rows:
        decision, sheet = decided.get(row.id), sheets.get(row.id)
        if decision is None:
            state = SessionState.TO_SEND if row.performed else SessionState.MISSED
        elif row.id in awaiting:
            state = SessionState.TO_CONFIRM
        else:
            state = SessionState.PAID if decision.accepted else SessionState.REFUSED
        views.append(
            SessionView(
                public_id=row.public_id,
                held_on=row.held_on,
                kind=row.kind,
                modality=row.modality,
                psychologist_name=names[row.psychologist_id],
                state=state,
                price_cents=row.price_cents,
                amo_cents=decision.amo_cents if decision else 0,
                amc_cents=decision.amc_cents if decision else 0,
                patient_cents=decision.patient_cents if decision else 0,
                patient_upfront_cents=decision.patient_upfront_cents if decision else 0,
                care_sheet_public_id=sheet.public_id if sheet else None,
                claim_public_id=decision.claim_public_id if decision else None,
            )
        )
    return tuple(views)


def _day_line(booking: Booking) -> DayLine:
    """One appointment with the person's year, rights and what the law says of it beforehand."""
    if booking.person_id is None:
        terms = gather.terms_on(booking.civil_day)
        price = gather.price_cents(booking.kind, terms)
        return DayLine(
            _booking(booking), "", "", None, None, None, price, 0, False, False, (), None, None
        )
    person_id, day = booking.person_id, booking.civil_day
    person = people.with_rights(person_id)
    session = gather.planned(
        psychologist_id=booking.psychologist_id,
        kind=booking.kind,
        modality=booking.modality,
        held_on=day,
    )
    closed = care.session_of_booking(booking.pk)
    dossier = gather.dossier(
        person_id=person_id,
        session=session,
        practice=booking.place.practice,
        reading=gather.Reading.PLANNING,
        booking_id=booking.pk,
        care_session_id=closed.pk if closed else None,
    )
    answered = answer(dossier, gather.law())
    seats = care.seats_of_person(person_id, day.year)
    rows = care.sessions_of_person(
        person_id, since=date(day.year, 1, 1), before=date(day.year + 1, 1, 1)
    )
    views = _sessions(person_id, rows)
    own = next((view for view in views if closed and view.public_id == closed.public_id), None)
    before = [past for past in dossier.history if past.held_on.year == day.year]
    return DayLine(
        booking=_booking(booking, seat_kept=booking.pk in {seat.booking_id for seat in seats}),
        person_name=_name(person),
        short_name=f"{person.given_name} {person.family_name[:1]}.",
        birth_date=date.fromisoformat(person.birth_date),
        count=_count(day.year, day, seats, views),
        number=1 + sum(past.held_on < day for past in before),
        price_cents=session.price_cents,
        upfront_cents=answered.decision.patient_upfront_cents,
        nir_known=bool(person.nir),
        rights_known=bool(answered.session.affiliated or answered.session.exemptions),
        ending=_ending(person, day),
        answer=None if closed else answered,
        session=own,
    )


def _ending(person: Person, day: date) -> tuple[EndingRight, ...]:
    """The rights in force on a day that end soon after it."""
    dated: list[tuple[str, Any]] = [
        *(("affiliation", period) for period in person.affiliations.all()),
        *(("cover", period) for period in person.covers.all()),
        *((period.kind, period) for period in person.exemptions.all()),
    ]
    ends = [
        EndingRight(kind, ends_on)
        for kind, period in dated
        if gather.in_force([period], day)
        and (ends_on := gather.last_day(period.valid_before)) is not None
        and ends_on <= day + ENDS_SOON
    ]
    return tuple(sorted(ends, key=lambda right: right.ends_on))


def _claim(claim: Claim, decision: Decision | None, *, awaiting: bool) -> ClaimView:
    person, psychologist = claim.person, claim.psychologist
    session, sheet = claim.care_session, claim.care_sheet
    seats = care.seats_of_person(person.pk, session.held_on.year)
    rows = care.sessions_of_person(
        person.pk,
        since=date(session.held_on.year, 1, 1),
        before=date(session.held_on.year + 1, 1, 1),
    )
    return ClaimView(
        public_id=claim.public_id,
        reference=claim.reference,
        fund_code=claim.fund_code,
        sent_by=claim.sent_by,
        received_on=claim.received_on,
        person_id=person.pk,
        person_name=_name(person),
        birth_date=date.fromisoformat(person.birth_date),
        psychologist_name=_name(psychologist),
        psychologist_public_id=psychologist.public_id,
        held_on=session.held_on,
        kind=session.kind,
        modality=session.modality,
        act_code=sheet.act_code,
        price_cents=sheet.price_cents,
        care_sheet_public_id=sheet.public_id,
        care_sheet_number=sheet.number,
        awaiting=awaiting,
        count=_count(session.held_on.year, session.held_on, seats, _sessions(person.pk, rows)),
        trail=tuple(
            TrailLine(entry.at, entry.event, entry.actor_role)
            for entry in audit.about_objects(
                {"care.session": session.pk, "claims.sheet": sheet.pk, "claims.claim": claim.pk}
            )
        ),
        **_decided(decision, session.held_on),
    )


def _decided(decision: Decision | None, held_on: date) -> dict[str, Any]:
    """The columns of a view that a decision fills; nothing of it while it is not to be shown."""
    if decision is None:
        return {
            "accepted": None,
            "reasons": (),
            "coverage": "",
            "notices": (),
            "third_party": word(ThirdParty.NONE),
            "amo_cents": 0,
            "local_regime_cents": 0,
            "amc_cents": 0,
            "patient_cents": 0,
            "patient_upfront_cents": 0,
            "sessions_left": None,
            "used_before": 0,
            "used_after": 0,
            "law_version": "",
            "decided_at": None,
            "answer": None,
        }
    return {
        "accepted": decision.accepted,
        "reasons": words(Reason(decision.reasons)),
        "coverage": word(Coverage(decision.coverage)) if decision.accepted else "",
        "notices": words(Notice(decision.notices)),
        "third_party": word(ThirdParty(decision.third_party)),
        "amo_cents": decision.amo_cents,
        "local_regime_cents": decision.local_regime_cents,
        "amc_cents": decision.amc_cents,
        "patient_cents": decision.patient_cents,
        "patient_upfront_cents": decision.patient_upfront_cents,
        "sessions_left": decision.sessions_left,
        "used_before": decision.used_before,
        "used_after": decision.used_after,
        "law_version": decision.law_version,
        "decided_at": decision.decided_at,
        "answer": _answer(decision, held_on),
    }


def _answer(decision: Decision, held_on: date) -> Answer | None:
    """The answer as it was given, from the facts and terms kept with the decision."""
    facts, known = decision.facts, Terms._fields
    if not facts:
        return None
    terms = gather.terms_on(held_on)._asdict()
    terms |= {name: value for name, value in decision.terms.items() if name in known}
    left = decision.sessions_left
    return Answer(
        decision=decide.Decision(
            accepted=int(decision.accepted),
            reasons=decision.reasons,
            coverage=decision.coverage,
            price_cents=decision.price_cents,
            amo_cents=decision.amo_cents,
            local_regime_cents=decision.local_regime_cents,
            amc_cents=decision.amc_cents,
            patient_cents=decision.patient_cents,
            patient_upfront_cents=decision.patient_upfront_cents,
            third_party=decision.third_party,
            sessions_left=decide.NO_CAP if left is None else left,
            notices=decision.notices,
        ),
        session=SessionFacts(**facts["session"]),
        past=Past(**facts["past"]),
        terms=Terms(**terms),
        profile=gather.code(Profile, decision.profile),
        law=gather.law(),
    )
