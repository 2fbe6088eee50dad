"""Looking: small frozen views for pages. Every look at somebody's file leaves an audit line."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from soutien.registers.agenda import queries as agenda
from soutien.registers.audit import queries as audit
from soutien.registers.care import queries as care
from soutien.registers.claims import contests, papers
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet, Claim, Decision
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.rules.codes import Coverage, Notice, Reason, ThirdParty, word, words
from soutien.rules.contest import LOOKS_MAX
from soutien.rules.life import Cause
from soutien.steps.actor import Actor
from soutien.steps.answered import answer_of
from soutien.steps.day_lines import lines_of
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, allow, relations
from soutien.steps.shown import booking_view, count_of, name_of, remote_in, sessions_of_one
from soutien.steps.trace import looking, record
from soutien.steps.views import (
    BookingView,
    CareSheetView,
    ClaimLine,
    ClaimList,
    ClaimView,
    ContestLine,
    DayView,
    LineToGather,
    Patient,
    ReviewLine,
    TrailLine,
    YearView,
)

CLAIMS_A_PAGE = 50
# Whoever was seen longer ago starts again with a booking of their own.
SEEN_OF_LATE = timedelta(days=400)


@looking("care.year.opened")
def open_year(
    *, actor: Actor, person_id: int, civil_year: int, on: date, at: datetime
) -> YearView:
    """A person's year on a day: all psychologists together, and what was paid.

    Who assists an adult reads no appointment to come.
    """
    allow(actor, "open_year", relations(actor, person_id=person_id))
    person = people.with_rights(person_id)
    seats = care.seats_of_person(person_id, civil_year)
    sessions = care.sessions_of_person(
        person_id, since=date(civil_year, 1, 1), before=date(civil_year + 1, 1, 1)
    )
    views = sessions_of_one(person_id, sessions)
    kept = {seat.booking_id for seat in seats}
    coming = [
        line
        for line in agenda.bookings_of_person(person_id, since=at, statuses=("confirmed",))
        if line.civil_day.year == civil_year
    ]
    bills_alone = actor.acts_as == Relation.MY_ASSISTED
    booked = [] if bills_alone else agenda.with_places([line.id for line in coming])
    record(actor, "care.year.opened", at=at, object_id=civil_year, person_id=person_id)
    return YearView(
        person_id=person_id,
        given_name=person.given_name,
        count=count_of(civil_year, on, seats, views),
        restarts_on=date(civil_year + 1, 1, 1),
        bookings=tuple(booking_view(booking, seat_kept=booking.pk in kept) for booking in booked),
        sessions=views,
        before_next=next(iter(lines_of(booked[:1])), None),
    )


@looking("people.person.opened")
def open_person(*, actor: Actor, person_id: int, at: datetime) -> Person:
    """Who the person is, with their rights, for a page that is filled in for them."""
    allow(actor, "open_person", relations(actor, person_id=person_id))
    record(actor, "people.person.opened", at=at, object_id=person_id, person_id=person_id)
    return people.with_rights(person_id)


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
    return booking_view(booking)


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
        lines_of(bookings),
        remote_in(psychologist_id, day),
    )


@looking("care.line.opened")
def open_line(*, actor: Actor, booking_id: uuid.UUID, at: datetime) -> DayView:
    """The day of one appointment with its line alone. ``booking_id`` is the public id."""
    booking = agenda.by_public_id(booking_id)
    if booking is None:
        raise Refusal("not_found")
    owner, person_id = booking.psychologist_id, booking.person_id
    ties = relations(actor, person_id=person_id, psychologist_id=owner)
    allow(actor, "open_line", ties)
    record(actor, "care.line.opened", at=at, object_id=booking.pk, person_id=person_id)
    usual = claims.last_fund_code(owner)
    day = booking.civil_day
    return DayView(owner, day, usual, lines_of([booking]), remote_in(owner, day))


@looking("care.patients.listed")
def list_patients(*, actor: Actor, psychologist_id: int, at: datetime) -> tuple[Patient, ...]:
    """Whom the psychologist saw of late or will see, by name: to choose one of them."""
    allow(actor, "list_patients", relations(actor, psychologist_id=psychologist_id))
    found = agenda.people_of(psychologist_id, since=at - SEEN_OF_LATE)
    listed = [
        Patient(row.public_id, name_of(row), date.fromisoformat(row.birth_date))
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
    sent = claims.claims_of_sheet(sheet.pk)
    ties = relations(
        actor,
        person_id=sheet.person_id,
        psychologist_id=sheet.psychologist_id,
        fund_code=sent[0].fund_code if sent else "",
    )
    allow(actor, "open_care_sheet", ties)
    record(actor, "claims.sheet.opened", at=at, object_id=sheet.pk, person_id=sheet.person_id)
    if not sheet.printed:
        # Emptied: its person was forgotten after the term.
        raise Refusal("not_found")
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
        claim_public_ids=tuple(claim.public_id for claim in sent),
        replaced=_replaced(sheet),
        to_gather=_to_gather(sheet) if actor.side == "psychologist" and not sent else (),
    )


def _replaced(sheet: CareSheet) -> bool:
    lines = claims.lines_of(sheet.pk)
    return claims.replaced(sheet.pk) or any(care.corrected(row.care_session_id) for row in lines)


def _to_gather(sheet: CareSheet) -> tuple[LineToGather, ...]:
    """The person's other sessions here whose sheet was not sent, where the form has room."""
    found = claims.lines_to_send(sheet.person_id, sheet.psychologist_id)
    return tuple(
        LineToGather(
            line.care_session.public_id,
            line.care_session.held_on,
            line.act_code,
            line.price_cents,
            here=line.care_sheet_id == sheet.pk,
        )
        for line in found
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
    at_the_fund = actor.side == "fund_agent"
    hidden = decision is not None and decision.to_confirm and not at_the_fund
    view = _claim(claim, None if hidden else decision, awaiting=_awaiting(decision))
    view = replace(view, **_contested(claim, decision, actor))
    return replace(view, reviews=_reviews(claim, actor)) if at_the_fund else view


@looking("claims.list.opened")
def list_claims(
    *,
    actor: Actor,
    at: datetime,
    page: int = 1,
    accepted: bool | None = None,
    to_confirm: bool | None = None,
    contested: bool = False,
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
        contested=contested,
        reference=reference,
        first=first,
        size=CLAIMS_A_PAGE,
    )
    names = Person.objects.in_bulk({row.person_id for row in found.rows})
    mine = actor.about_person_id
    record(actor, "claims.list.opened", at=at, object_id=page, person_id=mine, people=names)
    return ClaimList(
        total=found.total,
        more=found.more,
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
                person_name=name_of(names[row.person_id]),
                accepted=None if row.to_confirm else row.accepted,
                to_confirm=bool(row.to_confirm),
                amo_cents=row.amo_cents or 0,
            )
            for row in found.rows
        ),
    )


def _contested(claim: Claim, decision: Decision | None, actor: Actor) -> dict[str, Any]:
    """Who did not agree, what was answered, and whether it may be said once more."""
    made = contests.contests_of(claim.pk)
    of_this = [row for row in made if decision is not None and row.decision_id == decision.pk]
    open_now = any(not hasattr(row, "answer") for row in of_this)
    answered = decision is not None and not decision.to_confirm
    cancelled = decision is not None and decision.cause == word(Cause.CANCELLED)
    lines = []
    for row in made:
        answer = getattr(row, "answer", None)
        lines.append(
            ContestLine(
                row.public_id,
                row.ground,
                row.contested_at,
                answer.verdict if answer else "",
                answer.answered_at if answer else None,
                mine=answer is not None and answer.account_id == actor.account_id,
            )
        )
    may = answered and not cancelled and not open_now and len(of_this) < LOOKS_MAX
    return {"contests": tuple(lines), "may_contest": may}


def _reviews(claim: Claim, actor: Actor) -> tuple[ReviewLine, ...]:
    return tuple(
        ReviewLine(row.reviewed_at, row.role, row.ground, row.account_id == actor.account_id)
        for row in claims.reviews_of(claim.pk)
    )


def _awaiting(decision: Decision | None) -> bool:
    return decision is None or decision.to_confirm


def _claim(claim: Claim, decision: Decision | None, *, awaiting: bool) -> ClaimView:
    person, psychologist = claim.person, claim.psychologist
    session, sheet = claim.care_session, claim.care_sheet
    line = claims.line_of_session(session.pk)
    paper = None if sheet.printed else papers.of_sheet(sheet.pk)
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
        person_name=name_of(person),
        birth_date=date.fromisoformat(person.birth_date),
        psychologist_name=name_of(psychologist),
        psychologist_public_id=psychologist.public_id,
        held_on=session.held_on,
        kind=session.kind,
        modality=session.modality,
        act_code=line.act_code if line else "",
        price_cents=line.price_cents if line else 0,
        care_sheet_public_id=sheet.public_id,
        care_sheet_number=sheet.number,
        care_sheet_printed=json.loads(sheet.printed) if sheet.printed else None,
        paper_public_id=paper.public_id if paper else None,
        awaiting=awaiting,
        count=count_of(
            session.held_on.year, session.held_on, seats, sessions_of_one(person.pk, rows)
        ),
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
        "answer": answer_of(decision, held_on),
        "cause": decision.cause,
    }
