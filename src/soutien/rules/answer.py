"""From a dossier to an answer: dated periods become facts, and the facts are decided on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from soutien.rules.calendar import NEVER, NO_DAY, add_months, add_years
from soutien.rules.codes import (
    Kind,
    Practice,
    Profile,
    Programme,
    Referrer,
    Regime,
    Status,
)
from soutien.rules.decide import Decision, decide
from soutien.rules.dossier import (
    Dossier,
    Exemption,
    PsychiatricSituation,
    Psychologist,
    Referral,
)
from soutien.rules.facts import (
    EarlierSession,
    Past,
    SessionFacts,
    claim_barred_from,
    referrer_allowed,
)
from soutien.rules.rights import (
    AgreementSpan,
    Span,
    barred,
    css_over,
    open_exemptions,
    suspended,
    under_agreement,
)
from soutien.rules.terms import Law, Terms
from soutien.rules.year import past_of

# The same birthdays and letters come back all the time; the arithmetic itself stays pure.
_years_after = lru_cache(maxsize=65_536)(add_years)
_months_after = lru_cache(maxsize=65_536)(add_months)
_UNKNOWN = Psychologist()
_EVALUATION = Kind.EVALUATION
_PAID = Status.PAID
_IN_PROGRAMME = Programme.MON_SOUTIEN_PSY
_STUDENTS = Programme.SANTE_PSY_ETUDIANT


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision with all that it was taken on: its proof."""

    decision: Decision
    session: SessionFacts
    past: Past
    terms: Terms
    profile: Profile
    law: Law


def _last(ends_on: date | None) -> int:
    return NEVER if ends_on is None else ends_on.toordinal()


def _spans(periods: Iterable[Exemption | PsychiatricSituation]) -> list[Span]:
    return [
        Span(int(period.kind), period.starts_on.toordinal(), _last(period.ends_on))
        for period in periods
    ]


def _agreement(psychologist: Psychologist, day: int, terms: Terms) -> tuple[int, int]:
    """Whether the psychologist is under agreement, and whether suspended, on a day."""
    agreements = [
        AgreementSpan(
            agreement.starts_on.toordinal(),
            _last(agreement.ends_on),
            NO_DAY if resigned is None else resigned.toordinal(),
        )
        for agreement in psychologist.agreements
        for resigned in (agreement.resignation_received_on,)
    ]
    suspensions = [
        Span(0, suspension.starts_on.toordinal(), _last(suspension.ends_on))
        for suspension in psychologist.suspensions
    ]
    return under_agreement(day, agreements, terms), suspended(day, suspensions)


def _letter(referral: Referral | None, terms: Terms) -> tuple[int, int, int, int]:
    """Author, whether the author may refer, day, and last valid day of the letter."""
    if referral is None:
        return int(Referrer.NONE), 0, NO_DAY, NO_DAY
    written_on = referral.written_on.toordinal()
    author = int(referral.referrer)
    return (
        author,
        referrer_allowed(author, written_on, terms),
        written_on,
        _months_after(written_on, terms.referral_months_max),
    )


def session_facts(dossier: Dossier, terms: Terms) -> SessionFacts:
    """The claimed session as facts of its day."""
    claim, person = dossier.claim, dossier.person
    day = claim.held_on.toordinal()
    born_on = person.birth_date.toordinal()
    adult_on = _years_after(born_on, terms.majority_age_years)
    psychologist = dossier.psychologists.get(claim.psychologist, _UNKNOWN)
    exemptions = _spans(person.exemptions)
    situations = _spans(person.psychiatric)
    agreed, stopped = _agreement(psychologist, day, terms)
    referrer, allowed, referral_day, referral_last_day = _letter(dossier.referral, terms)
    return SessionFacts(
        day=day,
        evaluation=int(claim.kind),
        remote=int(claim.modality),
        act_code=int(claim.act_code),
        price_cents=claim.price_cents,
        performed=int(claim.performed),
        sheet_complete=int(claim.sheet_complete),
        received_on=NO_DAY if claim.received_on is None else claim.received_on.toordinal(),
        linked_to=int(claim.linked_to),
        third_party_requested=int(claim.third_party_requested),
        prescribed=int(claim.prescribed),
        aged_enough_on=_years_after(born_on, terms.age_years_min),
        adult_on=adult_on,
        affiliated=int(person.regime is not Regime.NONE),
        local_regime=int(person.regime is Regime.REGIME_LOCAL_ALSACE_MOSELLE),
        exemptions=open_exemptions(day, exemptions),
        former_css=css_over(day, exemptions, terms),
        complementary=int(person.amc),
        psychiatric_bar=barred(day, 1 if day >= adult_on else 0, situations, terms),
        under_agreement=agreed,
        suspended=stopped,
        health_centre=int(psychologist.practice is Practice.CDS),
        referrer=referrer,
        referrer_allowed=allowed,
        referral_day=referral_day,
        referral_last_day=referral_last_day,
        barred_from=claim_barred_from(day, terms),
    )


def past_facts(dossier: Dossier) -> Past:
    """The person's other sessions, counted for the claimed one."""
    claim = dossier.claim
    psychologist = claim.psychologist
    sessions = [
        EarlierSession(
            item.held_on.toordinal(),
            1 if item.kind is _EVALUATION else 0,
            1 if item.psychologist == psychologist else 0,
            1 if item.programme is _IN_PROGRAMME else 0,
            1 if item.programme is _STUDENTS else 0,
        )
        for item in dossier.history
        if item.status is _PAID
    ]
    return past_of(claim.held_on.toordinal(), int(claim.kind), sessions)


def answer(dossier: Dossier, law: Law) -> Answer:
    """Decide one dossier under the law of its session's day and of its profile.

    A session before the programme is decided (and refused) under the terms of the first day.
    """
    terms = law.at_session(dossier.claim.held_on.toordinal(), dossier.profile)
    session = session_facts(dossier, terms)
    past = past_facts(dossier)
    return Answer(decide(session, past, terms), session, past, terms, dossier.profile, law)
