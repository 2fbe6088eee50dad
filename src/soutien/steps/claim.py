"""A care sheet reaches the fund, and the law decides: once, with its proof kept."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime

from soutien.registers.care import queries as care
from soutien.registers.care.models import CareSession, Year
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet, Claim, Decision, Review
from soutien.registers.people import queries as people
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import ActCode, Kind, LinkedTo, Modality, Reason, word
from soutien.rules.decide import NO_CAP
from soutien.rules.dossier import ClaimedSession, Dossier
from soutien.rules.review import Ground, Standing, standing, verdict_of
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, announce, record


@act("claims.claim.sent")
def send_care_sheet(
    *, actor: Actor, care_sheet_id: uuid.UUID, received_on: date, at: datetime
) -> Claim:
    """Make a claim of a care sheet and decide it. ``care_sheet_id`` is the public id.

    Sent twice, it answers with the same claim. A refusal by the law is a decision, not an
    exception; refused here are only who may not send it, and a day that has not come.
    """
    sheet = _sheet(actor, care_sheet_id)
    session = sheet.care_session
    if received_on > gather.civil_day(at, session.place.time_zone):
        raise Refusal("received_ahead", fields=("received_on",))
    # Before the year is locked nothing is certain: another may be sending the same sheet.
    year = care.lock_year(sheet.person_id, session.held_on.year)
    sent = claims.claim_of_sheet(sheet.pk)
    if sent is not None:
        return sent
    if care.corrected(session.pk):
        raise Refusal("sheet_replaced")
    if sheet.amo_third_party and actor.side == "person":
        raise Refusal("sent_by_psychologist")
    answered = answer(_dossier(sheet, received_on), gather.law())
    claim = Claim.objects.create(
        reference=f"D{received_on:%y}-{sheet.pk:06d}",
        care_sheet=sheet,
        person_id=sheet.person_id,
        psychologist_id=sheet.psychologist_id,
        care_session=session,
        fund_code=_fund_code(sheet),
        sent_by=actor.side,
        received_on=received_on,
        received_at=at,
    )
    decision = _decide(claim, answered, at)
    displaced = _settle_the_seat(year, session, decision)
    record(actor, "claims.claim.sent", at=at, object_id=claim.pk, person_id=claim.person_id)
    announce("claims.claim.decided", at=at, claim=claim.pk, decision=decision.pk)
    if displaced is not None:
        announce("care.seat.displaced", at=at, booking=displaced, claim=claim.pk)
    return claim


@act("claims.claim.reviewed")
def review_refusal(
    *, actor: Actor, claim_public_id: uuid.UUID, ground: Ground, at: datetime
) -> Decision:
    """Say of a refusal to be confirmed whether it is right, and why; the decision that counts.

    It takes two people to refuse, and one to lift (R-022): then the law decides again without the
    psychiatric situation. The same said twice by the same person answers the same.
    """
    claim = _claim(actor, claim_public_id)
    session = claim.care_session
    # Two who read at once must not both believe that they are the first, or the last.
    year = care.lock_year(claim.person_id, session.held_on.year)
    decision, said = claims.latest_decision(claim.pk), claims.reviews_of(claim.pk)
    mine = {review.ground for review in said if review.account_id == actor.account_id}
    if decision is not None and word(ground) in mine:
        return decision
    if decision is None or not decision.to_confirm:
        raise Refusal("not_to_confirm")
    if mine or actor.account_id is None:
        raise Refusal("needs_another_reader")
    said.append(
        Review.objects.create(
            decision=decision,
            sequence=1 + len(said),
            ground=word(ground),
            role=actor.role,
            account_id=actor.account_id,
            reviewed_at=at,
        )
    )
    found = standing([verdict_of(gather.code(Ground, review.ground)) for review in said])
    record(actor, "claims.claim.reviewed", at=at, object_id=claim.pk, person_id=claim.person_id)
    if found is Standing.WAITING:
        return decision
    final = _upheld(decision, at) if found is Standing.CONFIRMED else _lifted(claim, at)
    displaced = _settle_the_seat(year, session, final)
    announce("claims.claim.decided", at=at, claim=claim.pk, decision=final.pk)
    if displaced is not None:
        announce("care.seat.displaced", at=at, booking=displaced, claim=claim.pk)
    return final


def _claim(actor: Actor, public_id: uuid.UUID) -> Claim:
    found = claims.by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=found.person_id, fund_code=found.fund_code)
    allow(actor, "review_refusal", ties)
    return found


def _upheld(refusal: Decision, at: datetime) -> Decision:
    """The same refusal, which may now be said."""
    kept = {
        field.name: getattr(refusal, field.name)
        for field in Decision._meta.local_concrete_fields
        if not field.primary_key
    }
    sequence = claims.next_sequence(refusal.claim_id)
    changed = {"sequence": sequence, "decided_at": at, "to_confirm": False}
    return Decision.objects.create(**{**kept, **changed})


def _lifted(claim: Claim, at: datetime) -> Decision:
    """The law again, as if nothing psychiatric were known."""
    dossier = _dossier(claim.care_sheet, claim.received_on)
    unbarred = replace(dossier, person=replace(dossier.person, psychiatric=()))
    return _decide(claim, answer(unbarred, gather.law()), at)


def _sheet(actor: Actor, public_id: uuid.UUID) -> CareSheet:
    found = claims.sheet_by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    ties = relations(actor, person_id=found.person_id, psychologist_id=found.psychologist_id)
    allow(actor, "send_care_sheet", ties)
    return found


def _dossier(sheet: CareSheet, received_on: date) -> Dossier:
    """The session as the sheet claims it, with what was paid before."""
    session = sheet.care_session
    return gather.dossier(
        person_id=sheet.person_id,
        session=ClaimedSession(
            held_on=session.held_on,
            kind=gather.code(Kind, session.kind),
            modality=gather.code(Modality, session.modality),
            psychologist=str(session.psychologist_id),
            price_cents=sheet.price_cents,
            act_code=gather.code(ActCode, sheet.act_code or "none"),
            linked_to=gather.code(LinkedTo, session.linked_to or "none"),
            third_party_requested=sheet.amo_third_party,
            received_on=received_on,
            performed=session.performed,
            sheet_complete=sheet.complete,
            prescribed=session.prescribed,
        ),
        practice=session.place.practice,
        reading=gather.Reading.DECIDING,
        care_session_id=session.pk,
    )


def _fund_code(sheet: CareSheet) -> str:
    """The fund of the day of care, which also manages State medical aid; empty if undeclared."""
    affiliation = people.affiliation_on(sheet.person_id, sheet.care_session.held_on)
    return affiliation.fund_code if affiliation else ""


def _decide(claim: Claim, answered: Answer, at: datetime) -> Decision:
    """The answer as a row that keeps all it was taken on."""
    decided, used = answered.decision, answered.past.used_this_year
    return Decision.objects.create(
        claim=claim,
        sequence=claims.next_sequence(claim.pk),
        decided_at=at,
        profile=word(answered.profile),
        accepted=bool(decided.accepted),
        # Whoever reads this reason first must be able to say that it is a mistake.
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


def _settle_the_seat(year: Year, session: CareSession, decision: Decision) -> int | None:
    """Use the seat, or give it back; the booking that lost its seat to this session, if one did.

    A refusal that a person must confirm keeps its seat until then. The law counts paid sessions
    only: when reservations fill the year, the latest one makes room.
    """
    booking_id = session.booking_id
    if not decision.accepted:
        if booking_id is not None and not decision.to_confirm:
            care.give_back(booking_id)
        return None
    if booking_id is not None and care.use_seat(booking_id, session.pk):
        return None
    uncapped = decision.sessions_left is None
    cap = None if uncapped else decision.terms["sessions_per_year_max"]
    try:
        care.take_seat(year, cap=cap, kind=session.kind, care_session_id=session.pk, used=True)
    except care.YearFull:
        return care.displace_latest(year, kind=session.kind, care_session_id=session.pk)
    return None
