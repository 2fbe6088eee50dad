"""Where a claim stands: told path by path, then checked over every path there is."""

from __future__ import annotations

import pytest

from soutien.rules.life import (
    MOVES_MONEY,
    Account,
    Cause,
    Happened,
    Impossible,
    Mark,
    State,
    life,
    may,
)

ACCEPTED = Happened(Mark.DECIDED, 3000, accepted=True)
FULL = Happened(Mark.DECIDED, 5000, accepted=True, cause=Cause.RIGHT_OPENED_LATE)
REFUSED = Happened(Mark.DECIDED)
WAITS = Happened(Mark.DECIDED, to_confirm=True)
TAKEN_BACK = Happened(Mark.DECIDED, cause=Cause.CANCELLED)
NOTHING = Happened(Mark.DECIDED, 0, accepted=True)
CONTESTED, ANSWERED = Happened(Mark.CONTESTED), Happened(Mark.CONTEST_ANSWERED)
ORDERED, PAID = Happened(Mark.ORDERED, 3000), Happened(Mark.PAID, 3000)
RETURNED, RECONCILED = Happened(Mark.RETURNED, 3000), Happened(Mark.RECONCILED)
PAID_BACK = Happened(Mark.PAID_BACK, 3000)
WITHDRAWN = Happened(Mark.WITHDRAWN, 3000)

PATHS: dict[State, list[list[Happened]]] = {
    State.RECEIVED: [[]],
    State.TO_CONFIRM: [[WAITS]],
    State.REFUSED: [
        [REFUSED],
        [REFUSED, CONTESTED, ANSWERED],
        [ACCEPTED, ORDERED, PAID, REFUSED, PAID_BACK],
    ],
    State.CONTESTED: [[REFUSED, CONTESTED], [ACCEPTED, ORDERED, PAID, CONTESTED]],
    State.CANCELLED: [[TAKEN_BACK], [ACCEPTED, TAKEN_BACK]],
    State.NOTHING_DUE: [[NOTHING]],
    State.TO_PAY: [
        [ACCEPTED],
        [REFUSED, CONTESTED, ACCEPTED],
        [ACCEPTED, ORDERED, PAID, RECONCILED, FULL],
        [ACCEPTED, ORDERED, WITHDRAWN],
    ],
    State.ORDERED: [[ACCEPTED, ORDERED], [ACCEPTED, ORDERED, RETURNED, ORDERED]],
    State.PAID: [[ACCEPTED, ORDERED, PAID]],
    State.RETURNED: [[ACCEPTED, ORDERED, RETURNED], [ACCEPTED, ORDERED, PAID, RETURNED]],
    State.RECONCILED: [[ACCEPTED, ORDERED, PAID, RECONCILED]],
    State.TO_RECOVER: [
        [ACCEPTED, ORDERED, PAID, REFUSED],
        [ACCEPTED, ORDERED, TAKEN_BACK],
        [FULL, Happened(Mark.ORDERED, 5000), Happened(Mark.PAID, 5000), ACCEPTED],
    ],
}
POSSIBLE = [
    *(ACCEPTED, FULL, REFUSED, WAITS, TAKEN_BACK, NOTHING, CONTESTED, ANSWERED),
    *(ORDERED, WITHDRAWN, PAID, RETURNED, RECONCILED, PAID_BACK),
    Happened(Mark.ORDERED, 2000),
]
DEPTH = 5
OUT = (Mark.WITHDRAWN, Mark.RETURNED, Mark.PAID_BACK)


@pytest.mark.parametrize(
    ("state", "path"), [(state, path) for state, paths in PATHS.items() for path in paths]
)
def test_a_claim_stands_where_its_path_says(state: State, path: list[Happened]):
    assert life(path).state is state


def test_every_state_has_a_path():
    assert set(PATHS) == set(State)


@pytest.mark.parametrize(
    "path",
    [
        [ORDERED],
        [REFUSED, ORDERED],
        [ACCEPTED, PAID],
        [ACCEPTED, ORDERED, ORDERED],
        [ACCEPTED, ORDERED, RECONCILED],
        [ACCEPTED, ORDERED, PAID, WITHDRAWN],
        [ACCEPTED, CONTESTED, ORDERED],
        [ACCEPTED, ORDERED, PAID, PAID_BACK, PAID_BACK],
        [WAITS, CONTESTED],
        [REFUSED, ANSWERED],
        [CONTESTED],
        [ACCEPTED, Happened(Mark.ORDERED, 0)],
    ],
)
def test_what_cannot_follow_is_refused(path: list[Happened]):
    with pytest.raises(Impossible):
        life(path)
    assert not may(path[:-1], path[-1].mark, path[-1].cents)


def test_a_transfer_that_comes_back_leaves_another_on_its_way():
    first, second = {"transfer": "A"}, {"transfer": "B"}
    path = [
        *(ACCEPTED, Happened(Mark.ORDERED, 3000, **first), Happened(Mark.PAID, 3000, **first)),
        *(FULL, Happened(Mark.ORDERED, 2000, **second)),
        Happened(Mark.RETURNED, 3000, **first),
    ]
    assert life(path).account == (5000, 2000, 0)
    assert life([*path, Happened(Mark.PAID, 2000, **second)]).account == (5000, 0, 2000)


def test_what_is_written_is_read_even_when_it_crossed_something_else():
    crossed = [ACCEPTED, CONTESTED, ORDERED]
    assert life(crossed, trusted=None).state is State.CONTESTED
    assert may([*crossed, ANSWERED], Mark.RETURNED, 0) is False
    assert life([*crossed, ANSWERED], trusted=None).state is State.ORDERED


def test_over_every_path_the_state_and_the_money_agree():
    """All lists of five things that can happen: more than 20,000 lives."""
    paths: list[list[Happened]] = [[]]
    seen = 0
    for _ in range(DEPTH):
        longer = []
        for path in paths:
            for item in POSSIBLE:
                if item.mark is not Mark.DECIDED and not may(path, item.mark, item.cents):
                    continue
                longer.append([*path, item])
        for path in longer:
            _agrees(path)
        seen += len(longer)
        paths = longer
    assert seen > 20_000


def _agrees(path: list[Happened]) -> None:
    state, account = life(path)
    last = [item for item in path if item.mark is Mark.DECIDED][-1]
    assert isinstance(account, Account)
    assert account.owed_cents == (last.cents if last.accepted else 0)
    assert account.ordered_cents >= 0 <= account.paid_cents
    ins = sum(item.cents for item in path if item.mark is Mark.ORDERED)
    outs = sum(item.cents for item in path if item.mark in OUT)
    assert account.ordered_cents + account.paid_cents == ins - outs
    quiet = state in (State.PAID, State.RECONCILED, State.ORDERED, State.NOTHING_DUE)
    assert not quiet or account.due_cents == 0
    assert (state is State.TO_PAY or state is State.RETURNED) <= (account.due_cents > 0)
    assert (state is State.TO_RECOVER) <= (account.due_cents < 0)
    if state in (State.REFUSED, State.CANCELLED):
        assert account == (0, 0, 0)
    if not any(item.mark in MOVES_MONEY for item in path):
        assert account.due_cents == account.owed_cents
