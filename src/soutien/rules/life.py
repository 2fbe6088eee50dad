"""Where a claim stands: one function reads it from what was decided and what was paid.

Nothing is ever rewritten. A claim's life is the list of what happened to it, in order; its state
is worked out from that list each time, for each payer apart: the fund and the insurer pay, and
are paid back, by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple


class Cause(IntEnum):
    """Why a decision takes the place of another. Numbers are never reused."""

    FIRST = 0
    READ_BY_PEOPLE = 1  # a refusal that people had to confirm or lift
    SESSION_CORRECTED = 2
    RIGHT_OPENED_LATE = 3
    CONTEST_ACCEPTED = 4
    AGENT_CORRECTED = 5
    LAW_CHANGED = 6
    CANCELLED = 7
    ANOTHER_CLAIM = 8  # another claim of the same person was decided otherwise


class Payer(IntEnum):
    """Who pays a part of the price."""

    FUND = 1
    INSURER = 2


class Mark(IntEnum):
    """What happened to a claim. Numbers are never reused."""

    DECIDED = 1
    CONTESTED = 2
    CONTEST_ANSWERED = 3
    ORDERED = 4
    PAID = 5
    RETURNED = 6  # the transfer came back: an order that failed, or money that returned
    RECONCILED = 7
    PAID_BACK = 8
    WITHDRAWN = 9  # an order taken back before it left


class State(IntEnum):
    """Where a claim stands for one payer."""

    RECEIVED = 1
    TO_CONFIRM = 2
    REFUSED = 3
    CONTESTED = 4
    CANCELLED = 5
    NOTHING_DUE = 6
    TO_PAY = 7
    ORDERED = 8
    PAID = 9
    RETURNED = 10
    RECONCILED = 11
    TO_RECOVER = 12


class Happened(NamedTuple):
    """One thing that happened, as rows tell it.

    Of a decision: whether it accepts, whether people must confirm it, its cause, and ``cents``,
    the part of this payer. Of a payment: ``cents`` that were ordered, paid, returned or paid back,
    and which ``transfer`` it is about: one may come back while another is on its way.
    """

    mark: Mark
    cents: int = 0
    accepted: bool = False
    to_confirm: bool = False
    cause: Cause = Cause.FIRST
    transfer: str = ""


class Account(NamedTuple):
    """What one payer owes of a claim, what an order holds, and what was paid and kept."""

    owed_cents: int
    ordered_cents: int
    paid_cents: int

    @property
    def due_cents(self) -> int:
        """What is still to be paid; less than 0, what is to be paid back."""
        return self.owed_cents - self.ordered_cents - self.paid_cents


class Life(NamedTuple):
    """Where a claim stands, and the account of the payer."""

    state: State
    account: Account


MOVES_MONEY = frozenset(
    {
        *(Mark.ORDERED, Mark.WITHDRAWN, Mark.PAID, Mark.RETURNED),
        *(Mark.RECONCILED, Mark.PAID_BACK),
    }
)


class Impossible(ValueError):
    """This cannot happen to a claim that stands as it does."""


def life(happened: Iterable[Happened], *, trusted: int | None = 0) -> Life:
    """Where a claim stands after all that happened to it, in order.

    Raises Impossible when one thing could not follow what was before it. The first ``trusted``
    things (None: all) are taken as they are written: a contest may have come in the moment that
    its claim was ordered.
    """
    decided: Happened | None = None
    on_its_way: dict[str, int] = {}
    paid = 0
    contested = returned = reconciled = False
    for number, item in enumerate(happened):
        ordered = on_its_way.get(item.transfer, 0)
        if trusted is not None and number >= trusted:
            held = sum(on_its_way.values())
            _refuse_the_impossible(item, decided, ordered, held, paid, contested=contested)
        match item.mark:
            case Mark.DECIDED:
                decided, contested = item, False
            case Mark.CONTESTED:
                contested = True
            case Mark.CONTEST_ANSWERED:
                contested = False
            case Mark.ORDERED:
                on_its_way[item.transfer] = ordered + item.cents
                returned = reconciled = False
            case Mark.WITHDRAWN:
                on_its_way[item.transfer] = ordered - item.cents
            case Mark.PAID:
                on_its_way[item.transfer] = ordered - item.cents
                paid += item.cents
                reconciled = False
            case Mark.RETURNED:
                # A transfer that failed was never paid; one that came back was.
                failed = min(ordered, item.cents)
                on_its_way[item.transfer] = ordered - failed
                paid -= item.cents - failed
                returned = True
            case Mark.PAID_BACK:
                paid -= item.cents
            case Mark.RECONCILED:
                reconciled = True
    owed = decided.cents if decided and decided.accepted else 0
    account = Account(owed, sum(on_its_way.values()), paid)
    return Life(_state(decided, account, contested, returned, reconciled), account)


def _state(
    decided: Happened | None, account: Account, contested: bool, returned: bool, reconciled: bool
) -> State:
    if decided is None:
        return State.RECEIVED
    if contested:
        return State.CONTESTED
    if decided.to_confirm:
        return State.TO_CONFIRM
    if account.due_cents < 0:
        return State.TO_RECOVER
    if account.due_cents > 0:
        return State.RETURNED if returned else State.TO_PAY
    if not decided.accepted:
        return State.CANCELLED if decided.cause is Cause.CANCELLED else State.REFUSED
    if not account.owed_cents:
        return State.NOTHING_DUE
    if account.ordered_cents:
        return State.ORDERED
    return State.RECONCILED if reconciled else State.PAID


def _refuse_the_impossible(
    item: Happened,
    decided: Happened | None,
    ordered: int,
    held: int,
    paid: int,
    *,
    contested: bool,
) -> None:
    """``ordered`` is what is on its way by this transfer, ``held`` by all of them."""
    owed = decided.cents if decided and decided.accepted else 0
    possible = {
        Mark.DECIDED: True,
        Mark.CONTESTED: decided is not None and not decided.to_confirm and not contested,
        Mark.CONTEST_ANSWERED: contested,
        Mark.ORDERED: 0 < item.cents <= owed - held - paid and not contested,
        Mark.WITHDRAWN: 0 < item.cents <= ordered,
        Mark.PAID: 0 < item.cents <= ordered,
        Mark.RETURNED: 0 < item.cents <= ordered + paid,
        Mark.PAID_BACK: 0 < item.cents <= paid,
        Mark.RECONCILED: held == 0 and paid > 0,
    }
    if not possible[item.mark]:
        raise Impossible(f"{item.mark.name} of {item.cents} cents cannot happen now.")


def may(happened: Iterable[Happened], mark: Mark, cents: int = 0) -> bool:
    """Whether this may happen next."""
    before = list(happened)
    try:
        life([*before, Happened(mark, cents)], trusted=len(before))
    except Impossible:
        return False
    return True
