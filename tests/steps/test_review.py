"""A refusal for a psychiatric reason waits for people: two to refuse, one to lift (R-022)."""

from __future__ import annotations

from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests import factories
from tests.registers.test_races import kinds, race
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import MONDAY, at

from soutien.registers.accounts.models import Role
from soutien.registers.audit.models import Entry
from soutien.registers.care import queries as care
from soutien.registers.care.models import Year
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision, Review
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.rules.codes import Reason
from soutien.rules.review import Ground
from soutien.steps.actor import Actor
from soutien.steps.claim import review_refusal
from soutien.steps.errors import Refusal
from soutien.steps.look import open_claim

FUND = "019990069"
READ_AT = at(date(2026, 3, 20))
RIGHT, WRONG = Ground.RECORD_SAYS_SO, Ground.NOTHING_SHOWS_IT
pytestmark = pytest.mark.django_db


def reader(role: str = "fund_agent", fund_code: str = FUND) -> Actor:
    """Somebody of the fund, with an account of their own."""
    account = factories.account(Role(role), fund_code=fund_code)
    return Actor(role, account_id=account.pk, fund_code=fund_code)


def waiting() -> tuple[Person, Claim]:
    """Somebody whose first session would be refused, and its claim."""
    where, who = scene.practice(), scene.insured()
    factories.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2025, 1, 1))
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    claim = scene.sent(where, session)
    assert scene.decided(claim).to_confirm
    return who, claim


def read(claim: Claim, who: Actor, ground: Ground) -> Decision:
    return review_refusal(actor=who, claim_public_id=claim.public_id, ground=ground, at=READ_AT)


def letters(claim: Claim) -> int:
    return Letter.objects.filter(kind="claims.claim.decided").count()


def test_one_reader_alone_refuses_nothing() -> None:
    who, claim = waiting()
    told = letters(claim)
    assert read(claim, reader(), RIGHT).to_confirm
    assert claim.decisions.count() == 1
    assert scene.seats(who) == (0, 1), "the seat is kept while it waits"
    assert letters(claim) == told, "nobody is told anything yet"


def test_a_second_person_who_agrees_makes_the_refusal_final() -> None:
    who, claim = waiting()
    told = letters(claim)
    read(claim, reader(), RIGHT)
    final = read(claim, reader("fund_supervisor"), Ground.MEDICAL_SERVICE_SAYS_SO)
    assert (final.accepted, final.to_confirm, final.sequence) == (False, False, 2)
    assert final.reasons == Reason.NON_INCLUSION_PSYCHIATRIC
    assert final.facts == claim.decisions.get(sequence=1).facts
    assert scene.seats(who) == (0, 0), "the seat is given back"
    assert letters(claim) == told + 1


@pytest.mark.parametrize("before", [0, 1], ids=["the first reader", "the second reader"])
def test_one_person_who_finds_a_mistake_lifts_it(before: int) -> None:
    who, claim = waiting()
    for _number in range(before):
        read(claim, reader(), RIGHT)
    final = read(claim, reader(), WRONG)
    assert (final.accepted, final.to_confirm, final.reasons) == (True, False, 0)
    assert final.amo_cents > 0
    assert scene.seats(who) == (1, 0), "the seat is used"


def test_what_else_refuses_the_claim_stays_when_the_psychiatric_reason_is_lifted() -> None:
    where, who = scene.practice(), scene.insured()
    factories.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2025, 1, 1))
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    factories.suspension(where.place.psychologist, valid_from=date(2026, 1, 1))
    claim = scene.sent(where, session)
    final = read(claim, reader(), WRONG)
    assert (final.accepted, final.to_confirm) == (False, False)
    assert final.reasons == Reason.CONVENTION_SUSPENDED


def test_the_same_person_is_not_the_second_reader() -> None:
    _who, claim = waiting()
    mine = reader()
    read(claim, mine, RIGHT)
    with refused("needs_another_reader"):
        read(claim, mine, Ground.MEDICAL_SERVICE_SAYS_SO)
    assert claim.decisions.count() == 1


def test_said_twice_alike_it_is_said_once() -> None:
    _who, claim = waiting()
    mine = reader()
    first, again = read(claim, mine, WRONG), read(claim, mine, WRONG)
    assert first.pk == again.pk
    assert Review.objects.count() == 1
    assert Entry.objects.filter(event="claims.claim.reviewed").count() == 1


def test_what_was_answered_is_not_read_again() -> None:
    _who, claim = waiting()
    read(claim, reader(), WRONG)
    with refused("not_to_confirm"):
        read(claim, reader(), RIGHT)


def test_another_fund_a_person_and_a_psychologist_say_nothing_of_it() -> None:
    who, claim = waiting()
    for stranger in (
        reader(fund_code="019990001"),
        scene.of(who),
        Actor("psychologist", psychologist_id=claim.psychologist_id),
    ):
        with refused("not_allowed"):
            read(claim, stranger, RIGHT)
    assert not Review.objects.exists()


def test_the_fund_sees_who_read_and_the_person_sees_no_reason() -> None:
    who, claim = waiting()
    mine = reader()
    read(claim, mine, RIGHT)
    seen = open_claim(actor=mine, claim_public_id=claim.public_id, at=READ_AT)
    assert [(line.ground, line.mine) for line in seen.reviews] == [("record_says_so", True)]
    theirs = open_claim(actor=scene.of(who), claim_public_id=claim.public_id, at=READ_AT)
    assert (theirs.awaiting, theirs.reviews, theirs.reasons) == (True, (), ())


def test_a_reading_is_written_once_for_all() -> None:
    _who, claim = waiting()
    read(claim, reader(), RIGHT)
    kept = pytest.raises(IntegrityError, match="claims_review_append_only")
    with kept, transaction.atomic():
        Review.objects.update(ground="nothing_shows_it")
    with kept, transaction.atomic():
        Review.objects.all().delete()


def two_at_once(*grounds: Ground) -> tuple[Claim, list[Any]]:
    """Two people of the fund read one claim at the same moment."""
    _who, claim = waiting()
    actors = [reader() for _ground in grounds]
    runners = [
        lambda actor=actor, ground=ground: read(claim, actor, ground)
        for actor, ground in zip(actors, grounds, strict=True)
    ]
    return claim, race(runners)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_who_lift_at_once_one_decides_and_the_other_is_told() -> None:
    claim, results = two_at_once(WRONG, Ground.ENDED_BEFORE)
    assert kinds(results) == {"Decision": 1, "Refusal": 1}
    assert {one.code for one in results if isinstance(one, Refusal)} == {"not_to_confirm"}
    assert claim.decisions.filter(to_confirm=False).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_make_one_refusal() -> None:
    claim, results = two_at_once(RIGHT, Ground.MEDICAL_SERVICE_SAYS_SO)
    assert kinds(results) == {"Decision": 2}
    assert claim.decisions.filter(to_confirm=False, accepted=False).count() == 1
    assert [row.sequence for row in Review.objects.order_by("id")] == [1, 2]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("grounds", [(WRONG, WRONG), (RIGHT, RIGHT)], ids=["lift", "confirm"])
def test_twin_without_the_lock_one_of_the_two_fails(
    monkeypatch: pytest.MonkeyPatch, grounds: tuple[Ground, ...]
) -> None:
    """Only the unique key of the register then stands between them, with an error for one."""
    together, original = Barrier(len(grounds)), claims.reviews_of

    def no_lock(person_id: int, civil_year: int) -> Year:
        return Year.objects.get(person_id=person_id, civil_year=civil_year)

    def read_together(claim_id: int) -> list[Review]:
        found = original(claim_id)
        together.wait(timeout=30)
        return found

    with monkeypatch.context() as patched:
        _who, claim = waiting()
        patched.setattr(care, "lock_year", no_lock)
        patched.setattr(claims, "reviews_of", read_together)
        actors = [reader() for _ground in grounds]
        results = race(
            [
                lambda actor=actor, ground=ground: read(claim, actor, ground)
                for actor, ground in zip(actors, grounds, strict=True)
            ]
        )
    assert kinds(results).get("IntegrityError") == 1
