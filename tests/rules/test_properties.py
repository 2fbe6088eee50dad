"""What stays true whatever the claim: amounts add up, the year holds, order does not matter."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.law.histories import random_case
from tests.rules.claims import PEOPLE, PSYCHOLOGISTS, Year, sessions_of

from soutien.rules.answer import Answer, answer
from soutien.rules.booking import booking_refusals, told_beforehand
from soutien.rules.casefile import read_case
from soutien.rules.codes import (
    Coverage,
    Kind,
    LinkedTo,
    Notice,
    Profile,
    Reason,
    Regime,
    ThirdParty,
)
from soutien.rules.decide import NO_CAP, decide, settle
from soutien.rules.dossier import Dossier, Person
from soutien.rules.estimate import Situation, estimate
from soutien.rules.terms import load_law

LAW = load_law()
YEARS = st.sampled_from([2022, 2023, 2024, 2025, 2026, 2027])
PROFILES = st.sampled_from(list(Profile))
SEEDS = st.integers(0, 2**32)
MANY = settings(max_examples=400)
SOME = settings(max_examples=150)


def random_dossier(seed: int) -> Dossier:
    problems: list[str] = []
    _, dossier = read_case(random_case(random.Random(seed)), 1, problems)
    assert problems == []
    return dossier


def cap_on(answered: Answer) -> int:
    return answered.terms.sessions_per_year_max


# --- Amounts ------------------------------------------------------------------------------


@MANY
@given(SEEDS)
def test_the_parts_of_an_accepted_session_add_up_to_its_price(seed: int) -> None:
    dossier = random_dossier(seed)
    decision = answer(dossier, LAW).decision
    parts = (decision.amo_cents, decision.amc_cents, decision.patient_cents)
    assert all(part >= 0 for part in parts)
    if decision.accepted:
        assert sum(parts) == decision.price_cents == dossier.claim.price_cents
        assert decision.reasons == 0 and decision.coverage != Coverage.NONE
        assert 0 <= decision.local_regime_cents <= decision.amo_cents
        assert decision.patient_cents <= decision.patient_upfront_cents <= decision.price_cents
    else:
        assert parts == (0, 0, 0) and decision.patient_upfront_cents == 0
        assert decision.local_regime_cents == 0
        assert decision.coverage == Coverage.NONE and decision.third_party == ThirdParty.NONE
        assert decision.reasons != 0 and decision.notices == 0


@MANY
@given(SEEDS)
def test_what_is_paid_on_the_spot_is_what_the_mode_says(seed: int) -> None:
    decision = answer(random_dossier(seed), LAW).decision
    assume(decision.accepted)
    on_the_spot = {
        ThirdParty.NONE: decision.price_cents,
        ThirdParty.AMO: decision.price_cents - decision.amo_cents,
        ThirdParty.FULL: 0,
    }
    assert decision.patient_upfront_cents == on_the_spot[ThirdParty(decision.third_party)]


@MANY
@given(
    SEEDS,
    st.integers(0, 20_000),
    st.integers(0, 100).flatmap(lambda amo: st.tuples(st.just(amo), st.integers(0, 100 - amo))),
)
def test_the_parts_add_up_under_any_rates_and_any_price(
    seed: int, price: int, rates: tuple[int, int]
) -> None:
    answered = answer(random_dossier(seed), LAW)
    amo_rate, local_rate = rates
    terms = answered.terms._replace(
        amo_rate_percent=amo_rate, local_regime_rate_percent=local_rate
    )
    paid = settle(answered.session._replace(price_cents=price), terms)
    parts = (paid.amo_cents, paid.amc_cents, paid.patient_cents)
    assert sum(parts) == price
    assert min(*parts, paid.local_regime_cents, paid.patient_upfront_cents) >= 0


# --- The year -----------------------------------------------------------------------------


@SOME
@given(PEOPLE, YEARS.flatmap(sessions_of), PROFILES)
def test_never_more_than_the_cap_is_accepted_whatever_comes_in_whatever_order(
    person: Person, sessions: list[tuple[date, Kind, str]], profile: Profile
) -> None:
    year = Year(person, profile)
    answers = year.claim_all(sessions)
    accepted = [answered for answered in answers if answered.decision.accepted]
    caps = [cap_on(answered) for answered in answers]
    assert len(accepted) <= max(caps, default=0)
    days = [past.held_on for past in year.paid]
    assert len(set(days)) == len(days)
    assert sum(past.kind is Kind.EVALUATION for past in year.paid) <= 1
    # A claim under a lower cap is never accepted once that many sessions are paid.
    for number, answered in enumerate(accepted):
        assert number < cap_on(answered)
        assert answered.decision.sessions_left == cap_on(answered) - number - 1


def test_a_busy_year_reaches_its_cap_and_stops_there() -> None:
    person = Person(date(1988, 3, 12), Regime.GENERAL, amc=True)
    full = 0
    for seed in range(300):
        rng, year = random.Random(seed), 2022 + seed % 5
        days = [date(year, 1, 1) + timedelta(days=n) for n in rng.sample(range(365), 60)]
        one_year = Year(person)
        one_year.claim_all(
            (day, rng.choice(list(Kind)), "P1") for day in days if day >= date(2022, 4, 5)
        )
        cap = LAW.on(date(year, 12, 31)).sessions_per_year_max
        assert len(one_year.paid) <= cap
        full += len(one_year.paid) == cap
    # The property above would say nothing if no year were ever full.
    assert full > 100


@SOME
@given(PEOPLE, YEARS.flatmap(sessions_of), PROFILES)
def test_a_claim_sent_again_is_a_duplicate_and_nothing_else(
    person: Person, sessions: list[tuple[date, Kind, str]], profile: Profile
) -> None:
    year = Year(person, profile)
    year.claim_all(sessions)
    for past in year.paid:
        decision = year.claim(past.held_on, past.kind, past.psychologist).decision
        assert decision.reasons == Reason.DUPLICATE_CLAIM


@SOME
@given(
    PEOPLE,
    PROFILES,
    st.sampled_from([2023, 2025, 2026]),
    st.sets(st.integers(1, 100), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_the_order_of_independent_claims_does_not_change_the_totals(
    person: Person,
    profile: Profile,
    year: int,
    days_after: set[int],
    rng: random.Random,
) -> None:
    # After 1 June each of these years has one price and one cap under both profiles.
    evaluated_on = date(year, 6, 1)
    claims = [
        (evaluated_on + timedelta(days=days), Kind.FOLLOW_UP, rng.choice(sorted(PSYCHOLOGISTS)))
        for days in sorted(days_after)
    ]
    totals = set()
    for _ in range(4):
        one_year = Year(person, profile)
        assert one_year.claim(evaluated_on, Kind.EVALUATION).decision.accepted
        paid = [one.decision for one in one_year.claim_all(claims) if one.decision.accepted]
        totals.add(
            (
                len(paid),
                sum(decision.amo_cents for decision in paid),
                sum(decision.amc_cents for decision in paid),
                sum(decision.patient_cents for decision in paid),
                sum(decision.local_regime_cents for decision in paid),
            )
        )
        rng.shuffle(claims)
    assert len(totals) == 1
    [(accepted, *_)] = totals
    cap = LAW.on(evaluated_on, profile).sessions_per_year_max
    assert accepted == min(len(claims), cap - 1)


@MANY
@given(SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_the_history_changes_nothing(seed: int, rng: random.Random) -> None:
    dossier = random_dossier(seed)
    shuffled = list(dossier.history)
    rng.shuffle(shuffled)
    person = dossier.person
    other = replace(
        dossier,
        history=tuple(shuffled),
        person=replace(
            person,
            exemptions=tuple(reversed(person.exemptions)),
            psychiatric=tuple(reversed(person.psychiatric)),
        ),
        psychologists={
            name: replace(one, agreements=tuple(reversed(one.agreements)))
            for name, one in reversed(dossier.psychologists.items())
        },
    )
    before, after = answer(dossier, LAW), answer(other, LAW)
    assert before.decision == after.decision
    assert before.session == after.session
    assert before.past == after.past


# --- Answers ------------------------------------------------------------------------------


@MANY
@given(SEEDS)
def test_an_answer_can_be_taken_again_from_the_facts_it_keeps(seed: int) -> None:
    answered = answer(random_dossier(seed), LAW)
    assert decide(answered.session, answered.past, answered.terms) == answered.decision


@MANY
@given(SEEDS)
def test_facts_and_decisions_are_whole_numbers_only(seed: int) -> None:
    answered = answer(random_dossier(seed), LAW)
    values = (*answered.session, *answered.past, *answered.terms, *answered.decision)
    assert {type(value) for value in values} == {int}


@MANY
@given(SEEDS)
def test_only_known_bits_are_set_and_the_year_is_never_overdrawn(seed: int) -> None:
    decision = answer(random_dossier(seed), LAW).decision
    assert decision.reasons & ~sum(Reason) == 0
    assert decision.notices & ~sum(Notice) == 0
    assert decision.accepted in (0, 1)
    assert decision.sessions_left == NO_CAP or decision.sessions_left >= 0


@MANY
@given(SEEDS)
def test_a_booking_is_refused_only_for_what_refuses_the_claim(seed: int) -> None:
    decision = answer(random_dossier(seed), LAW).decision
    refused, told = booking_refusals(decision), told_beforehand(decision)
    assert refused | told == decision.reasons
    assert refused & told == 0


SITUATIONS = st.builds(
    Situation,
    regime=st.sampled_from([regime for regime in Regime if regime is not Regime.NONE]),
    amc=st.booleans(),
    css=st.booleans(),
    css_ended_less_than_a_year_ago=st.booleans(),
    ame=st.booleans(),
    invalidity=st.booleans(),
    linked_to=st.sampled_from(list(LinkedTo)),
    health_centre=st.booleans(),
    third_party_offered=st.booleans(),
)
SINCE_THE_START = st.dates(date(2022, 4, 5), date(2030, 12, 31))


@MANY
@given(SINCE_THE_START, SITUATIONS, st.sampled_from(list(Kind)), PROFILES)
def test_an_estimate_is_the_answer_to_a_session_that_goes_well(
    on: date, situation: Situation, kind: Kind, profile: Profile
) -> None:
    decision = estimate(on, situation, LAW, kind=kind, profile=profile).decision
    terms = LAW.on(on, profile)
    evaluation = kind is Kind.EVALUATION
    assert decision.accepted
    assert decision.price_cents == (
        terms.evaluation_fee_cents if evaluation else terms.follow_up_fee_cents
    )
    if situation.ame:
        assert decision.coverage == Coverage.FULL_COVERAGE_AME
        assert decision.patient_upfront_cents == 0


@MANY
@given(SINCE_THE_START, SITUATIONS)
def test_a_complementary_insurer_never_makes_a_session_dearer(
    on: date, situation: Situation
) -> None:
    without = estimate(on, replace(situation, amc=False), LAW).decision
    insured = estimate(on, replace(situation, amc=True), LAW).decision
    assert insured.patient_cents == 0 <= without.patient_cents
    assert insured.patient_upfront_cents == without.patient_upfront_cents
    assert insured.amo_cents == without.amo_cents


def test_an_estimate_before_the_programme_is_refused_with_its_reason() -> None:
    decision = estimate(date(2022, 4, 4), Situation(), LAW).decision
    assert decision.reasons == Reason.BEFORE_PROGRAMME_START
    assert booking_refusals(decision) == Reason.BEFORE_PROGRAMME_START


@pytest.mark.parametrize(
    ("reason", "refuses"),
    [
        (Reason.ANNUAL_CAP_REACHED, True),
        (Reason.AGE_BELOW_MINIMUM, True),
        (Reason.EVALUATION_MISSING, True),
        (Reason.PSYCHOLOGIST_NOT_CONVENTIONED, True),
        (Reason.NO_HEALTH_INSURANCE_RIGHTS, False),
        (Reason.CARE_SHEET_INCOMPLETE, False),
        (Reason.NON_INCLUSION_PSYCHIATRIC, False),
    ],
)
def test_what_time_may_mend_is_told_and_does_not_refuse_a_booking(
    reason: Reason, refuses: bool
) -> None:
    decision = estimate(date(2026, 3, 2), Situation(), LAW).decision._replace(reasons=int(reason))
    assert booking_refusals(decision) == (reason if refuses else 0)
    assert told_beforehand(decision) == (0 if refuses else reason)
