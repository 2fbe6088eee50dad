"""THE decision on one session; reads top-down like the law.

Three questions: is the session right by itself (``check``), does the year and the history let
it in (``admit``), and who pays what (``settle``). Integers and named tuples only, no clock, no
text: the same lines answer one claim here and, compiled, the sessions of a nation.
"""

from __future__ import annotations

from typing import NamedTuple

from soutien.rules.calendar import NO_DAY
from soutien.rules.codes import (
    ActCode,
    Coverage,
    ExemptionKind,
    LinkedTo,
    Notice,
    Reason,
    Referrer,
    ThirdParty,
)
from soutien.rules.facts import Past, SessionFacts
from soutien.rules.money import share_cents
from soutien.rules.terms import Terms

BEFORE_PROGRAMME_START = int(Reason.BEFORE_PROGRAMME_START)
NO_HEALTH_INSURANCE_RIGHTS = int(Reason.NO_HEALTH_INSURANCE_RIGHTS)
AGE_BELOW_MINIMUM = int(Reason.AGE_BELOW_MINIMUM)
NON_INCLUSION_PSYCHIATRIC = int(Reason.NON_INCLUSION_PSYCHIATRIC)
PSYCHOLOGIST_NOT_CONVENTIONED = int(Reason.PSYCHOLOGIST_NOT_CONVENTIONED)
CONVENTION_SUSPENDED = int(Reason.CONVENTION_SUSPENDED)
ACT_NOT_PERFORMED = int(Reason.ACT_NOT_PERFORMED)
EVALUATION_MUST_BE_IN_PERSON = int(Reason.EVALUATION_MUST_BE_IN_PERSON)
ACT_CODE_MISMATCH = int(Reason.ACT_CODE_MISMATCH)
REFERRAL_MISSING = int(Reason.REFERRAL_MISSING)
REFERRER_NOT_ALLOWED = int(Reason.REFERRER_NOT_ALLOWED)
REFERRAL_DATED_AFTER_SESSION = int(Reason.REFERRAL_DATED_AFTER_SESSION)
REFERRAL_EXPIRED = int(Reason.REFERRAL_EXPIRED)
DUPLICATE_CLAIM = int(Reason.DUPLICATE_CLAIM)
SAME_DAY_SESSION = int(Reason.SAME_DAY_SESSION)
DOUBLE_FUNDING = int(Reason.DOUBLE_FUNDING)
EVALUATION_MISSING = int(Reason.EVALUATION_MISSING)
EVALUATION_ALREADY_BILLED = int(Reason.EVALUATION_ALREADY_BILLED)
ANNUAL_CAP_REACHED = int(Reason.ANNUAL_CAP_REACHED)
PRICE_NOT_REGULATED = int(Reason.PRICE_NOT_REGULATED)
CARE_SHEET_INCOMPLETE = int(Reason.CARE_SHEET_INCOMPLETE)
CLAIM_TIME_BARRED = int(Reason.CLAIM_TIME_BARRED)
HIDDEN_BY_A_DUPLICATE = (
    SAME_DAY_SESSION | EVALUATION_MISSING | EVALUATION_ALREADY_BILLED | ANNUAL_CAP_REACHED
)

YEAR_ROLLOVER_NO_EVALUATION = int(Notice.YEAR_ROLLOVER_NO_EVALUATION)
TRANSITION_PERIOD_2024 = int(Notice.TRANSITION_PERIOD_2024)
LATE_THIRD_PARTY_SUBMISSION = int(Notice.LATE_THIRD_PARTY_SUBMISSION)
THIRD_PARTY_ACCIDENT_DECLARED = int(Notice.THIRD_PARTY_ACCIDENT_DECLARED)
UNCAPPED_MINOR_ALD = int(Notice.UNCAPPED_MINOR_ALD)

CSS = int(ExemptionKind.CSS)
AME = int(ExemptionKind.AME)
ALD = int(ExemptionKind.ALD)
MATERNITY = int(ExemptionKind.MATERNITY)
AT_MP = int(ExemptionKind.AT_MP)
INVALIDITY = int(ExemptionKind.INVALIDITY)

LINKED_TO_ALD = int(LinkedTo.ALD)
LINKED_TO_MATERNITY = int(LinkedTo.MATERNITY)
LINKED_TO_AT_MP = int(LinkedTo.AT_MP)
LINKED_TO_ACCIDENT = int(LinkedTo.THIRD_PARTY_ACCIDENT)

STANDARD = int(Coverage.STANDARD_60_40)
LOCAL_REGIME = int(Coverage.LOCAL_REGIME_90_10)
FULL_CSS = int(Coverage.FULL_COVERAGE_CSS)
FULL_AME = int(Coverage.FULL_COVERAGE_AME)
FULL_ALD = int(Coverage.FULL_COVERAGE_ALD)
FULL_MATERNITY = int(Coverage.FULL_COVERAGE_MATERNITY)
FULL_AT_MP = int(Coverage.FULL_COVERAGE_AT_MP)
FULL_INVALIDITY = int(Coverage.FULL_COVERAGE_INVALIDITY)

PAYS_THE_PRICE = int(ThirdParty.NONE)
PAYS_THE_REST = int(ThirdParty.AMO)
PAYS_NOTHING = int(ThirdParty.FULL)

NO_ACT_CODE = int(ActCode.NONE)
EEP = int(ActCode.EEP)
APS = int(ActCode.APS)
PSS = int(ActCode.PSS)
NO_REFERRER = int(Referrer.NONE)

NO_CAP = -1


class Admission(NamedTuple):
    """What the year and the history say: refusals, notices, and whether the cap applies."""

    reasons: int
    notices: int
    capped: int


class Settlement(NamedTuple):
    """Who pays what, in cents; AMO, AMC and the person's part add up to the price."""

    coverage: int
    amo_cents: int
    local_regime_cents: int
    amc_cents: int
    patient_cents: int
    patient_upfront_cents: int
    third_party: int


class Decision(NamedTuple):
    """The answer on one session. ``sessions_left`` is NO_CAP where the law sets none."""

    accepted: int
    reasons: int
    coverage: int
    price_cents: int
    amo_cents: int
    local_regime_cents: int
    amc_cents: int
    patient_cents: int
    patient_upfront_cents: int
    third_party: int
    sessions_left: int
    notices: int


def tariff_cents(session: SessionFacts, terms: Terms) -> int:
    """The only price allowed for this kind of session on its day (R-070, R-071)."""
    return terms.evaluation_fee_cents if session.evaluation else terms.follow_up_fee_cents


def expected_act_code(session: SessionFacts) -> int:
    """The code of the act; an evaluation by video has none (R-111)."""
    remote_code = NO_ACT_CODE if session.evaluation else PSS
    in_person_code = EEP if session.evaluation else APS
    return remote_code if session.remote else in_person_code


def check(session: SessionFacts, terms: Terms) -> int:
    """Refusals of the session by itself, whatever the rest of the year."""
    insured = session.affiliated | (1 if session.exemptions & AME else 0)
    letter = 0 if session.referrer == NO_REFERRER else 1
    letter_missing = terms.referral_required & (1 - letter)
    author_refused = terms.referral_required & letter & (1 - session.referrer_allowed)
    remote_evaluation = session.evaluation & session.remote & terms.evaluation_in_person
    wrong_code = session.act_code != NO_ACT_CODE and session.act_code != expected_act_code(session)
    received = session.received_on != NO_DAY
    received_before_held = received and session.received_on < session.day
    barred = received and session.received_on >= session.barred_from

    reasons = 0
    reasons |= 0 if insured else NO_HEALTH_INSURANCE_RIGHTS
    reasons |= AGE_BELOW_MINIMUM if session.day < session.aged_enough_on else 0
    reasons |= NON_INCLUSION_PSYCHIATRIC if session.psychiatric_bar else 0
    reasons |= 0 if session.under_agreement else PSYCHOLOGIST_NOT_CONVENTIONED
    reasons |= CONVENTION_SUSPENDED if session.suspended else 0
    reasons |= 0 if session.performed else ACT_NOT_PERFORMED
    reasons |= ACT_NOT_PERFORMED if received_before_held else 0
    reasons |= EVALUATION_MUST_BE_IN_PERSON if remote_evaluation else 0
    reasons |= ACT_CODE_MISMATCH if wrong_code else 0
    reasons |= REFERRAL_MISSING if letter_missing else 0
    reasons |= REFERRER_NOT_ALLOWED if author_refused else 0
    reasons |= PRICE_NOT_REGULATED if session.price_cents != tariff_cents(session, terms) else 0
    reasons |= 0 if session.sheet_complete else CARE_SHEET_INCOMPLETE
    reasons |= CLAIM_TIME_BARRED if barred else 0
    return reasons


def cap_applies(session: SessionFacts, terms: Terms) -> int:
    """0 for sessions prescribed to a minor for an ALD, which have no cap (R-065)."""
    uncapped = (
        session.day >= terms.minor_ald_uncapped_from
        and session.day < session.adult_on
        and session.exemptions & ALD != 0
        and session.linked_to == LINKED_TO_ALD
        and session.prescribed != 0
    )
    return 0 if uncapped else 1


def admit(session: SessionFacts, past: Past, terms: Terms) -> Admission:
    """Refusals and notices that come from the person's year and history."""
    follow_up = 1 - session.evaluation
    capped = cap_applies(session, terms)

    # The letter is compared with the first session of the episode, not with the claim.
    opened_by_past = follow_up and past.episode_opened_on != NO_DAY
    opened_on = past.episode_opened_on if opened_by_past else session.day
    letter = terms.referral_required != 0 and session.referrer != NO_REFERRER
    letter_late = letter and session.referral_day > opened_on
    letter_old = letter and opened_on > session.referral_last_day

    rollover = follow_up & (1 - past.evaluated_before) & past.evaluated_year_before
    evaluated = past.evaluated_before | past.evaluated_year_before | past.evaluated_same_day
    evaluation_missing = follow_up & (1 - evaluated)
    too_many_evaluations = (
        session.evaluation != 0 and past.evaluations_this_year >= terms.evaluations_per_year_max
    )
    cap_reached = capped != 0 and past.used_this_year >= terms.sessions_per_year_max

    reasons = 0
    reasons |= REFERRAL_DATED_AFTER_SESSION if letter_late else 0
    reasons |= REFERRAL_EXPIRED if letter_old else 0
    reasons |= SAME_DAY_SESSION if past.same_day else 0
    reasons |= EVALUATION_MISSING if evaluation_missing else 0
    reasons |= EVALUATION_ALREADY_BILLED if too_many_evaluations else 0
    reasons |= ANNUAL_CAP_REACHED if cap_reached else 0
    reasons = (reasons & ~HIDDEN_BY_A_DUPLICATE) | DUPLICATE_CLAIM if past.duplicate else reasons
    reasons |= DOUBLE_FUNDING if past.double_funded else 0

    notices = 0
    notices |= YEAR_ROLLOVER_NO_EVALUATION if rollover else 0
    notices |= 0 if capped else UNCAPPED_MINOR_ALD
    return Admission(reasons, notices, capped)


def cover(session: SessionFacts) -> int:
    """The one ground on which the session is paid, in order of precedence (R-094)."""
    at_mp = session.exemptions & AT_MP != 0 and session.linked_to == LINKED_TO_AT_MP
    ald = session.exemptions & ALD != 0 and session.linked_to == LINKED_TO_ALD
    maternity = session.exemptions & MATERNITY != 0 and session.linked_to == LINKED_TO_MATERNITY

    coverage = LOCAL_REGIME if session.local_regime else STANDARD
    coverage = FULL_INVALIDITY if session.exemptions & INVALIDITY else coverage
    coverage = FULL_MATERNITY if maternity else coverage
    coverage = FULL_ALD if ald else coverage
    coverage = FULL_AT_MP if at_mp else coverage
    coverage = FULL_CSS if session.exemptions & CSS else coverage
    return FULL_AME if session.exemptions & AME else coverage


def settle(session: SessionFacts, terms: Terms) -> Settlement:
    """Who pays what for an accepted session, and what is paid on the spot."""
    price = session.price_cents
    coverage = cover(session)
    shared = coverage in (STANDARD, LOCAL_REGIME)
    ordinary = share_cents(price, terms.amo_rate_percent)
    # One rounding for both shares together: two could exceed the price by a cent.
    both = share_cents(price, terms.amo_rate_percent + terms.local_regime_rate_percent)
    local = both - ordinary if coverage == LOCAL_REGIME else 0
    amo = ordinary + local if shared else price

    # The insurer pays the remainder, not its own rounded share: the parts must add up.
    remainder = price - amo
    amc = remainder if session.complementary else 0

    owed_in_full = not shared and coverage != FULL_INVALIDITY
    granted = (
        session.third_party_requested != 0
        or session.health_centre != 0
        or session.former_css != 0
        or session.day >= terms.amo_third_party_from
    )
    third_party = PAYS_THE_REST if granted else PAYS_THE_PRICE
    third_party = PAYS_NOTHING if granted and remainder == 0 else third_party
    third_party = PAYS_NOTHING if owed_in_full else third_party
    on_the_spot = remainder if third_party == PAYS_THE_REST else price
    on_the_spot = 0 if third_party == PAYS_NOTHING else on_the_spot
    return Settlement(coverage, amo, local, amc, remainder - amc, on_the_spot, third_party)


def notice(session: SessionFacts, settlement: Settlement, terms: Terms) -> int:
    """Notices of an accepted session that come from the session itself (R-216)."""
    late = (
        settlement.third_party != PAYS_THE_PRICE
        and session.received_on > session.day + terms.third_party_sending_days_max
    )
    notices = TRANSITION_PERIOD_2024 if terms.transition_watched else 0
    notices |= LATE_THIRD_PARTY_SUBMISSION if late else 0
    return notices | (
        THIRD_PARTY_ACCIDENT_DECLARED if session.linked_to == LINKED_TO_ACCIDENT else 0
    )


def sessions_left(admission: Admission, past: Past, accepted: int, terms: Terms) -> int:
    """How many sessions the year still holds after this answer (R-212)."""
    left = terms.sessions_per_year_max - past.used_this_year - accepted
    left = left if left > 0 else 0
    return left if admission.capped else NO_CAP


def decide(session: SessionFacts, past: Past, terms: Terms) -> Decision:
    """The decision on one session, given the terms in force on its day."""
    if session.day < terms.programme_starts_on:
        return Decision(
            0, BEFORE_PROGRAMME_START, 0, session.price_cents, 0, 0, 0, 0, 0, PAYS_THE_PRICE, 0, 0
        )
    admission = admit(session, past, terms)
    reasons = check(session, terms) | admission.reasons
    accepted = 1 if reasons == 0 else 0
    left = sessions_left(admission, past, accepted, terms)
    if not accepted:
        return Decision(0, reasons, 0, session.price_cents, 0, 0, 0, 0, 0, PAYS_THE_PRICE, left, 0)
    paid = settle(session, terms)
    return Decision(
        accepted=1,
        reasons=0,
        coverage=paid.coverage,
        price_cents=session.price_cents,
        amo_cents=paid.amo_cents,
        local_regime_cents=paid.local_regime_cents,
        amc_cents=paid.amc_cents,
        patient_cents=paid.patient_cents,
        patient_upfront_cents=paid.patient_upfront_cents,
        third_party=paid.third_party,
        sessions_left=left,
        notices=admission.notices | notice(session, paid, terms),
    )
