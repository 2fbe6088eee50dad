"""What a complementary insurer pays: the remainder of an accepted session, or nothing and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from soutien.rules.insurer import Guarantee, PartReason, decide_part

RESPONSIBLE = Guarantee(member=1, contract=1, responsible=1, copay_percent=0)
HALF = Guarantee(member=1, contract=1, responsible=0, copay_percent=50)


@pytest.mark.parametrize(("left", "paid"), [(2000, 2000), (500, 500), (1600, 1600), (1, 1)])
def test_a_responsible_contract_pays_all_that_is_left(left: int, paid: int) -> None:
    assert decide_part(accepted=1, remainder_cents=left, guarantee=RESPONSIBLE) == (1, 0, paid)


@pytest.mark.parametrize(("left", "paid"), [(2000, 1000), (500, 250), (1, 1)])
def test_another_contract_pays_the_share_it_says(left: int, paid: int) -> None:
    assert decide_part(accepted=1, remainder_cents=left, guarantee=HALF) == (1, 0, paid)


@pytest.mark.parametrize(
    ("accepted", "left", "guarantee", "reasons"),
    [
        (0, 0, RESPONSIBLE, PartReason.REFUSED_BY_THE_FUND),
        (1, 0, RESPONSIBLE, PartReason.NOTHING_LEFT),
        (1, 2000, Guarantee(0, 0, 0, 0), PartReason.NOT_A_MEMBER),
        (1, 2000, Guarantee(1, 0, 0, 0), PartReason.NO_CONTRACT),
        (1, 2000, Guarantee(1, 1, 0, 0), PartReason.CONTRACT_PAYS_NOTHING),
        (0, 0, Guarantee(0, 0, 0, 0), PartReason.REFUSED_BY_THE_FUND | PartReason.NOT_A_MEMBER),
    ],
)
def test_each_refusal_says_why(
    accepted: int, left: int, guarantee: Guarantee, reasons: PartReason
) -> None:
    told = decide_part(accepted=accepted, remainder_cents=left, guarantee=guarantee)
    assert told == (0, int(reasons), 0)


@given(
    accepted=some.integers(0, 1),
    left=some.integers(0, 10_000),
    guarantee=some.builds(
        Guarantee,
        member=some.integers(0, 1),
        contract=some.integers(0, 1),
        responsible=some.integers(0, 1),
        copay_percent=some.integers(0, 100),
    ),
)
def test_it_pays_with_no_reason_or_nothing_with_one_and_never_more_than_is_left(
    accepted: int, left: int, guarantee: Guarantee
) -> None:
    left = left if accepted else 0
    told = decide_part(accepted=accepted, remainder_cents=left, guarantee=guarantee)
    assert 0 <= told.amc_cents <= left
    assert bool(told.accepted) == (told.reasons == 0) == (told.amc_cents > 0)
