"""From what was decided on a claim to who owes what to whom, in whole cents.

The fund owes its part, and the insurer its own, to the psychologist where that part was not asked
from the person, otherwise to the person. What the person bears is owed by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeVar

from soutien.rules.codes import ThirdParty


class Payer(StrEnum):
    """Who owes: the fund of the compulsory scheme, or the complementary insurer."""

    FUND = "fund"
    INSURER = "insurer"


class Payee(StrEnum):
    """To whom it is owed."""

    PERSON = "person"
    PSYCHOLOGIST = "psychologist"


class Shares(NamedTuple):
    """The amounts of a decision, and which of them the person did not advance.

    ``amc_third_party``: the second box of the care sheet (R-107). Where nothing at all is paid on
    the spot, both parts go to the psychologist whatever the boxes say.
    """

    amo_cents: int
    amc_cents: int
    third_party: int
    amc_third_party: bool = False


class Due(NamedTuple):
    """What one payer owes to one payee; negative where it is asked back."""

    payer: Payer
    payee: Payee
    cents: int


Key = TypeVar("Key")


def owed(shares: Shares) -> tuple[Due, ...]:
    """What is owed on an accepted claim: at most one line of each payer, none of nothing.

    The regional scheme's points are inside ``amo_cents`` (R-084): one payer, one line.
    """
    full = shares.third_party == ThirdParty.FULL
    advanced = shares.third_party == ThirdParty.NONE
    of_fund = Payee.PERSON if advanced else Payee.PSYCHOLOGIST
    spared = full or (shares.amc_third_party and not advanced)
    of_insurer = Payee.PSYCHOLOGIST if spared else Payee.PERSON
    lines = (
        Due(Payer.FUND, of_fund, shares.amo_cents),
        Due(Payer.INSURER, of_insurer, shares.amc_cents),
    )
    return tuple(due for due in lines if due.cents)


def paid_on_the_spot(price_cents: int, dues: Iterable[Due]) -> int:
    """What the person hands to the psychologist: the price less what is owed to the latter."""
    return price_cents - sum(due.cents for due in dues if due.payee is Payee.PSYCHOLOGIST)


def owed_once_paid(shares: Shares, price_cents: int, on_the_spot_cents: int) -> tuple[Due, ...]:
    """What is owed when a claim is decided again, the person having paid so much on the spot.

    What was handed over is not undone: the psychologist is owed the rest of the price, by the
    fund first, and all that is above goes to the person. For a first decision it is ``owed``.
    """
    left = price_cents - on_the_spot_cents
    lines = []
    for payer, cents in ((Payer.FUND, shares.amo_cents), (Payer.INSURER, shares.amc_cents)):
        treating = min(left, cents)
        left -= treating
        lines.append(Due(payer, Payee.PSYCHOLOGIST, treating))
        lines.append(Due(payer, Payee.PERSON, cents - treating))
    return tuple(due for due in lines if due.cents)


def difference(before: Mapping[Key, int], after: Mapping[Key, int]) -> dict[Key, int]:
    """What must be added to amounts so that they become others; a reversal is to nothing."""
    keys = dict.fromkeys((*before, *after))
    changes = {key: after.get(key, 0) - before.get(key, 0) for key in keys}
    return {key: cents for key, cents in changes.items() if cents}
