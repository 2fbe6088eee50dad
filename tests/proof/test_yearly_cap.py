"""The yearly cap: never one session too many, however claims come; each lock seen to fail without.

Real parallel connections on PostgreSQL. A gate holds everybody between what was read and what is
written, so that only the lock counts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from tests import factories
from tests.proof.served import FULL
from tests.registers.protections import without_in_postgresql
from tests.registers.test_races import race
from tests.steps import scene
from tests.steps.scene import DAY, MONDAY, at
from tests.steps.test_receive import YEAR_END, written

from soutien.registers.care import queries as care
from soutien.registers.care.models import Seat
from soutien.registers.claims.models import CareSheet, Decision
from soutien.registers.people.models import Person
from soutien.rules.codes import Kind, Reason
from soutien.rules.life import Cause
from soutien.steps import decisions
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.claim import send_care_sheet
from soutien.steps.decide_again import cancel_claim, decide_person_again
from soutien.steps.receive import receive_claims
from soutien.steps.received import Written

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
PEOPLE = 20 if FULL else 4
DECIDED, TOGETHER, CAP = 11, 8, 12
AGENT = Actor("fund_agent", fund_code="019990069")


def line(who: Person, where: scene.Practice, number: int, day: date | None = None) -> Written:
    """Session ``number`` of the year on a day of its own, the first an evaluation."""
    kind = Kind.FOLLOW_UP if number else Kind.EVALUATION
    return written(who, where, number, day or MONDAY + number * DAY, kind=kind)


def entered(lines: list[Written]) -> list[bool | None]:
    answers = receive_claims(actor=SYSTEM, lines=lines, at=YEAR_END)
    return [answer.accepted for answer in answers]


def with_eleven(where: scene.Practice, number: int) -> list[Person]:
    """So many people, each with eleven sessions decided."""
    people = [scene.insured() for _ in range(number)]
    lines = [line(who, where, session) for session in range(DECIDED) for who in people]
    assert all(entered(lines))
    return people


def issued(who: Person, where: scene.Practice, number: int) -> CareSheet:
    session = factories.care_session(who, where.place, held_on=MONDAY + number * DAY)
    return factories.care_sheet(session, act_code="APS")


def sending(where: scene.Practice, sheet: CareSheet) -> Callable[[], Any]:
    return partial(
        send_care_sheet,
        actor=where.actor,
        care_sheet_id=sheet.public_id,
        received_on=sheet.issued_on + DAY,
        at=YEAR_END,
    )


def paid(who: Person) -> int:
    """How many sessions of the person the decisions that count accept."""
    last = Decision.objects.filter(claim__person=who, replaced_by__isnull=True)
    return last.filter(accepted=True).count()


def test_eleven_decided_and_eight_sent_together_make_twelve():
    where = scene.practice()
    for who in with_eleven(where, PEOPLE):
        sheets = [issued(who, where, 100 + number) for number in range(TOGETHER)]
        results = race([sending(where, sheet) for sheet in sheets])
        assert not [result for result in results if isinstance(result, Exception)]
        assert (paid(who), scene.seats(who)) == (CAP, (CAP, 0))
        refused = Decision.objects.filter(claim__person=who, accepted=False)
        assert set(refused.values_list("reasons", flat=True)) == {int(Reason.ANNUAL_CAP_REACHED)}
        assert refused.count() == TOGETHER - 1


def test_files_and_the_counter_together_make_twelve_and_never_wait_for_each_other():
    """Two files of everybody in two orders, and a sheet of each, all at once."""
    where = scene.practice()
    people = with_eleven(where, PEOPLE)
    first = [line(who, where, 100 + turn) for turn in range(3) for who in people]
    second = [line(who, where, 200 + turn) for turn in range(3) for who in reversed(people)]
    sheets = [issued(who, where, 300) for who in people]
    results = race(
        [partial(entered, first), partial(entered, second)]
        + [sending(where, sheet) for sheet in sheets]
    )
    assert not [result for result in results if isinstance(result, Exception)]
    for who in people:
        assert (paid(who), scene.seats(who)) == (CAP, (CAP, 0))


def test_a_claim_that_arrives_late_takes_what_is_left_and_undoes_nothing():
    where = scene.practice()
    [who] = with_eleven(where, 1)
    assert entered([line(who, where, 200)]) == [True]
    # Of an earlier day than all that was decided but the evaluation: refused, nothing moves.
    early = line(who, where, 300, MONDAY + 60 * DAY)
    assert entered([early]) == [False]
    assert (paid(who), Decision.objects.filter(replaces__isnull=False).count()) == (CAP, 0)


def test_a_claim_taken_back_gives_one_seat_to_one_of_those_refused():
    where = scene.practice()
    [who] = with_eleven(where, 1)
    assert entered([line(who, where, 100 + number) for number in range(3)]) == [True, False, False]
    claim = Decision.objects.get(
        claim__person=who, claim__care_session__held_on=MONDAY + DAY
    ).claim
    cancel_claim(actor=AGENT, claim_public_id=claim.public_id, at=YEAR_END)
    assert paid(who) == DECIDED
    again = partial(
        decide_person_again,
        actor=SYSTEM,
        person_id=who.pk,
        cause=Cause.ANOTHER_CLAIM,
        at=YEAR_END + DAY,
    )
    results = race([again, again, sending(where, issued(who, where, 250))])
    assert not [result for result in results if isinstance(result, Exception)]
    assert (paid(who), scene.seats(who)) == (CAP, (CAP, 0))


def test_the_last_evening_of_december_and_the_first_of_january_count_apart():
    where = scene.practice()
    people = with_eleven(where, PEOPLE)
    eve, new_year = date(2026, 12, 31), date(2027, 1, 1)
    in_january = at(date(2027, 1, 20))

    def enter(lines: list[Written]) -> Any:
        return receive_claims(actor=SYSTEM, lines=lines, at=in_january)

    files = [
        [line(who, where, number, day) for who in people]
        for number, day in ((401, eve), (402, eve - DAY), (403, new_year), (404, new_year + DAY))
    ]
    results = race([partial(enter, file) for file in files])
    assert not [result for result in results if isinstance(result, Exception)]
    for who in people:
        assert [scene.seats(who, year) for year in (2026, 2027)] == [(CAP, 0), (2, 0)]


def gated(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, number: int, *, after: bool = False
) -> None:
    """Everybody waits for everybody around the first run of ``module.name``: before, or after."""
    together, original = threading.Barrier(number), getattr(module, name)
    waited = threading.local()

    def waiting(*words: Any, **named: Any) -> Any:
        first, waited.done = not getattr(waited, "done", False), True
        if first and not after:
            together.wait(timeout=30)
        answer = original(*words, **named)
        if first and after:
            together.wait(timeout=30)
        return answer

    monkeypatch.setattr(module, name, waiting)


def test_twin_without_the_lock_eight_sent_together_make_nineteen(
    monkeypatch: pytest.MonkeyPatch,
):
    where = scene.practice()
    [who] = with_eleven(where, 1)
    sheets = [issued(who, where, 100 + number) for number in range(TOGETHER)]
    monkeypatch.setattr(care, "lock_year", care.year_of)
    gated(monkeypatch, decisions, "row", TOGETHER)
    monkeypatch.setattr(decisions, "settle_the_seat", lambda *_, **__: None)
    results = race([sending(where, sheet) for sheet in sheets])
    assert not [result for result in results if isinstance(result, Exception)]
    assert paid(who) == DECIDED + TOGETHER


def test_twin_without_the_lock_the_seats_alone_refuse_what_is_too_many(
    monkeypatch: pytest.MonkeyPatch,
):
    where = scene.practice()
    [who] = with_eleven(where, 1)
    sheets = [issued(who, where, 100 + number) for number in range(TOGETHER)]
    monkeypatch.setattr(care, "lock_year", care.year_of)
    gated(monkeypatch, decisions, "row", TOGETHER)
    race([sending(where, sheet) for sheet in sheets])
    assert Seat.objects.filter(year__person=who).count() == CAP


def unlocked(wanted: Any) -> Any:
    return {key: care.year_of(*key) for key in wanted}


def test_twin_of_files_without_the_lock_two_files_make_thirteen(
    monkeypatch: pytest.MonkeyPatch,
):
    where = scene.practice()
    [who] = with_eleven(where, 1)
    files = [[line(who, where, 100)], [line(who, where, 200)]]
    monkeypatch.setattr(care, "lock_years", unlocked)
    # The seats are what is read last: who has read them has not seen the other's.
    gated(monkeypatch, care, "seat_numbers", len(files), after=True)
    with without_in_postgresql("care_seat", "care_seat_once", "care_seat_within_cap"):
        results = race([partial(entered, file) for file in files])
        assert results == [[True], [True]]
        assert (paid(who), Seat.objects.filter(year__person=who).count()) == (CAP + 1, CAP + 1)
        Seat.objects.filter(year__person=who, number=CAP).first().delete()
