"""From a dossier to an answer: dated periods become facts, and the facts are decided on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from soutien.rules.calendar import NEVER, NO_DAY, add_months, add_years
from soutien.rules.codes import (
    ExemptionKind,
    Kind,
    Practice,
    Profile,
    Programme,
    Referrer,
    Regime,
    Status,
)
from soutien.rules.decide import Decision, decide
from soutien.rules.dossier import Dossier, Person, Psychologist, Referral
from soutien.rules.facts import (
    EarlierSession,
    Past,
    SessionFacts,
    agreement_last_day,
    claim_barred_from,
    covers,
    former_css,
    psychiatric_bar,
    referrer_allowed,
)
from soutien.rules.terms import Law, Terms
from soutien.rules.year import past_of

# The same birthdays and letters come back all the time; the arithmetic itself stays pure.
_years_after = lru_cache(maxsize=65_536)(add_years)
_months_after = lru_cache(maxsize=65_536)(add_months)
_UNKNOWN = Psychologist()
_CSS = ExemptionKind.CSS
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


def _rights(person: Person, day: int, terms: Terms) -> tuple[int, int]:
    """Exemption bits open on a day, and whether a CSS right ended less than a year ago."""
    open_kinds = 0
    css_ended = 0
    for exemption in person.exemptions:
        last = _last(exemption.ends_on)
        if covers(exemption.starts_on.toordinal(), last, day):
            open_kinds |= int(exemption.kind)
        elif exemption.kind is _CSS and last != NEVER:
            css_ended |= former_css(last, day, terms)
    return open_kinds, css_ended


def _barred(person: Person, day: int, adult_on: int, terms: Terms) -> int:
    adult = 1 if day >= adult_on else 0
    bar = 0
    for item in person.psychiatric:
        bar |= psychiatric_bar(
            int(item.kind), item.starts_on.toordinal(), _last(item.ends_on), day, adult, terms
        )
    return bar


def _agreement(psychologist: Psychologist, day: int, terms: Terms) -> tuple[int, int]:
    """Whether the psychologist is under agreement, and whether suspended, on a day."""
    under = 0
    for agreement in psychologist.agreements:
        resigned = agreement.resignation_received_on
        last = agreement_last_day(
            _last(agreement.ends_on), NO_DAY if resigned is None else resigned.toordinal(), terms
        )
        under |= covers(agreement.starts_on.toordinal(), last, day)
    suspended = 0
    for suspension in psychologist.suspensions:
        suspended |= covers(suspension.starts_on.toordinal(), _last(suspension.ends_on), day)
    return under, suspended


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
    exemptions, css_ended = _rights(person, day, terms)
    under_agreement, suspended = _agreement(psychologist, day, terms)
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
        exemptions=exemptions,
        former_css=css_ended,
        complementary=int(person.amc),
        psychiatric_bar=_barred(person, day, adult_on, terms) if person.psychiatric else 0,
        under_agreement=under_agreement,
        suspended=suspended,
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
