"""Who owes what to whom: the parts of a decision, and what turns them into those of another."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.rules.codes import ThirdParty
from soutien.rules.money import share_cents
from soutien.rules.owed import (
    Due,
    Payee,
    Payer,
    Shares,
    difference,
    owed,
    owed_once_paid,
    paid_on_the_spot,
)

PERSON, PSYCHOLOGIST = Payee.PERSON, Payee.PSYCHOLOGIST
FUND, INSURER = Payer.FUND, Payer.INSURER


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        # Everything was advanced: both parts go back to the person.
        (
            Shares(3000, 2000, ThirdParty.NONE),
            (Due(FUND, PERSON, 3000), Due(INSURER, PERSON, 2000)),
        ),
        # The box of the complementary part says nothing where the price was paid.
        (
            Shares(3000, 2000, ThirdParty.NONE, amc_third_party=True),
            (Due(FUND, PERSON, 3000), Due(INSURER, PERSON, 2000)),
        ),
        # Since October 2026: 20 € on the spot, and the insurer gives them back.
        (
            Shares(3000, 2000, ThirdParty.AMO),
            (Due(FUND, PSYCHOLOGIST, 3000), Due(INSURER, PERSON, 2000)),
        ),
        (
            Shares(3000, 2000, ThirdParty.AMO, amc_third_party=True),
            (Due(FUND, PSYCHOLOGIST, 3000), Due(INSURER, PSYCHOLOGIST, 2000)),
        ),
        # Alsace-Moselle: the regional points are in the fund's part.
        (
            Shares(4500, 500, ThirdParty.AMO),
            (Due(FUND, PSYCHOLOGIST, 4500), Due(INSURER, PERSON, 500)),
        ),
        # Nobody else pays: the rest is the person's own.
        (Shares(3000, 0, ThirdParty.AMO), (Due(FUND, PSYCHOLOGIST, 3000),)),
        # CSS, AME, a linked illness, maternity, a work accident.
        (Shares(5000, 0, ThirdParty.FULL), (Due(FUND, PSYCHOLOGIST, 5000),)),
        # Refused: nobody owes anything.
        (Shares(0, 0, ThirdParty.NONE), ()),
    ],
)
def test_who_owes_what_to_whom(shares: Shares, expected: tuple[Due, ...]) -> None:
    assert owed(shares) == expected


@pytest.mark.parametrize(("advance", "box"), list(product(ThirdParty, (False, True))))
def test_the_price_is_what_is_owed_and_what_the_person_bears(
    advance: ThirdParty, box: bool
) -> None:
    price, amo = 5000, 5000 if advance is ThirdParty.FULL else 3000
    for amc in (0,) if advance is ThirdParty.FULL else (0, 500, 2000):
        dues = owed(Shares(amo, amc, int(advance), box))
        borne = price - amo - amc
        back = sum(due.cents for due in dues if due.payee is PERSON)
        assert sum(due.cents for due in dues) + borne == price
        assert paid_on_the_spot(price, dues) == borne + back >= 0


AMOUNTS = st.dictionaries(st.integers(0, 5), st.integers(-9_999, 9_999))


@given(AMOUNTS, AMOUNTS)
def test_a_difference_turns_one_into_the_other_to_the_cent(
    before: dict[int, int], after: dict[int, int]
) -> None:
    changes = difference(before, after)
    sums = Counter(before)
    sums.update(changes)
    assert {key: cents for key, cents in sums.items() if cents} == {
        key: cents for key, cents in after.items() if cents
    }
    assert 0 not in changes.values()
    back = difference(after, before)
    assert changes == {key: -cents for key, cents in back.items()}


@given(st.integers(0, 100_000), st.integers(0, 100))
def test_a_share_is_never_half_a_cent_from_the_exact_one(price: int, rate: int) -> None:
    assert abs(share_cents(price, rate) - Fraction(price * rate, 100)) <= Fraction(1, 2)


@pytest.mark.parametrize("third_party", list(ThirdParty))
@pytest.mark.parametrize("amc_third_party", [False, True])
@pytest.mark.parametrize(("amo", "amc"), [(3000, 2000), (5000, 0), (4500, 500), (3000, 0)])
def test_a_first_decision_is_owed_the_same_by_what_was_handed_over(
    third_party: ThirdParty, amc_third_party: bool, amo: int, amc: int
):
    if third_party is ThirdParty.FULL and amo + amc < 5000:
        return  # Nothing is left to the person where nothing is paid on the spot.
    shares = Shares(amo, amc, third_party, amc_third_party)
    handed = paid_on_the_spot(5000, owed(shares))
    assert sorted(owed_once_paid(shares, 5000, handed)) == sorted(owed(shares))


def test_what_was_handed_over_comes_back_to_the_person():
    late = Shares(5000, 0, ThirdParty.FULL)
    assert owed_once_paid(late, 5000, 2000) == (
        Due(Payer.FUND, Payee.PSYCHOLOGIST, 3000),
        Due(Payer.FUND, Payee.PERSON, 2000),
    )
