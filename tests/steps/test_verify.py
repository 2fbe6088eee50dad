"""The service of rights: whom it is asked about, what differs, what an agent makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests import factories as make
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at

from soutien.doors import rights_service
from soutien.doors.rights_service import Silent, ask_all, asked
from soutien.doors.rights_service.simulated import Simulated
from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Decision
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Exemption, Person
from soutien.registers.rights.models import Check
from soutien.rules.life import Cause
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.decide_again import decide_person_again
from soutien.steps.entitled import Right
from soutien.steps.verified import Said, differences
from soutien.steps.verify import (
    Question,
    keep_check,
    list_checks,
    open_check,
    plan_checks,
    settle_check,
    tell_of_endings,
)

pytestmark = pytest.mark.django_db
NOW = at(MONDAY + 20 * DAY)
FUND = "019990069"
SCHEME = Right("scheme", scene.OPENED, regime="general", fund_code=FUND)
CSS = Right("exemption", date(2026, 1, 1), date(2026, 12, 31), kind="css")


def agent(fund_code: str = FUND) -> Actor:
    account = make.account(Role.FUND_AGENT, fund_code=fund_code)
    return Actor("fund_agent", account_id=account.pk, fund_code=fund_code)


def kept(who: Person, *rights: Right, on: date = MONDAY) -> Check:
    check = keep_check(actor=SYSTEM, person_id=who.pk, said=Said(True, rights), on=on, at=NOW)
    assert check is not None
    return check


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ((SCHEME,), []),
        ((SCHEME, CSS), ["opened"]),
        ((replace(SCHEME, ends_on=MONDAY - DAY),), ["ended"]),
        ((SCHEME, replace(CSS, ends_on=MONDAY - DAY)), []),
        ((), ["absent"]),
        ((CSS,), ["opened", "absent"]),
    ],
)
def test_what_differs_is_told_and_a_right_that_is_over_is_not_opened(
    said: tuple[Right, ...], found: list[str]
) -> None:
    told = differences([SCHEME], Said(True, said), MONDAY)
    assert [one.what for one in told] == found


def test_whoever_comes_soon_is_asked_about_once_in_a_fortnight() -> None:
    where, soon, later = scene.practice(), scene.insured(), scene.insured()
    scene.booked(where, soon, day=MONDAY, kind="evaluation")
    scene.booked(where, later, day=MONDAY + 9 * DAY, kind="evaluation")
    before = at(MONDAY - DAY)
    assert [one.person_id for one in plan_checks(at=before)] == [soon.pk]
    keep_check(actor=SYSTEM, person_id=soon.pk, said=Said(True, (SCHEME,)), on=MONDAY, at=before)
    assert plan_checks(at=before) == ()


def test_a_silence_is_asked_again() -> None:
    where, who = scene.practice(), scene.insured()
    scene.booked(where, who, day=MONDAY, kind="evaluation")
    before = at(MONDAY - DAY)
    keep_check(actor=SYSTEM, person_id=who.pk, said=None, on=MONDAY, at=before)
    assert [one.person_id for one in plan_checks(at=before)] == [who.pk]


def test_a_css_that_came_late_is_taken_and_the_past_decided_again_with_its_difference() -> None:
    where, who, clerk = scene.practice(), scene.insured(), agent()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    check = kept(who, SCHEME, CSS)
    assert check.outcome == "differs" and not Exemption.objects.exists()
    assert [one.public_id for one in list_checks(actor=clerk, at=NOW)] == [check.public_id]
    view = settle_check(actor=clerk, check_id=check.public_id, taken=True, at=NOW)
    settle_check(actor=clerk, check_id=check.public_id, taken=True, at=NOW)
    assert Exemption.objects.get().kind == "css"
    [decided] = decide_person_again(
        actor=SYSTEM, person_id=view.person_id, cause=Cause.RIGHT_OPENED_LATE, at=NOW
    )
    assert decided.patient_upfront_cents == 0
    [late] = open_check(actor=clerk, check_id=check.public_id, at=NOW).changed
    assert (late.amo_before, late.amo_after) == (3000, 5000)
    assert list_checks(actor=clerk, at=NOW) == ()
    with refused("check_settled"):
        settle_check(actor=clerk, check_id=check.public_id, taken=False, at=NOW)


def test_what_is_kept_changes_nothing_and_an_end_that_is_taken_is_written() -> None:
    who, clerk = scene.insured(), agent()
    make.exemption(who, "ald", valid_from=date(2025, 1, 1))
    ald = Right("exemption", date(2025, 1, 1), MONDAY, kind="ald")
    first, second = kept(who, SCHEME, ald), kept(who, SCHEME, ald)
    settle_check(actor=clerk, check_id=first.public_id, taken=False, at=NOW)
    assert Exemption.objects.get().valid_before is None
    settle_check(actor=clerk, check_id=second.public_id, taken=True, at=NOW)
    assert Exemption.objects.get().valid_before == MONDAY + DAY


def test_a_right_that_the_service_does_not_know_is_not_ended_by_it() -> None:
    who, clerk = scene.insured(), agent()
    make.exemption(who, "ald", valid_from=date(2025, 1, 1))
    check = kept(who, SCHEME)
    settle_check(actor=clerk, check_id=check.public_id, taken=True, at=NOW)
    assert Exemption.objects.get().valid_before is None


def test_another_fund_reads_and_settles_none_of_it() -> None:
    check = kept(scene.insured(), SCHEME, CSS)
    other = agent("019990001")
    assert list_checks(actor=other, at=NOW) == ()
    with refused("not_allowed"):
        open_check(actor=other, check_id=check.public_id, at=NOW)
    with refused("not_allowed"):
        settle_check(actor=other, check_id=check.public_id, taken=True, at=NOW)


def test_a_right_that_ends_soon_is_written_of_once_to_who_has_an_account() -> None:
    who, nobody, renewed = scene.insured(), scene.insured(), scene.insured()
    for one in (who, nobody, renewed):
        make.exemption(one, "css", valid_from=date(2025, 4, 1), valid_before=MONDAY + 40 * DAY)
    make.exemption(renewed, "css", valid_from=MONDAY + 40 * DAY)
    for one in (who, renewed):
        make.account(Role.PERSON, person=one)
    assert tell_of_endings(at=NOW) == 1
    assert tell_of_endings(at=NOW) == 0
    letter = Letter.objects.get(kind="rights.person.ending")
    assert letter.payload == {"person": who.pk}


def numbered(figure: str) -> Person:
    """Somebody insured whose number has this figure where the one that pretends looks."""
    while True:
        who = scene.insured()
        if who.nir[12] == figure:
            return who


@pytest.mark.parametrize(
    ("figure", "outcome"),
    [
        ("0", "unknown"),
        ("1", "same"),
        ("2", "differs"),
        ("3", "silent"),
        ("4", "silent"),
        ("7", "same"),
    ],
)
def test_the_one_that_pretends_answers_like_a_service(
    monkeypatch: pytest.MonkeyPatch, figure: str, outcome: str
) -> None:
    monkeypatch.setattr(rights_service, "service", lambda: Simulated(wait=0))
    who = numbered(figure)
    question = Question(who.pk, who.nir, date.fromisoformat(who.birth_date), MONDAY)
    assert asked(question, at=NOW) == outcome
    assert Check.objects.get().outcome == outcome


def test_one_that_pretends_says_that_a_ground_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights_service, "service", lambda: Simulated(wait=0))
    who = numbered("1")
    make.exemption(who, "ald", valid_from=date(2025, 1, 1))
    question = Question(who.pk, who.nir, date.fromisoformat(who.birth_date), MONDAY)
    assert asked(question, at=NOW) == "differs"
    [told] = Check.objects.get().differences
    assert told["what"] == "ended"


def test_a_service_that_is_away_is_not_asked_about_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Away:
        def ask(self, **_words: object) -> Said:
            raise Silent

    monkeypatch.setattr(rights_service, "service", lambda: Away())
    where = scene.practice()
    for hour in range(8, 13):
        scene.booked(where, scene.insured(), day=MONDAY, hour=hour, kind="evaluation")
    assert ask_all(at(MONDAY - DAY)) == 3
    assert Decision.objects.count() == 0


def test_nobody_is_asked_when_no_service_is_named() -> None:
    assert ask_all(NOW) == 0
