"""A decision that lowers what was paid makes a debt; money that comes back ends it, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import factories, paying
from tests.paying import AT, DAY, ON, PAYER, Movement, camt_054
from tests.steps.refusals import refused

from soutien.doors.files.bank_lines import read
from soutien.registers.claims.models import Claim
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.models import Entry
from soutien.registers.payments import queries as payments
from soutien.rules.life import Cause, State
from soutien.steps import decisions
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.decisions import life_of
from soutien.steps.reclaim import list_undue, record_recovery
from soutien.steps.reconcile import list_gaps, read_bank_lines

pytestmark = pytest.mark.django_db
LATER = AT + 40 * DAY


def tell(*movements: Movement) -> None:
    words = read(camt_054(movements))
    read_bank_lines(actor=SYSTEM, payer=PAYER, words=words, at=AT + 4 * DAY)


@pytest.fixture
def claim() -> Claim:
    """A claim paid to the psychologist, 30 €, and refused five days later."""
    place = factories.place(factories.psychologist())
    paying.paying_account()
    paying.confirmed(psychologist=place.psychologist)
    [made] = paying.owed_claims(place, factories.person(at=AT), 1)
    [one] = payments.transfers_of(paying.ordered(paying.agent(), paying.agent()).pk)
    tell(Movement(one.number, 3000))
    first = made.decisions.get()
    later = decisions.kept(
        first,
        AT + 5 * DAY,
        Cause.AGENT_CORRECTED,
        accepted=False,
        reasons=1,
        coverage=0,
        amo_cents=0,
        patient_cents=0,
        used_after=0,
    )
    later.save()
    decisions.post_again(later, AT + 5 * DAY)
    return made


def recovered(actor: Actor, claim: Claim, line_id: int) -> None:
    record_recovery(
        actor=actor, claim_id=claim.public_id, kind="psychologist", line_id=line_id, at=LATER
    )


def test_a_debt_is_listed_by_age_with_whom_it_is_for(claim: Claim) -> None:
    actor = paying.agent()
    assert life_of(claim.pk).state is State.TO_RECOVER
    found = list_undue(actor=actor, at=LATER)
    [line] = found.lines
    assert (line.reference, line.kind, line.cents) == (claim.reference, "psychologist", 3000)
    assert line.since == ON + 5 * DAY
    assert found.by_age == (0, 3000, 0, 0)
    assert list_undue(actor=actor, at=AT + 6 * DAY).by_age == (3000, 0, 0, 0)
    assert list_undue(actor=paying.agent("019990070"), at=LATER).lines == ()


def test_money_that_came_gives_it_back_in_parts_and_once(claim: Claim) -> None:
    actor = paying.agent()
    tell(
        *(
            Movement("", cents, "returned", reference=f"C{cents}", day=ON + 30 * DAY)
            for cents in (1000, 2000, 2500)
        )
    )
    small, rest, too_much = list_undue(actor=actor, at=LATER).came_in
    recovered(actor, claim, small.line_id)
    [line] = list_undue(actor=actor, at=LATER).lines
    assert line.cents == 2000
    with refused("recovery_too_much"):
        recovered(actor, claim, too_much.line_id)
    books = Entry.objects.count()
    recovered(actor, claim, small.line_id)
    assert Entry.objects.count() == books
    recovered(actor, claim, rest.line_id)
    found = list_undue(actor=actor, at=LATER)
    assert (found.lines, found.by_age) == ((), (0, 0, 0, 0))
    assert [one.cents for one in found.came_in] == [2500]
    assert life_of(claim.pk).state is State.REFUSED
    account = ledger.account_of(ledger.psychologist(claim.psychologist_id))
    assert account is not None
    assert ledger.balance(account) == 0
    gaps = list_gaps(actor=SYSTEM, payer=PAYER, at=LATER)
    assert [(gap.kind, gap.found_cents) for gap in gaps] == [("unexplained", 2500)]


def test_what_another_payer_received_or_nobody_explains_nothing(claim: Claim) -> None:
    actor = paying.agent()
    with refused("recovery_nothing_came"):
        recovered(actor, claim, 999_999)
    tell(Movement("", 1000, "returned", reference="C", day=ON + 30 * DAY))
    [came] = list_undue(actor=actor, at=LATER).came_in
    with refused("recovery_nothing_came"):
        recovered(paying.agent("019990070"), claim, came.line_id)
    with refused("not_allowed"):
        list_undue(actor=Actor("psychologist", psychologist_id=1), at=LATER + timedelta(days=1))
