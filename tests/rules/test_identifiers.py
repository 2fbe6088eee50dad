"""The keys of identifiers, on numbers that belong to nobody."""

from __future__ import annotations

import pytest

from soutien.rules.identifiers import (
    adeli_of_psychologist,
    finess_holds,
    luhn_holds,
    rpps_holds,
    siret_holds,
    written,
)


def test_the_key_of_the_standard_s_own_example_holds():
    # ISO/IEC 7812-1, annex B.
    assert luhn_holds("49927398716")
    assert not luhn_holds("49927398717")


@pytest.mark.parametrize("wrong", ["", "0000000901", "00000009010", "0000000901A", "٠٠٠٠٠٠٠٩٠١٩"])
def test_an_rpps_number_has_eleven_latin_digits_and_a_key(wrong: str):
    assert rpps_holds("00000009019")
    assert not rpps_holds(wrong)


def test_one_wrong_digit_or_two_swapped_ones_are_seen():
    right = "00000009019"
    for place, digit in enumerate(right):
        assert not rpps_holds(f"{right[:place]}{(int(digit) + 1) % 10}{right[place + 1 :]}")
    assert not rpps_holds("00000009091")


@pytest.mark.parametrize("right", ["000000018", "2A0000014", "2B0000020"])
def test_the_letters_of_corsica_count_in_a_finess(right: str):
    assert finess_holds(right)
    assert not finess_holds(f"{right[:-1]}{(int(right[-1]) + 1) % 10}")
    assert not finess_holds("2C0000014")


def test_the_offices_of_la_poste_have_a_key_of_their_own():
    assert siret_holds("00000000000018")
    assert not siret_holds("00000000000019")
    assert siret_holds("35600000000001")
    assert not siret_holds("35600000000002")
    assert not siret_holds("3560000000001")


@pytest.mark.parametrize(
    ("number", "right"),
    [("009300001", False), ("699300001", True), ("2A9300001", True), ("9A9300001", True)],
)
def test_a_former_adeli_number_names_the_profession(number: str, right: bool):
    assert adeli_of_psychologist(number) is right
    assert not adeli_of_psychologist(number.replace("93", "26", 1))


def test_spaces_and_dots_are_not_part_of_a_number():
    assert written(" 000 0000-90.19\u00a0") == "00000009019"
    assert written("2a0000014") == "2A0000014"
