"""Entries are balanced by their own row, posted once, never rewritten; accounts are asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from tests import factories
from tests.registers.protections import append_only_taken_away

from soutien.registers.claims.models import Claim
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.models import Account, Entry
from soutien.registers.ledger.queries import Holder, Move, Parties, Transaction
from soutien.rules.codes import ThirdParty
from soutien.rules.owed import Payer, Shares, owed

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 2)
AT = datetime(2026, 11, 2, 10, tzinfo=UTC)
DAY = timedelta(days=1)
FUND = ledger.payer(Payer.FUND, factories.FUND)
INSURER = ledger.payer(Payer.INSURER, "0123456789")


@pytest.fixture
def claim() -> Claim:
    who = factories.person(at=AT)
    session = factories.care_session(who, factories.place(factories.psychologist()), held_on=ON)
    return factories.claim(factories.care_sheet(session), received_on=ON)


def parties(claim: Claim) -> Parties:
    return Parties(claim.person_id, claim.psychologist_id, claim.fund_code, "0123456789")


def decided(
    claim: Claim, *, amo: int = 3000, amc: int = 2000, cause: int = 1, on: date = ON
) -> Transaction:
    """A third-party payment of the fund's part."""
    dues = owed(Shares(amo, amc, int(ThirdParty.AMO)))
    return Transaction("decided", cause, ledger.moves(dues, parties(claim)), on, AT, claim.pk)


def at_hand(holder: Holder) -> int:
    account_id = ledger.account_of(holder)
    assert account_id is not None
    return ledger.balance(account_id)


def raw(**fields: Any) -> Entry:
    """One entry between the fund and the insurer, whatever is wrong with it."""
    accounts = ledger.accounts_for([FUND, INSURER])
    values = {
        "why": "decided",
        "cause": 1,
        "line": 1,
        "debit_id": accounts[FUND],
        "credit_id": accounts[INSURER],
        "cents": 100,
        "posted_on": ON,
        "posted_at": AT,
    }
    return Entry.objects.create(**(values | fields))


def test_a_decision_is_owed_to_the_psychologist_and_to_the_person(claim: Claim) -> None:
    assert ledger.post([decided(claim)]) == 2
    assert at_hand(ledger.psychologist(claim.psychologist_id)) == 3000
    assert at_hand(ledger.person(claim.person_id)) == 2000
    assert at_hand(FUND) == -3000
    assert at_hand(INSURER) == -2000


def test_a_claim_costs_one_look_and_one_insert_and_a_batch_no_more(
    claim: Claim, django_assert_num_queries: Callable[..., Any]
) -> None:
    ledger.post([decided(claim)])
    with django_assert_num_queries(2):
        ledger.post([decided(claim, cause=2)])
    known: dict[Holder, int] = {}
    ledger.post([decided(claim, cause=3)], known)
    with django_assert_num_queries(1):
        assert ledger.post([decided(claim, cause=cause) for cause in range(4, 24)], known) == 40


def test_a_decision_is_never_posted_twice(claim: Claim) -> None:
    ledger.post([decided(claim)])
    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.post([decided(claim)])


def test_twin_without_the_key_a_decision_is_posted_twice(claim: Claim) -> None:
    ledger.post([decided(claim)])
    # The same entry under another number is what the key refuses.
    ledger.post([decided(claim, cause=2)])
    assert at_hand(FUND) == -6000


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("ledger_entry_cents", {"cents": 0}),
        ("ledger_entry_why", {"why": "invented"}),
    ],
)
def test_an_entry_of_nothing_or_for_nothing_is_refused(name: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        raw(**fields)


def test_an_entry_of_one_side_is_refused(claim: Claim) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        raw(credit_id=None)
    with pytest.raises(IntegrityError, match="ledger_entry_two_accounts"), transaction.atomic():
        raw(credit_id=ledger.accounts_for([FUND])[FUND])


def columns(table: str) -> str:
    return {"ledger_account": "kind = 'bank'", "ledger_entry": "cents = 1"}[table]


def overwriting(table: str) -> str:
    if connection.vendor == "postgresql":
        return f"TRUNCATE {table} CASCADE"
    return f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"


TABLES: dict[str, type[models.Model]] = {"ledger_account": Account, "ledger_entry": Entry}


@pytest.mark.parametrize("table", TABLES)
def test_nothing_posted_is_changed_removed_or_overwritten(claim: Claim, table: str) -> None:
    ledger.post([decided(claim)])
    for statement in (
        f"UPDATE {table} SET {columns(table)}",
        f"DELETE FROM {table}",
        overwriting(table),
    ):
        with (
            pytest.raises(IntegrityError, match=r"_append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)


def test_twin_without_the_protection_entries_are_changed_and_removed(claim: Claim) -> None:
    ledger.post([decided(claim)])
    with append_only_taken_away(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET cents = 1")
        assert at_hand(FUND) == -1
        if connection.vendor == "sqlite":
            cursor.execute(overwriting("ledger_entry"))
        cursor.execute("DELETE FROM ledger_entry")
        cursor.execute("DELETE FROM ledger_account")
        assert not Account.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "person"},
        {"kind": "bank"},
        {"kind": "fund", "payer": "insurer:1"},
        {"kind": "invented", "payer": "fund:1"},
    ],
)
def test_an_account_has_one_holder_of_its_kind(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="ledger_account_one_holder"), transaction.atomic():
        Account.objects.create(**fields)


def test_a_holder_has_one_account(claim: Claim) -> None:
    ledger.accounts_for([FUND, ledger.person(claim.person_id)])
    for fields in (
        {"kind": "fund", "payer": FUND.key},
        {"kind": "person", "person_id": claim.person_id},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Account.objects.create(**fields)
    found = ledger.accounts_for([FUND, INSURER, ledger.person(claim.person_id)])
    assert len(set(found.values())) == 3 == Account.objects.count()


def test_a_newer_decision_posts_the_difference_and_a_reversal_all_of_it(claim: Claim) -> None:
    ledger.post([decided(claim)])
    # A right opened late: the fund bears it all.
    full = ledger.moves(owed(Shares(5000, 0, int(ThirdParty.FULL))), parties(claim))
    change = ledger.corrections(ledger.standing([claim.pk])[claim.pk], full)
    assert sorted(move.cents for move in change) == [-2000, 2000]
    ledger.post([Transaction("corrected", 2, change, ON + DAY, AT, claim.pk)])
    assert at_hand(FUND) == -5000
    assert at_hand(INSURER) == 0
    assert at_hand(ledger.person(claim.person_id)) == 0
    assert at_hand(ledger.psychologist(claim.psychologist_id)) == 5000
    undone = ledger.corrections(ledger.standing([claim.pk])[claim.pk], ())
    ledger.post([Transaction("reversed", 3, undone, ON + DAY, AT, claim.pk)])
    assert set(ledger.balances(list(ledger.accounts_for(()).values())).values()) <= {0}
    assert not any(ledger.balances(Account.objects.values_list("pk", flat=True)).values())
    assert ledger.standing([claim.pk]) == {claim.pk: ()}


def test_a_statement_opens_with_what_stood_and_ends_with_what_stands(claim: Claim) -> None:
    ledger.post([decided(claim), decided(claim, cause=2, on=ON + 9 * DAY)])
    back = Move(FUND, ledger.psychologist(claim.psychologist_id), -1000)
    ledger.post([Transaction("corrected", 3, [back], ON + 10 * DAY, AT, claim.pk)])
    account_id = ledger.accounts_for([ledger.psychologist(claim.psychologist_id)]).popitem()[1]
    told = ledger.statement(account_id, since=ON + DAY, before=ON + 30 * DAY)
    assert (told.opening_cents, told.closing_cents) == (3000, 5000)
    assert [(line.cents, line.balance_cents) for line in told.lines] == [
        (3000, 6000),
        (-1000, 5000),
    ]
    assert told.lines[0].reference == claim.reference
    assert told.lines[0].other_kind == "fund"
    # The period is half-open: the day it ends is not in it.
    assert not ledger.statement(account_id, since=ON + DAY, before=ON + 9 * DAY).lines


def test_what_is_open_ages_from_its_first_day(claim: Claim) -> None:
    ledger.post([decided(claim)])
    account_id = ledger.accounts_for([ledger.person(claim.person_id)]).popitem()[1]
    assert ledger.ageing([account_id], on=ON + 29 * DAY)[account_id] == (2000, 0, 0, 0)
    assert ledger.ageing([account_id], on=ON + 30 * DAY)[account_id] == (0, 2000, 0, 0)
    assert ledger.ageing([account_id], on=ON + 90 * DAY)[account_id] == (0, 0, 0, 2000)
    paid = Move(ledger.person(claim.person_id), ledger.beside("transit", INSURER), 2000)
    ledger.post([Transaction("ordered", 1, [paid], ON + DAY, AT, claim.pk)])
    assert ledger.still_open([account_id]) == []
