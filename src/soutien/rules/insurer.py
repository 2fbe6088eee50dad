"""What a complementary insurer pays of a session that the compulsory scheme accepted.

The part is the remainder, never a share rounded by itself: the parts add up to the price. Numbers
of the contract come from the insurer; that a responsible contract pays all of the remainder comes
from the law (R-093).
"""

from __future__ import annotations

from enum import IntFlag
from typing import NamedTuple

from soutien.rules.money import share_cents


class PartReason(IntFlag):
    """Why an insurer pays nothing. Bits are never renumbered."""

    NONE = 0
    REFUSED_BY_THE_FUND = 1
    NOTHING_LEFT = 2
    NOT_A_MEMBER = 4
    NO_CONTRACT = 8
    CONTRACT_PAYS_NOTHING = 16
    # Said by an agent, of one claim.
    PAID_ELSEWHERE = 32
    CONTRIBUTION_UNPAID = 64
    WAITING_PERIOD = 128


# What an agent may say by hand, against what the contract says.
BY_HAND = (
    PartReason.NOT_A_MEMBER,
    PartReason.PAID_ELSEWHERE,
    PartReason.CONTRIBUTION_UNPAID,
    PartReason.WAITING_PERIOD,
)


class Guarantee(NamedTuple):
    """What is known of a membership on the day of care, as integers."""

    member: int
    contract: int
    responsible: int
    copay_percent: int


class Part(NamedTuple):
    """The insurer's answer; ``amc_cents`` is 0 with the reasons why."""

    accepted: int
    reasons: int
    amc_cents: int


def decide_part(*, accepted: int, remainder_cents: int, guarantee: Guarantee) -> Part:
    """What the contract pays of what the compulsory scheme left of an accepted session."""
    reasons = 0
    reasons |= 0 if accepted else PartReason.REFUSED_BY_THE_FUND
    reasons |= PartReason.NOTHING_LEFT if accepted and not remainder_cents else 0
    reasons |= 0 if guarantee.member else PartReason.NOT_A_MEMBER
    reasons |= PartReason.NO_CONTRACT if guarantee.member and not guarantee.contract else 0
    if guarantee.responsible:
        amc = remainder_cents
    else:
        amc = share_cents(remainder_cents, guarantee.copay_percent)
    nothing = guarantee.member and guarantee.contract and remainder_cents and not amc
    reasons |= PartReason.CONTRACT_PAYS_NOTHING if nothing else 0
    return Part(0, int(reasons), 0) if reasons else Part(1, 0, amc)
