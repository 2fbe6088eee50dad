"""What is owed is ordered once, by two people, and put beside what the bank says, to the cent."""

from __future__ import annotations

from datetime import date
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories, paying
from tests.paying import AT, DAY, ON, PAYER, Movement, camt_054, pain_002
from tests.registers.protections import append_only_taken_away
from tests.registers.test_races import kinds, race
from tests.steps.refusals import refused

from soutien.doors.files.bank_lines import read
from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Claim
from soutien.registers.ledger import queries as ledger
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import (
    CLOSED,
    RECONCILED,
    BankDetail,
    Order,
    OrderAct,
    PayerAccount,
    Payment,
)
from soutien.rules.contest import Ground
from soutien.rules.life import Cause, Payer, State
from soutien.steps import decisions
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.contest import contest_decision
from soutien.steps.decisions import life_of
from soutien.steps.insure import settle_part
from soutien.steps.pay import (
    export_order,
    open_money_desk,
    prepare_order,
    release_order,
    withdraw_order,
)
from soutien.steps.reconcile import Read, list_gaps, open_statement, read_bank_lines

pytestmark = pytest.mark.django_db


class Scene:
    """A psychologist owed three sessions by a fund with two agents."""

    def __init__(self, claims: int = 3) -> None:
        self.place = factories.place(factories.psychologist())
        self.who = factories.person(at=AT)
        self.claims = paying.owed_claims(self.place, self.who, claims)
        self.detail = paying.confirmed(psychologist=self.place.psychologist)
        paying.paying_account()
        self.one, self.other = paying.agent(), paying.agent()

    def at_hand(self) -> int:
        account = ledger.account_of(ledger.psychologist(self.place.psychologist_id))
        assert account is not None
        return ledger.balance(account)

    def ordered(self, *, on: date = ON) -> list[Payment]:
        return payments.transfers_of(paying.ordered(self.one, self.other, on=on).pk)


def told(content: bytes) -> Read:
    return read_bank_lines(actor=SYSTEM, payer=PAYER, words=read(content), at=AT + 4 * DAY)


def gaps() -> list[tuple[str, int, int]]:
    found = list_gaps(actor=SYSTEM, payer=PAYER, at=AT + 9 * DAY)
    return [(gap.kind, gap.expected_cents, gap.found_cents) for gap in found]


def test_what_is_owed_is_prepared_once_and_released_by_another() -> None:
    scene = Scene()
    desk = open_money_desk(actor=scene.one, at=AT)
    assert (desk.to_pay, desk.to_pay_cents, desk.without_account) == (3, 9000, 0)
    order = paying.ordered(scene.one, None)
    assert (order.cents, order.payments) == (9000, 3)
    assert scene.at_hand() == 0
    with refused("order_empty"):
        prepare_order(actor=scene.other, cut_off_on=ON, execution_on=ON, at=AT)
    asked = {"order_id": order.public_id, "at": AT}
    with refused("order_not_released"):
        export_order(actor=scene.one, **asked)
    with refused("needs_another_person"):
        release_order(actor=scene.one, **asked)
    release_order(actor=scene.other, **asked)
    release_order(actor=scene.other, **asked)
    exported = export_order(actor=scene.one, **asked)
    assert [one.cents for one in exported.transfers] == [3000] * 3
    with refused("order_ended"):
        withdraw_order(actor=scene.one, **asked)


def test_nobody_else_opens_prepares_or_releases() -> None:
    scene = Scene()
    order = paying.ordered(scene.one, None)
    stranger = paying.agent("019990070")
    for actor in (stranger, Actor("psychologist", psychologist_id=scene.place.psychologist_id)):
        asked = {"actor": actor, "order_id": order.public_id, "at": AT}
        with refused("not_allowed"):
            release_order(**asked)
        with refused("not_allowed"):
            export_order(**asked)
    with refused("not_allowed"):
        read_bank_lines(actor=stranger, payer=PAYER, words=[], at=AT)


def test_a_withdrawn_order_is_owed_again() -> None:
    scene = Scene()
    order = paying.ordered(scene.one, None)
    withdraw_order(actor=scene.one, order_id=order.public_id, at=AT)
    assert scene.at_hand() == 9000
    asked = {"actor": scene.other, "order_id": order.public_id, "at": AT}
    with refused("order_ended"):
        release_order(**asked)
    assert paying.ordered(scene.one, scene.other).cents == 9000


def test_who_has_no_confirmed_account_is_not_paid_and_is_counted() -> None:
    scene = Scene()
    paying.owed_claims(scene.place, scene.who, 2, third_party=0)
    desk = open_money_desk(actor=scene.one, at=AT)
    assert (desk.to_pay, desk.without_account) == (5, 2)
    assert paying.ordered(scene.one, scene.other).payments == 3
    paying.confirmed(person=scene.who)
    assert paying.ordered(scene.one, scene.other).payments == 2


def test_the_bank_pays_to_the_cent_and_the_order_is_reconciled() -> None:
    scene = Scene()
    transfers = scene.ordered()
    movements = [Movement(one.number, one.cents) for one in transfers]
    assert told(camt_054(movements[:2])) == Read({"paid": 2}, 0, 0)
    assert told(camt_054(movements)) == Read({"paid": 1}, 2, 1)
    assert RECONCILED in payments.acts_of(transfers[0].order_id)
    assert gaps() == []
    books = paying.books()
    for _ in range(10):
        told(camt_054(reversed(movements * 2)))
    assert paying.books() == books


def test_a_transfer_that_comes_back_is_owed_again_and_its_account_is_closed() -> None:
    scene = Scene(1)
    [first] = scene.ordered()
    told(camt_054([Movement(first.number, 3000)]))
    told(camt_054([Movement(first.number, 3000, "returned", "AC04")]))
    assert scene.at_hand() == 3000
    assert gaps() == [("returned", 3000, 3000)]
    assert BankDetail.objects.get(pk=scene.detail.pk).state == CLOSED
    later = ON + 4 * DAY
    asked = {"cut_off_on": later, "execution_on": later, "at": AT}
    with refused("order_empty"):
        prepare_order(actor=scene.one, **asked)
    paying.confirmed(psychologist=scene.place.psychologist)
    [again] = scene.ordered(on=later)
    assert (again.attempt, again.cents) == (2, 3000)
    assert gaps() == [("missing", 3000, 0)]


def test_each_kind_of_gap_is_told_and_nothing_else() -> None:
    scene = Scene(6)
    right, wrong, twice, rejected, missing, returned = scene.ordered()
    told(
        camt_054(
            [
                Movement(right.number, 3000),
                Movement(wrong.number, 2900),
                Movement(twice.number, 3000, reference="A"),
                Movement(twice.number, 3000, reference="B"),
                Movement(returned.number, 3000),
                Movement(returned.number, 3000, "returned", "AM04"),
                Movement("STRANGER", 700),
            ]
        )
    )
    told(pain_002([Movement(rejected.number, 0, reason="AC01"), Movement("STRANGER", 0)]))
    assert gaps() == [
        ("wrong_amount", 3000, 2900),
        ("paid_twice", 3000, 6000),
        ("rejected", 3000, 3000),
        ("missing", 3000, 0),
        ("returned", 3000, 3000),
        ("unexplained", 0, 700),
    ]
    assert payments.states_of_claims([right.claim_id, returned.claim_id, missing.claim_id]) == {
        (right.claim_id, right.account_id): "paid",
        (returned.claim_id, returned.account_id): "returned",
        (missing.claim_id, missing.account_id): "sent",
    }


def test_each_side_reads_its_own_statement() -> None:
    scene = Scene(1)
    scene.ordered()
    period = {"since": ON, "before": ON + DAY, "at": AT}
    of_psychologist = Actor("psychologist", psychologist_id=scene.place.psychologist_id)
    assert [line.cents for line in open_statement(actor=of_psychologist, **period).lines] == [
        3000,
        -3000,
    ]
    assert open_statement(actor=scene.one, **period).closing_cents == -3000
    nothing = open_statement(actor=Actor("person", person_id=scene.who.pk), **period)
    assert (nothing.opening_cents, nothing.lines) == (0, [])


def test_the_database_refuses_a_release_by_who_prepared() -> None:
    scene = Scene(1)
    order = paying.ordered(scene.one, None)
    with pytest.raises(IntegrityError, match="release_two_people"), transaction.atomic():
        payments.add_act(order.pk, "released", at=AT, account_id=scene.one.account_id)


def test_twin_without_the_trigger_one_person_does_both() -> None:
    scene = Scene(1)
    order = paying.ordered(scene.one, None)
    on = " ON payments_orderact" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        if on:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP TRIGGER payments_release_two_people{on}")
    payments.add_act(order.pk, "released", at=AT, account_id=scene.one.account_id)
    assert OrderAct.objects.count() == 1


def test_an_order_is_released_or_withdrawn_never_both() -> None:
    scene = Scene(1)
    order = paying.ordered(scene.one, scene.other)
    with pytest.raises(IntegrityError), transaction.atomic():
        payments.add_act(order.pk, "withdrawn", at=AT, account_id=scene.one.account_id)


CHANGES = {
    "payments_order": "cents = 1",
    "payments_orderact": "account = 7",
    "payments_payment": "cents = 1",
    "payments_bankline": "cents = 1",
}


@pytest.mark.parametrize("table", CHANGES)
def test_what_was_ordered_and_said_is_written_once(table: str) -> None:
    scene = Scene(1)
    [one] = scene.ordered()
    told(camt_054([Movement(one.number, 3000)]))
    for statement in (f"UPDATE {table} SET {CHANGES[table]}", f"DELETE FROM {table}"):
        with (
            pytest.raises(IntegrityError, match=f"{table}_append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with append_only_taken_away(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {CHANGES[table]}")
        assert cursor.rowcount > 0


def prepare(actor: Actor) -> Order:
    return prepare_order(actor=actor, cut_off_on=ON, execution_on=ON, at=AT)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_prepared_by_four_at_once_everything_is_ordered_once() -> None:
    scene = Scene(5)
    agents = [paying.agent() for _ in range(4)]
    found = race([partial(prepare, one) for one in agents])
    assert kinds(found) == {"Order": 1, "Refusal": 3}
    assert Payment.objects.count() == 5
    assert scene.at_hand() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twin_without_the_lock_the_database_refuses_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Scene(5)
    agents = [paying.agent() for _ in range(2)]
    barrier = Barrier(2)
    asked = payments.attempts
    monkeypatch.setattr(
        payments, "lock_payer", lambda payer: PayerAccount.objects.get(payer=payer)
    )

    def attempts(*given: Any) -> Any:
        # Both have read what is owed before either writes.
        barrier.wait(10)
        return asked(*given)

    monkeypatch.setattr(payments, "attempts", attempts)

    found = race([partial(prepare, one) for one in agents])
    assert kinds(found) == {"IntegrityError": 1, "Order": 1}
    assert Payment.objects.count() == 5


def lives(claim: Claim, payer: Payer = Payer.FUND) -> State:
    return life_of(claim.pk, payer).state


def test_what_payments_do_is_told_in_the_life_of_each_claim() -> None:
    scene = Scene(2)
    paid, returned = scene.claims
    taken = paying.ordered(scene.one, None)
    assert lives(paid) is State.ORDERED
    withdraw_order(actor=scene.one, order_id=taken.public_id, at=AT)
    assert lives(paid) is State.TO_PAY
    numbers = {one.claim_id: one.number for one in scene.ordered()}
    movements = [Movement(number, 3000) for number in numbers.values()]
    back = Movement(numbers[returned.pk], 3000, "returned", "AM04")
    told(camt_054(movements))
    assert lives(paid) is State.RECONCILED
    told(camt_054([*movements, back]))
    assert lives(returned) is State.RETURNED
    [again] = scene.ordered(on=ON + 5 * DAY)
    assert (again.claim_id, lives(returned)) == (returned.pk, State.ORDERED)
    read_bank_lines(
        actor=SYSTEM,
        payer=PAYER,
        words=read(camt_054([Movement(again.number, 3000)])),
        at=AT + 9 * DAY,
    )
    assert lives(returned) is State.RECONCILED
    assert life_of(returned.pk).account == (3000, 0, 3000)


def test_a_life_takes_no_more_than_was_ordered_whatever_the_bank_moved() -> None:
    scene = Scene(3)
    twice, less, unordered = scene.ordered()
    told(
        camt_054(
            [
                Movement(twice.number, 3000, reference="A"),
                Movement(twice.number, 3000, reference="B"),
                Movement(less.number, 2900),
                # It came back before the bank said that it had left.
                Movement(unordered.number, 3000, "returned", "AM04"),
            ]
        )
    )
    told(camt_054([Movement(unordered.number, 3000)]))
    accounts = [life_of(one.claim_id).account for one in (twice, less, unordered)]
    assert accounts == [(3000, 0, 3000), (3000, 100, 2900), (3000, 0, 0)]


def contest(scene: Scene, claim: Claim) -> None:
    contest_decision(
        actor=Actor("person", person_id=scene.who.pk),
        claim_public_id=claim.public_id,
        ground=Ground.COUNT_IS_WRONG,
        at=AT,
    )


NOTHING = {"accepted": False, "coverage": 0, "amo_cents": 0, "patient_cents": 0, "used_after": 0}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"amo_cents": 2000, "patient_cents": 3000},
        {**NOTHING, "reasons": 1, "to_confirm": True},
    ],
    ids=["contested", "lowered", "to confirm"],
)
def test_what_changed_since_it_was_prepared_does_not_leave(changes: dict[str, Any]) -> None:
    scene = Scene()
    claim = scene.claims[0]
    order = paying.ordered(scene.one, None)
    if changes:
        again = decisions.kept(claim.decisions.get(), AT, Cause.AGENT_CORRECTED, **changes)
        again.save()
        if not again.to_confirm:
            decisions.post_again(again, AT)
    else:
        contest(scene, claim)
    asked: dict[str, Any] = {"order_id": order.public_id, "at": AT}
    with refused("order_changed"):
        release_order(actor=scene.other, **asked)
    assert not payments.acts_of(order.pk)
    withdraw_order(actor=scene.other, **asked)
    prepared = paying.ordered(scene.one, scene.other)
    assert prepared.cents == 6000 + (2000 if changes.get("amo_cents") else 0)


def test_what_was_decided_alike_leaves() -> None:
    scene = Scene(1)
    order = paying.ordered(scene.one, None)
    again = decisions.kept(scene.claims[0].decisions.get(), AT, Cause.AGENT_CORRECTED)
    again.save()
    decisions.post_again(again, AT)
    release_order(actor=scene.other, order_id=order.public_id, at=AT)
    assert "released" in payments.acts_of(order.pk)


def test_what_is_contested_waits_and_is_counted() -> None:
    scene = Scene(2)
    contest(scene, scene.claims[0])
    assert open_money_desk(actor=scene.one, at=AT).held_back == 1
    [only] = scene.ordered()
    assert only.claim_id == scene.claims[1].pk


def test_an_insurer_pays_its_part_once_it_said_yes() -> None:
    code = "0123456789"
    where, who = factories.place(factories.psychologist()), factories.person(at=AT)
    factories.cover(who, insurer_code=code, valid_from=date(2026, 1, 1))
    session = factories.care_session(who, where, held_on=ON)
    claim = factories.claim(factories.care_sheet(session), received_on=ON)
    decision = factories.decision(claim, decided_at=AT)
    decisions.post([decision], AT)
    PayerAccount.objects.create(payer=f"insurer:{code}", name="Mutuelle", iban=paying.IBANS[1])
    paying.confirmed(person=who)
    account = factories.account(Role.INSURER_AGENT, insurer_code=code)
    insurer = Actor("insurer_agent", account_id=account.pk, insurer_code=code)
    assert open_money_desk(actor=insurer, at=AT).held_back == 1
    with refused("order_empty"):
        prepare(insurer)
    settle_part(actor=insurer, claim_id=claim.public_id, at=AT)
    order = prepare(insurer)
    assert (order.payer, order.cents) == (f"insurer:{code}", 2000)
    assert lives(claim, Payer.INSURER) is State.ORDERED
    assert lives(claim) is State.TO_PAY
    # The fund decides again: the insurer said yes on another decision than the one that counts.
    decisions.kept(decision, AT, Cause.AGENT_CORRECTED).save()
    other = factories.account(Role.INSURER_AGENT, insurer_code=code)
    another = Actor("insurer_agent", account_id=other.pk, insurer_code=code)
    with refused("order_changed"):
        release_order(actor=another, order_id=order.public_id, at=AT)
