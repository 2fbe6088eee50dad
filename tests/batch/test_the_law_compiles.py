"""The same lines answer one claim in Python and, compiled, any number of them: no difference."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from enum import IntEnum, IntFlag
from functools import cache
from typing import Any

import numba
import numpy as np
import pytest
from tests.law.histories import random_case

from soutien.batch.compiled import FOR_PEOPLE, MODULES, compiled_rules, functions_of
from soutien.rules import calendar, decide
from soutien.rules.answer import Answer, answer
from soutien.rules.calendar import NEVER, NO_DAY
from soutien.rules.casefile import read_case
from soutien.rules.codes import ExemptionKind, Profile, PsychiatricKind, Referrer, Status
from soutien.rules.dossier import Dossier
from soutien.rules.facts import EarlierSession, SessionFacts
from soutien.rules.rights import AgreementSpan, Span
from soutien.rules.terms import Terms, load_law

CASES, SEED = 20_000, 1_618
LAW = load_law()
TERMS_OF = {profile: [terms for _, terms in LAW.periods(profile)] for profile in Profile}


def record(kind: Any) -> np.dtype[Any]:
    """A row of whole numbers with the names of a named tuple."""
    return np.dtype([(name, np.int64) for name in kind._fields])


@cache
def decided() -> list[tuple[Dossier, Answer]]:
    """Random dossiers, decided one by one in plain Python."""
    rng, problems = random.Random(SEED), list[str]()
    dossiers = [read_case(random_case(rng), 1, problems)[1] for _ in range(CASES)]
    assert problems == []
    return [(dossier, answer(dossier, LAW)) for dossier in dossiers]


def paid_sessions(dossier: Dossier) -> list[EarlierSession]:
    """The paid sessions of a history, as the facts that the year is counted from."""
    claim = dossier.claim
    return [
        EarlierSession(
            day=item.held_on.toordinal(),
            evaluation=int(item.kind),
            same_psychologist=int(item.psychologist == claim.psychologist),
            in_programme=int(item.programme.name == "MON_SOUTIEN_PSY"),
            other_programme=int(item.programme.name == "SANTE_PSY_ETUDIANT"),
        )
        for item in dossier.history
        if item.status is Status.PAID
    ]


def in_one_loop() -> Any:
    """The loop of a nation: count the year, decide, write the row down."""
    past_of, decide_one = compiled_rules()["past_of"], compiled_rules()["decide"]

    @numba.njit
    def decide_all(sessions, history, starts, terms, terms_of, out):  # type: ignore[no-untyped-def]
        for n in range(len(sessions)):
            session = sessions[n]
            past = past_of(session.day, session.evaluation, history[starts[n] : starts[n + 1]])
            decision = decide_one(session, past, terms[terms_of[n]])
            for place, value in enumerate(decision):
                out[n, place] = value

    return decide_all


def test_a_loop_over_twenty_thousand_claims_gives_the_same_decisions() -> None:
    table = [terms for profile in Profile for terms in TERMS_OF[profile]]
    known = {terms: place for place, terms in reversed(list(enumerate(table)))}
    rows, histories, terms_of, expected = [], [], [], []
    for dossier, answered in decided():
        rows.append(tuple(answered.session))
        histories.append([tuple(session) for session in paid_sessions(dossier)])
        terms_of.append(known[answered.terms])
        expected.append(tuple(answered.decision))
    out = np.zeros((CASES, len(expected[0])), np.int64)
    in_one_loop()(
        np.array(rows, record(SessionFacts)),
        np.array([row for history in histories for row in history], record(EarlierSession)),
        np.cumsum([0, *map(len, histories)]),
        np.array([tuple(terms) for terms in table], record(Terms)),
        np.array(terms_of),
        out,
    )
    different = np.flatnonzero((out != np.array(expected)).any(axis=1))
    assert [decided()[place][0] for place in different[:3]] == []
    accepted = int(out[:, 0].sum())
    assert 0.2 * CASES < accepted < 0.8 * CASES


def test_the_named_tuples_themselves_give_the_same_decisions() -> None:
    decide_one = compiled_rules()["decide"]
    for _, answered in decided()[:5_000]:
        decision = decide_one(answered.session, answered.past, answered.terms)
        assert tuple(decision) == tuple(answered.decision)
        assert type(decision) is decide.Decision


# --- Function by function -----------------------------------------------------------------


def drawn(rng: random.Random, some: int = 300) -> dict[str, list[tuple[Any, ...]]]:
    """Arguments for every function of the modules, by its name."""

    def day() -> int:
        return rng.randint(date(2000, 1, 1).toordinal(), date(2030, 12, 31).toordinal())

    def end() -> int:
        return NEVER if rng.random() < 0.2 else day()

    def terms() -> Terms:
        return rng.choice(TERMS_OF[rng.choice(list(Profile))])

    def past_of() -> tuple[Any, ...]:
        dossier, one = rng.choice([pair for pair in decided() if pair[0].history])
        sessions = numba.typed.List([EarlierSession(1, 0, 0, 0, 0), *paid_sessions(dossier)])
        return one.session.day, one.session.evaluation, sessions

    def spans(kind: type[IntEnum | IntFlag]) -> Any:
        drawn = [Span(int(rng.choice(list(kind))), day(), end()) for _ in range(rng.randint(1, 4))]
        return numba.typed.List(drawn)

    def agreements() -> Any:
        drawn = [
            AgreementSpan(day(), end(), rng.choice([NO_DAY, day()]))
            for _ in range(rng.randint(1, 4))
        ]
        return numba.typed.List(drawn)

    def notice(one: Answer) -> tuple[Any, ...]:
        return one.session, decide.settle(one.session, one.terms), one.terms

    def sessions_left(one: Answer) -> tuple[Any, ...]:
        admission = decide.admit(one.session, one.past, one.terms)
        return admission, one.past, one.decision.accepted, one.terms

    def one() -> Answer:
        return rng.choice(decided())[1]

    makers: dict[str, Callable[[], tuple[Any, ...]]] = {
        "year_month_day": lambda: (day(),),
        "day_of": lambda: calendar.year_month_day(day()),
        "civil_year": lambda: (day(),),
        "days_in_month": lambda: (rng.randint(1900, 2100), rng.randint(1, 12)),
        "add_months": lambda: (day(), rng.randint(-60, 60)),
        "add_years": lambda: (day(), rng.randint(-20, 20)),
        "first_day_of_next_quarter": lambda: (day(),),
        "share_cents": lambda: (rng.randint(0, 10_000), rng.randint(0, 100)),
        "covers": lambda: (day(), end(), day()),
        "agreement_last_day": lambda: (end(), rng.choice([NO_DAY, day()]), terms()),
        "former_css_last_day": lambda: (day(), terms()),
        "former_css": lambda: (day(), day(), terms()),
        "psychiatric_bar": lambda: (
            *(int(rng.choice(list(PsychiatricKind))), day(), end(), day(), rng.randint(0, 1)),
            terms(),
        ),
        "add_years_or_never": lambda: (end(), rng.randint(0, 20)),
        "referrer_allowed": lambda: (int(rng.choice(list(Referrer))), day(), terms()),
        "claim_barred_from": lambda: (day(), terms()),
        "past_of": past_of,
        "open_exemptions": lambda: (day(), spans(ExemptionKind)),
        "css_over": lambda: (day(), spans(ExemptionKind), terms()),
        "barred": lambda: (day(), rng.randint(0, 1), spans(PsychiatricKind), terms()),
        "under_agreement": lambda: (day(), agreements(), terms()),
        "suspended": lambda: (day(), spans(PsychiatricKind)),
        "tariff_cents": lambda: (one().session, terms()),
        "expected_act_code": lambda: (one().session,),
        "check": lambda: (one().session, terms()),
        "cap_applies": lambda: (one().session, terms()),
        "admit": lambda: (one().session, one().past, terms()),
        "cover": lambda: (one().session,),
        "settle": lambda: (one().session, terms()),
        "notice": lambda: notice(one()),
        "sessions_left": lambda: sessions_left(one()),
        "decide": lambda: (one().session, one().past, terms()),
    }
    return {name: [make() for _ in range(some)] for name, make in makers.items()}


@cache
def arguments() -> dict[str, list[tuple[Any, ...]]]:
    return drawn(random.Random(SEED))


NAMES = [name for module in MODULES for name in functions_of(module)]


@pytest.mark.parametrize("name", NAMES)
def test_a_function_compiled_gives_what_it_gives_in_python(name: str) -> None:
    [plain] = [functions_of(module)[name] for module in MODULES if name in functions_of(module)]
    quick = compiled_rules()[name]
    for given in arguments()[name]:
        assert quick(*given) == plain(*given), given


def test_no_function_is_left_out() -> None:
    assert set(NAMES) == set(compiled_rules())
    assert {"decide", "past_of", "share_cents", "add_months", "psychiatric_bar"} <= set(NAMES)
    assert len(NAMES) == len(set(NAMES))
    assert {name for module in MODULES for name in vars(module)} >= FOR_PEOPLE
