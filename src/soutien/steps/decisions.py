"""A claim as the law is asked about it, and the answer as a row: the same for one and for many.

Used by every step that decides: a sheet that arrives, many at once, a decision taken again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from soutien.registers.care import queries as care
from soutien.registers.care.models import CareSession, Year
from soutien.registers.claims import queries as claims
from soutien.registers.claims.entering import FACTS, NewDecision
from soutien.registers.claims.models import Claim, Decision, Event, SheetLine
from soutien.registers.insurance import queries as insurance
from soutien.registers.insurance.models import PartDecision
from soutien.registers.ledger import queries as ledger
from soutien.registers.people import queries as people
from soutien.registers.people import rights
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import ActCode, Kind, LinkedTo, Modality, Reason, word
from soutien.rules.decide import NO_CAP
from soutien.rules.dossier import ClaimedSession, Dossier
from soutien.rules.life import Cause, Happened, Life, Mark, Payer, life
from soutien.rules.owed import Due, Shares, owed, owed_once_paid, paid_on_the_spot
from soutien.rules.review import Ground, Standing, standing, verdict_of
from soutien.rules.terms import Terms
from soutien.steps import gather

# The days of the ledger are those of the funds.
ZONE = "Europe/Paris"


def claimed(
    line: SheetLine, session: CareSession, received_on: date, *, corrected: bool = False
) -> ClaimedSession:
    """The session as its sheet claims it; one told anew since, as it is told now."""
    sheet = line.care_sheet
    modality = gather.code(Modality, session.modality)
    written = gather.code(ActCode, line.act_code or "none")
    return ClaimedSession(
        held_on=session.held_on,
        kind=gather.code(Kind, session.kind),
        modality=modality,
        psychologist=str(session.psychologist_id),
        price_cents=line.price_cents,
        act_code=gather.act_code(session.kind, session.modality) if corrected else written,
        linked_to=gather.code(LinkedTo, session.linked_to or "none"),
        third_party_requested=sheet.amo_third_party,
        received_on=received_on,
        performed=session.performed,
        sheet_complete=sheet.complete,
        prescribed=session.prescribed,
    )


def line_of(claim: Claim) -> SheetLine:
    """The line of a sheet that a claim was made of."""
    found = claims.line_of_session(claim.care_session_id)
    assert found is not None
    return found


def dossier(line: SheetLine, received_on: date) -> Dossier:
    """All that the law asks about the session of a line, with what was paid before."""
    issued = line.care_session
    session = care.as_told_now(issued.pk) or issued
    return gather.dossier(
        person_id=issued.person_id,
        session=claimed(line, session, received_on, corrected=session.pk != issued.pk),
        practice=issued.place.practice,
        reading=gather.Reading.DECIDING,
        care_session_id=issued.pk,
    )


def fund_code(session: CareSession) -> str:
    """The fund of the day of care, which also manages State medical aid; empty if undeclared."""
    affiliation = people.affiliation_on(session.person_id, session.held_on)
    return affiliation.fund_code if affiliation else ""


def row(
    claim: Claim,
    answered: Answer,
    at: datetime,
    *,
    replaces: Decision | None = None,
    cause: Cause = Cause.FIRST,
    shown: bool = False,
) -> Decision:
    """The answer as a row, not written yet, that keeps all it was taken on.

    ``shown``: people confirmed it, it may be said.
    """
    return Decision(
        claim=claim,
        sequence=1 if replaces is None else replaces.sequence + 1,
        replaces=replaces,
        cause="" if cause is Cause.FIRST else word(cause),
        decided_at=at,
        facts=_facts(answered),
        terms=answered.terms._asdict(),
        **_columns(answered, shown=shown),
    )


def new_row(key: int, claim_id: int, answered: Answer, at: datetime) -> NewDecision:
    """The same of a first decision, for those that are written together."""
    return NewDecision(
        id=key,
        claim_id=claim_id,
        decided_at=at,
        facts=FACTS.sealed_for(_facts(answered), (claim_id, 1)) or b"",
        terms=_as_json(answered.terms),
        **_columns(answered),
    )


def _columns(answered: Answer, *, shown: bool = False) -> dict[str, Any]:
    decided, used = answered.decision, answered.past.used_this_year
    barred = bool(decided.reasons & int(Reason.NON_INCLUSION_PSYCHIATRIC))
    return {
        "profile": word(answered.profile),
        "accepted": bool(decided.accepted),
        # Whoever reads this reason first must be able to say that it is a mistake.
        "to_confirm": barred and not shown,
        "reasons": decided.reasons,
        "notices": decided.notices,
        "coverage": decided.coverage,
        "third_party": decided.third_party,
        "price_cents": decided.price_cents,
        "amo_cents": decided.amo_cents,
        "local_regime_cents": decided.local_regime_cents,
        "amc_cents": decided.amc_cents,
        "patient_cents": decided.patient_cents,
        "patient_upfront_cents": decided.patient_upfront_cents,
        "sessions_left": None if decided.sessions_left == NO_CAP else decided.sessions_left,
        "used_before": used,
        "used_after": used + decided.accepted,
        "law_version": answered.law.version,
    }


def _facts(answered: Answer) -> dict[str, dict[str, int]]:
    return {"session": answered.session._asdict(), "past": answered.past._asdict()}


@lru_cache(maxsize=64)
def _as_json(terms: Terms) -> str:
    """The terms of a day as they are kept; a file's claims are of a few days' terms."""
    return json.dumps(terms._asdict())


def asked_again(claim: Claim, former: Decision, cause: Cause, at: datetime) -> Decision:
    """What the law says now of a claim decided before, as a row not written yet.

    What people said of a psychiatric refusal (R-022) stays as they said.
    """
    asked = dossier(line_of(claim), claim.received_on)
    grounds = [gather.code(Ground, review.ground) for review in claims.reviews_of(claim.pk)]
    said = standing([verdict_of(ground) for ground in grounds])
    answered = answer(unbarred(asked) if said is Standing.LIFTED else asked, gather.law())
    shown = said is Standing.CONFIRMED
    return row(claim, answered, at, replaces=former, cause=cause, shown=shown)


def kept(decision: Decision, at: datetime, cause: Cause, **changed: object) -> Decision:
    """The same decision again as a row, not written yet, but for what is given."""
    values = {
        field.name: getattr(decision, field.name)
        for field in Decision._meta.local_concrete_fields
        if not field.primary_key
    }
    replacing = {
        "sequence": decision.sequence + 1,
        "replaces": decision,
        "cause": word(cause),
        "decided_at": at,
    }
    return Decision(**{**values, **replacing, **changed})


class Accepted(NamedTuple):
    """A first decision by which a claim is paid: what is owed of it, and between whom."""

    decision_id: int
    claim_id: int
    person_id: int
    psychologist_id: int
    fund_code: str
    insurer_code: str
    shares: Shares


def post(decided: Sequence[Decision], at: datetime) -> None:
    """Post to the ledger what first decisions make payers owe; nothing on a refusal."""
    accepted = [decision for decision in decided if decision.accepted]
    insurers = _insurers([decision.claim for decision in accepted if decision.amc_cents])
    post_accepted(
        [
            Accepted(
                decision.pk,
                decision.claim_id,
                decision.claim.person_id,
                decision.claim.psychologist_id,
                decision.claim.fund_code,
                insurers.get(decision.claim_id, ""),
                _shares(decision),
            )
            for decision in accepted
        ],
        at,
    )


def post_accepted(accepted: Sequence[Accepted], at: datetime) -> None:
    """The same of decisions that are no rows here."""
    on = gather.civil_day(at, ZONE)
    ledger.post(
        ledger.Transaction(
            "decided",
            one.decision_id,
            ledger.moves(
                owed(one.shares),
                ledger.Parties(
                    one.person_id, one.psychologist_id, one.fund_code, one.insurer_code
                ),
            ),
            on,
            at,
            one.claim_id,
        )
        for one in accepted
    )


def post_again(decision: Decision, at: datetime) -> None:
    """Post what a decision taken again changes of what payers owe.

    What is not owed any more is posted the other way round: whoever was to have it owes it back.
    """
    claim = decision.claim
    stood = ledger.standing([claim.pk])[claim.pk]
    said = insurance.latest_parts([claim.pk]).get(claim.pk)
    insurers = {claim.pk: said.insurer_code} if said else _insurers([claim])
    moves = ledger.moves(_owed_now(decision), _parties(claim, insurers))
    changes = ledger.corrections(stood, moves)
    why = "decided" if not stood else "corrected" if moves else "reversed"
    on = gather.civil_day(at, ZONE)
    if changes:
        ledger.post([ledger.Transaction(why, decision.pk, changes, on, at, claim.pk)])


def _owed_now(decision: Decision) -> tuple[Due, ...]:
    """Who is owed what, given what the person handed over when the session was held."""
    if not decision.accepted:
        return ()
    first = claims.first_accepted(decision.claim_id) or decision
    handed = paid_on_the_spot(first.price_cents, owed(_shares(first)))
    return owed_once_paid(_shares(decision), decision.price_cents, handed)


def _shares(decision: Decision) -> Shares:
    return Shares(
        decision.amo_cents,
        decision.amc_cents,
        decision.third_party,
        decision.claim.care_sheet.amc_third_party,
    )


def _insurers(of: Sequence[Claim]) -> dict[int, str]:
    """The insurer of the person of each claim on the day of care, where one is known."""
    days = {claim.pk: (claim.person_id, claim.care_session.held_on) for claim in of}
    codes = rights.insurers_on(days.values()) if days else {}
    return {claim_id: codes.get(day, "") for claim_id, day in days.items()}


def _parties(claim: Claim, insurers: Mapping[int, str]) -> ledger.Parties:
    insurer = insurers.get(claim.pk, "")
    return ledger.Parties(claim.person_id, claim.psychologist_id, claim.fund_code, insurer)


def says_the_same(former: Decision, later: Decision) -> bool:
    """Whether two decisions say and pay the same: nothing to tell anybody."""
    return all(getattr(former, name) == getattr(later, name) for name in _SAID)


_SAID = (
    *("accepted", "to_confirm", "reasons", "coverage", "third_party", "price_cents"),
    *("amo_cents", "local_regime_cents", "amc_cents", "patient_cents"),
)


def cancelled(former: Decision, at: datetime) -> Decision:
    """A claim taken back, as a row not written yet: nothing is owed, and the law is not asked."""
    nothing = (
        *("reasons", "notices", "coverage", "third_party", "amo_cents", "local_regime_cents"),
        *("amc_cents", "patient_cents", "patient_upfront_cents"),
    )
    used = former.used_after - former.accepted
    left = former.sessions_left
    return kept(
        former,
        at,
        Cause.CANCELLED,
        accepted=False,
        used_before=former.used_after,
        used_after=used,
        sessions_left=None if left is None else left + former.accepted,
        **dict.fromkeys(nothing, 0),
    )


def unbarred(asked: Dossier) -> Dossier:
    """The same as if nothing psychiatric were known."""
    return replace(asked, person=replace(asked.person, psychiatric=()))


def settle_the_seat(
    year: Year, session: CareSession, decision: Decision, *, again: bool = False
) -> int | None:
    """Use the seat, or give it back; the booking that lost its seat to this session, if one did.

    A refusal that a person must confirm keeps its seat until then. The law counts paid sessions
    only: when reservations fill the year, the latest one makes room. ``again``: there was a
    decision before, which may have used the seat.
    """
    booking_id = session.booking_id
    if decision.to_confirm:
        return None
    if not decision.accepted:
        freed = again and care.free_seat(session.pk)
        if booking_id is not None and not freed:
            care.give_back(booking_id)
        return None
    if again and care.has_seat(session.pk):
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


def happened(
    decided: Iterable[Decision],
    events: Iterable[Event],
    payer: Payer,
    parts: Iterable[PartDecision] = (),
) -> list[Happened]:
    """A claim's rows as what happened to it for one payer, in order.

    ``parts`` is what the insurer said of its own part, which counts until the fund decides again.
    """
    part = "amo_cents" if payer is Payer.FUND else "amc_cents"
    told = [
        (
            decision.decided_at,
            Happened(
                Mark.DECIDED,
                getattr(decision, part),
                accepted=decision.accepted,
                to_confirm=decision.to_confirm,
                cause=gather.code(Cause, decision.cause or word(Cause.FIRST)),
            ),
        )
        for decision in decided
    ]
    told += [
        (part.decided_at, Happened(Mark.DECIDED, part.amc_cents, accepted=part.accepted))
        for part in parts
    ]
    told += [
        (
            event.happened_at,
            Happened(
                gather.code(Mark, event.mark),
                event.cents,
                # A line of the bank names its transfer first.
                transfer=event.reference.partition("/")[0] if event.payer else "",
            ),
        )
        for event in events
        if event.payer in ("", word(payer))
    ]
    return [item for _at, item in sorted(told, key=lambda pair: pair[0])]


def life_of(claim_id: int, payer: Payer = Payer.FUND) -> Life:
    """Where a claim stands for one payer, from its rows."""
    decided, events = claims.decisions_of(claim_id), claims.events_of(claim_id)
    parts = insurance.parts_of(claim_id) if payer is Payer.INSURER else ()
    return life(happened(decided, events, payer, parts), trusted=None)
