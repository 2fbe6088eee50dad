"""Where money is: from the ledger and the bank's own words, with days that were measured."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests import factories, paying
from tests.paying import AT, DAY, ON, PAYER, Movement, camt_054
from tests.steps.refusals import refused

from soutien.doors.files.bank_lines import read
from soutien.registers.audit.models import Entry
from soutien.registers.claims.models import Claim
from soutien.registers.payments import queries as payments
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.codes import ThirdParty
from soutien.rules.delays import ENOUGH, LATE_UNMEASURED_DAYS
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.money import Line, Share, Stands, Where, follow_money, open_income
from soutien.steps.reconcile import read_bank_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def where() -> PracticePlace:
    paying.paying_account()
    return factories.place(factories.psychologist())


@pytest.fixture
def who() -> Person:
    return factories.person(at=AT)


def of(who: Person) -> Actor:
    return Actor("person", account_id=1, person_id=who.pk)


def owed_to_the_person(where: PracticePlace, who: Person, number: int = 1) -> list[Claim]:
    return paying.owed_claims(where, who, number, third_party=int(ThirdParty.NONE))


def lines(who: Person, on: date = ON) -> tuple[Line, ...]:
    return follow_money(actor=of(who), at=AT + (on - ON)).lines


def share(who: Person, on: date = ON) -> Share:
    [line] = lines(who, on)
    [found] = line.shares
    return found


def order_and_pay(day: date | None = None, **words: str) -> list[str]:
    """Everything owed is ordered; the bank says that it left, or came back."""
    order = paying.ordered(paying.agent(), paying.agent())
    numbers = [one.number for one in payments.transfers_of(order.pk)]
    if day is not None:
        tell([Movement(number, 3000, day=day, **words) for number in numbers])
    return numbers


def tell(movements: list[Movement]) -> None:
    words = read(camt_054(movements))
    read_bank_lines(actor=SYSTEM, payer=PAYER, words=words, at=AT + 4 * DAY)


def test_a_session_is_followed_from_the_fund_to_the_account(
    where: PracticePlace, who: Person
) -> None:
    [claim] = owed_to_the_person(where, who)
    told = follow_money(actor=of(who), at=AT)
    assert told.account_missing
    [line] = told.lines
    assert (line.reference, line.stands) == (claim.reference, Stands.ACCEPTED)
    assert line.shares == (Share(PAYER, 3000, Where.TO_PAY, None, None, None, late=False),)
    paying.confirmed(person=who)
    assert not follow_money(actor=of(who), at=AT).account_missing
    [number] = order_and_pay()
    assert share(who).where is Where.ORDERED
    paid_on = ON + 3 * DAY
    tell([Movement(number, 3000, day=paid_on)])
    assert (share(who).where, share(who).paid_on, share(who).cents) == (Where.PAID, paid_on, 3000)
    # It comes back: it is owed again, and said so.
    tell([Movement(number, 3000, "returned", "AC06", day=ON + 4 * DAY)])
    back = share(who)
    assert (back.where, back.cents, back.paid_on) == (Where.RETURNED, 3000, None)
    assert follow_money(actor=of(who), at=AT).account_missing
    assert Entry.objects.filter(event="payments.money.followed", person_id=who.pk).exists()


def test_what_is_not_decided_refused_or_contested_has_no_money(
    where: PracticePlace, who: Person
) -> None:
    for number in range(3):
        session = factories.care_session(who, where, held_on=ON - number * DAY)
        claim = factories.claim(factories.care_sheet(session), received_on=ON - number * DAY)
        if number:
            factories.decision(claim, accepted=False, to_confirm=number == 2)
    assert [line.stands for line in lines(who)] == [
        Stands.RECEIVED,
        Stands.REFUSED,
        Stands.RECEIVED,
    ]
    assert not any(line.shares for line in lines(who))


def test_a_day_is_told_from_enough_payments_of_the_same_payer(
    where: PracticePlace, who: Person
) -> None:
    """Sessions were received one day apart and all paid the same day: delays of 3, 4, 5 … days."""
    other = factories.person(at=AT)
    paying.confirmed(person=other)
    owed_to_the_person(where, other, ENOUGH - 1)
    order_and_pay(ON + 3 * DAY)
    [claim] = owed_to_the_person(where, who)
    today = ON + 5 * DAY
    assert share(who, today).usual_on is None
    # Their twentieth payment makes it enough.
    owed_to_the_person(where, other, 1)
    order_and_pay(ON + 4 * DAY)
    delays = sorted([*range(3, 3 + ENOUGH - 1), 4])
    told = share(who, today)
    assert told.usual_on == claim.received_on + delays[ENOUGH // 2 - 1] * DAY
    assert told.late_on == claim.received_on + delays[ENOUGH * 9 // 10 - 1] * DAY
    assert not told.late
    assert not share(who, told.late_on).late
    assert share(who, told.late_on + DAY).late


def test_without_enough_payments_a_month_is_long(where: PracticePlace, who: Person) -> None:
    [claim] = owed_to_the_person(where, who)
    month = claim.received_on + timedelta(days=LATE_UNMEASURED_DAYS)
    assert not share(who, month).late
    assert share(who, month + DAY).late


def test_nobody_follows_another_ones_money(where: PracticePlace, who: Person) -> None:
    owed_to_the_person(where, who)
    other = factories.person(at=AT)
    assert lines(other) == ()
    stranger = Actor("person", account_id=2, person_id=other.pk, on_behalf_of=who.pk)
    with refused("not_allowed"):
        follow_money(actor=stranger, at=AT)
    with refused("not_allowed"):
        open_income(actor=of(who), at=AT)


def test_a_psychologist_reads_what_is_due_by_payer_and_what_is_late(
    where: PracticePlace, who: Person
) -> None:
    own = Actor("psychologist", account_id=3, psychologist_id=where.psychologist_id)
    made = paying.owed_claims(where, who, 3, third_party=int(ThirdParty.AMO))
    found = open_income(actor=own, at=AT)
    [payer] = found.payers
    assert (payer.payer, payer.name) == (PAYER, "Caisse d'exemple")
    assert (payer.to_pay_cents, payer.ordered_cents, payer.late_cents) == (9000, 0, 0)
    assert found.account_missing and payer.delay is None
    paying.confirmed(psychologist=where.psychologist)
    numbers = order_and_pay()
    tell([Movement(numbers[0], 3000, day=ON + 3 * DAY)])
    later = AT + timedelta(days=LATE_UNMEASURED_DAYS + 2)
    found = open_income(actor=own, at=later)
    [payer] = found.payers
    assert (payer.ordered_cents, payer.paid_lately_cents, payer.late_cents) == (6000, 3000, 6000)
    assert [line.held_on for line in found.late] == sorted(
        claim.care_session.held_on for claim in made
    )[:2]
    assert Entry.objects.filter(event="payments.income.opened").count() == 2
    nobody = Actor("psychologist", account_id=4, psychologist_id=factories.psychologist().pk)
    assert open_income(actor=nobody, at=later).payers == ()
