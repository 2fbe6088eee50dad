"""What came after payments and refusals: a contest, other decisions, debts, an insurer's no."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from soutien.doors.cli.demo_data import identifiers
from soutien.doors.cli.demo_data.accounts import FUND_AGENT, INSURER
from soutien.registers.accounts.models import Account
from soutien.registers.agenda.models import Booking
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.insurance import queries as insurance
from soutien.registers.payments.models import Payment
from soutien.registers.people.models import Exemption
from soutien.registers.people.rights import ground_index
from soutien.rules.codes import Kind, word
from soutien.rules.contest import Ground
from soutien.rules.insurer import PartReason
from soutien.rules.life import Cause
from soutien.rules.owed import Payer
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.contest import contest_decision
from soutien.steps.decide_again import cancel_claim, decide_person_again
from soutien.steps.insure import refuse_part

DAY = timedelta(days=1)
# One debt in the second age, one in the first.
TAKEN_BACK_DAYS, LATE_DAYS, SINCE_DAYS = 40, 5, 3


def store_afterwards(at: datetime, *, but: Sequence[int]) -> None:
    """A claim contested, one taken back and some decided again once paid, one an insurer refuses.

    Of people insured by the demo's own payers, ``but`` those named. A very small demo may have
    nobody for one or the other.
    """
    fund, insurer = _agent(FUND_AGENT.email), _agent(INSURER.email)
    told = set(but)
    paid = _paid(f"{Payer.FUND.value}:{fund.fund_code}", but)
    # A follow-up of somebody who comes no more: nothing else hangs on it.
    coming = Booking.objects.filter(status="confirmed").values("person_id")
    over = paid.filter(claim__care_session__kind=word(Kind.FOLLOW_UP))
    over = over.filter(order__prepared_at__lt=at - (TAKEN_BACK_DAYS + 7) * DAY)
    long_ago = [one.claim for one in over.exclude(claim__person__in=coming)]
    for claim in long_ago[-1:]:
        cancel_claim(actor=fund, claim_public_id=claim.public_id, at=at - TAKEN_BACK_DAYS * DAY)
        told.add(claim.person_id)
    of_insurer = _paid(f"{Payer.INSURER.value}:{insurer.insurer_code}", but)
    _late_right([one.claim for one in of_insurer], told, at)
    _contested(fund.fund_code, told, at)
    _refused_part(insurer, told, at)


def _paid(payer: str, but: Sequence[int]) -> QuerySet[Payment]:
    """What a payer paid to people, the oldest first, and what did not come back."""
    found = Payment.objects.filter(payer=payer, lines__kind="paid", account__kind="person")
    found = found.exclude(claim__person__in=but).exclude(lines__kind="returned")
    return found.select_related("claim__person", "order").order_by("pk")


def _late_right(paid: Sequence[Claim], told: set[int], at: datetime) -> None:
    """A CSS known some days ago, from the first of January: what was paid is decided again."""
    opened_on = date(at.year, 1, 1)
    known = set(Exemption.objects.values_list("person_id", flat=True))
    for claim in reversed(paid):
        if claim.person_id in told | known or claim.received_on.year != at.year:
            continue
        Exemption.objects.create(
            public_id=identifiers.public_id("late exemption", 0, 0),
            person=claim.person,
            kind="css",
            same_index=ground_index(claim.person, "css"),
            valid_from=opened_on,
            declared_by="fund_agent",
        )
        decide_person_again(
            actor=SYSTEM,
            person_id=claim.person_id,
            cause=Cause.RIGHT_OPENED_LATE,
            at=at - LATE_DAYS * DAY,
            civil_years=[at.year],
        )
        told.add(claim.person_id)
        return


def _contested(fund_code: str, told: set[int], at: datetime) -> None:
    """A decision of the fund that its person does not agree with: the newest refusal, if any."""
    found = _standing(told, at).filter(claim__fund_code=fund_code)
    for decision in found.order_by("accepted", "-decided_at", "-pk")[:1]:
        contest_decision(
            actor=Actor("person", person_id=decision.claim.person_id),
            claim_public_id=decision.claim.public_id,
            ground=Ground.COUNT_IS_WRONG,
            at=at - SINCE_DAYS * DAY,
        )
        told.add(decision.claim.person_id)


def _refused_part(insurer: Actor, told: set[int], at: datetime) -> None:
    """The newest part of the insurer that it has not decided: a contribution was not paid."""
    due = claims.covered_by(insurer.insurer_code).exclude(claim__person__in=told)
    newest = list(due.filter(accepted=True).order_by("-decided_at", "-pk").select_related("claim"))
    said = insurance.latest_parts([decision.claim_id for decision in newest])
    for decision in [one for one in newest if one.claim_id not in said][:1]:
        refuse_part(
            actor=insurer,
            claim_id=decision.claim.public_id,
            reason=PartReason.CONTRIBUTION_UNPAID,
            at=at,
        )


def _standing(told: set[int], at: datetime) -> QuerySet[Decision]:
    found = claims.counting().exclude(claim__person__in=told).filter(to_confirm=False)
    return found.filter(decided_at__lt=at - SINCE_DAYS * DAY).select_related("claim")


def _agent(email: str) -> Actor:
    """As somebody who signed in."""
    account = Account.objects.get_by_natural_key(email)
    return Actor(
        account.role,
        account_id=account.pk,
        fund_code=account.fund_code,
        insurer_code=account.insurer_code,
    )
