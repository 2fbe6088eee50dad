"""Cents: one rounding, parts that add up, and amounts as people write them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from soutien.rules.money import FIXED_SPACE, NARROW_SPACE, euros, share_cents

AMOUNTS = st.integers(0, 10**9)
RATES = st.integers(0, 100)


@given(AMOUNTS, RATES)
@example(5, 30)
@example(1, 50)
def test_a_share_is_rounded_to_the_nearest_cent_half_going_up(amount: int, rate: int) -> None:
    exact = Decimal(amount) * rate / 100
    assert share_cents(amount, rate) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(AMOUNTS, RATES)
def test_a_share_stays_between_nothing_and_the_amount(amount: int, rate: int) -> None:
    assert 0 <= share_cents(amount, rate) <= amount


@given(AMOUNTS)
def test_the_whole_and_nothing_are_exact(amount: int) -> None:
    assert share_cents(amount, 100) == amount
    assert share_cents(amount, 0) == 0


@given(AMOUNTS, RATES, RATES)
def test_a_higher_rate_never_gives_less(amount: int, rate: int, other: int) -> None:
    low, high = sorted((rate, other))
    assert share_cents(amount, low) <= share_cents(amount, high)


@pytest.mark.parametrize(
    ("cents", "french", "english"),
    [
        (0, "0 €", "€0"),
        (5, "0,05 €", "€0.05"),
        (5000, "50 €", "€50"),
        (1250, "12,50 €", "€12.50"),
        (100_000, "1_000 €", "€1,000"),
        (123_456_789, "1_234_567,89 €", "€1,234,567.89"),
        (-2000, "-20 €", "-€20"),
        (-5, "-0,05 €", "-€0.05"),
    ],
)
def test_an_amount_is_written_as_people_write_it(cents: int, french: str, english: str) -> None:
    spaced = french.replace("_", NARROW_SPACE).replace(" ", FIXED_SPACE)
    assert euros(cents) == euros(cents, "fr") == spaced
    assert euros(cents, "en") == english


@given(st.integers(-(10**12), 10**12), st.sampled_from(["fr", "en"]))
def test_an_amount_can_be_read_back(cents: int, lang: str) -> None:
    digits = "".join(c for c in euros(cents, lang) if c.isdigit())
    whole = digits if cents % 100 else digits + "00"
    assert int(whole) == abs(cents)
    assert ("-" in euros(cents, lang)) == (cents < 0)
