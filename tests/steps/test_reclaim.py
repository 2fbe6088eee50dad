"""A decision that lowers what was paid makes a debt; money that comes back ends it, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError
from tests import factories, paying
from tests.paying import AT, DAY, ON, PAYER, Movement
from tests.steps.refusals import refused

from soutien.registers.claims.models import Claim
from soutien.registers.ledger import queries as ledger
from soutien.registers.ledger.models import Entry
from soutien.registers.payments import queries as payments
from soutien.rules.life import Cause, State
from soutien.steps import decisions
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.decisions import life_of
from soutien.steps.insure import settle_part
from soutien.steps.pay import prepare_order, release_order
from soutien.steps.reclaim import list_undue, record_recovery
from soutien.steps.reconcile import list_gaps

pytestmark = pytest.mark.django_db
LATER = AT + 40 * DAY


tell = paying.bank_says


@pytest.fixture
def claim() -> Claim:
    """A claim paid to the psychologist, 30 €, and refused five days later."""
    place = factories.place(factories.psychologist())
    return paying.paid_then_refused(place, factories.person(at=AT))


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
    lowered = (AT + 5 * DAY, Cause.AGENT_CORRECTED, 3000, 0)
    assert (found.iban, line.lowered) == (paying.IBANS[2], lowered)
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


def test_money_that_came_is_explained_once_by_the_database(claim: Claim) -> None:
    tell(Movement("", 1000, "returned", reference="C", day=ON + 30 * DAY))
    [came] = payments.came_in(PAYER)
    payments.add_recovery(came, at=LATER)
    with pytest.raises(IntegrityError):
        payments.add_recovery(came, at=LATER)


def test_an_insurer_does_not_read_why_the_fund_decided_otherwise() -> None:
    code = "0123456789"
    place, who = factories.place(factories.psychologist()), factories.person(at=AT)
    factories.cover(who, insurer_code=code, valid_from=ON - 300 * DAY)
    session = factories.care_session(who, place, held_on=ON)
    claim = factories.claim(factories.care_sheet(session), received_on=ON)
    first = factories.decision(claim, decided_at=AT)
    decisions.post([first], AT)
    payer = f"insurer:{code}"
    payments.keep_payer(payer, name="Mutuelle", iban=paying.IBANS[1])
    paying.confirmed(person=who)
    made = [factories.account("insurer_agent", insurer_code=code) for _ in range(2)]
    one, other = (
        Actor("insurer_agent", account_id=account.pk, insurer_code=code) for account in made
    )
    settle_part(actor=one, claim_id=claim.public_id, at=AT)
    order = prepare_order(actor=one, cut_off_on=ON, execution_on=ON, at=AT)
    release_order(actor=other, order_id=order.public_id, at=AT)
    changed = {"coverage": 2, "amo_cents": 5000, "amc_cents": 0}
    later = decisions.kept(first, AT + 5 * DAY, Cause.RIGHT_OPENED_LATE, **changed)
    later.save()
    decisions.post_again(later, AT + 5 * DAY)
    [line] = list_undue(actor=one, at=LATER).lines
    assert (line.kind, line.cents) == ("person", 2000)
    assert line.lowered == (AT + 5 * DAY, Cause.FIRST, 2000, 0)
