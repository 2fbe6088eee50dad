"""What may be foreseen, when to look back, and how much may be remote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.rules.accompaniment import half_way, plan_fits, remote_share

COUNTS = st.integers(0, 2_000)


@pytest.mark.parametrize(("planned", "fits"), [(0, False), (1, True), (12, True), (13, False)])
def test_a_plan_is_within_the_year(planned: int, fits: bool):
    assert plan_fits(planned, 12) is fits


@pytest.mark.parametrize(
    ("planned", "held", "due"),
    [(8, 3, False), (8, 4, True), (8, 7, True), (8, 8, False), (7, 3, False), (7, 4, True)],
)
def test_one_looks_back_from_the_half_to_the_end(planned: int, held: int, due: bool):
    assert half_way(planned, held) is due


@pytest.mark.parametrize(
    ("remote", "held", "told"),
    [
        (0, 0, (0, 0, 0)),
        (0, 4, (0, 1, 0)),
        (1, 5, (20, 0, 0)),
        (2, 5, (40, 0, 5)),
        (3, 24, (13, 2, 0)),
        (1, 6, (17, 0, 0)),
    ],
)
def test_the_share_and_what_is_left_of_it(remote: int, held: int, told: tuple[int, int, int]):
    share = remote_share(remote, held, 20)
    assert (share.percent, share.room, share.owed) == told


@given(COUNTS, COUNTS, st.integers(1, 99))
def test_room_and_debt_are_exact(remote: int, in_person: int, most: int):
    held = remote + in_person
    share = remote_share(remote, held, most)

    def within(remote: int, held: int) -> bool:
        return 100 * remote <= most * held

    if share.owed:
        assert share.room == 0 and share.beyond
        assert within(remote, held + share.owed)
        assert not within(remote, held + share.owed - 1)
    else:
        assert within(remote + share.room, held + share.room)
        assert not within(remote + share.room + 1, held + share.room + 1)
