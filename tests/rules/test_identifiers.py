"""The keys of identifiers, on numbers that belong to nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.fr import nir as other_checker

from soutien.rules.identifiers import (
    Fault,
    adeli_of_psychologist,
    finess_fault,
    finess_holds,
    luhn_holds,
    nir_fault,
    nir_holds,
    nir_key,
    nir_tells_birth,
    rpps_fault,
    rpps_holds,
    siret_fault,
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


NOBODY = "2900500001001"  # Département 00, where nobody was born.


def nir(body: str) -> str:
    """The thirteen characters and their key."""
    return body + nir_key(body)


@pytest.mark.parametrize(
    ("number", "source"),
    [
        ("253072A07300443", "python-stdnum, its examples"),
        ("253072B07300470", "python-stdnum, its examples"),
        ("295109912611193", "python-stdnum, its examples: born abroad"),
        ("255081416802538", "assurance-maladie/nir-validation, its tests"),
        ("284058832102532", "assurance-maladie/nir-validation, its tests"),
        ("284052A32102552", "assurance-maladie/nir-validation, its tests"),
        ("284052B32102579", "assurance-maladie/nir-validation, its tests"),
    ],
)
def test_the_key_of_a_nir_is_that_of_published_examples(number: str, source: str):
    assert nir_fault(number) is None, source


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        # The first digit (code de la sécurité sociale; circulaire DSS/SD4C 2012-213).
        *((f"{sex}900500001001", None) for sex in "123478"),
        *((f"{sex}900500001001", Fault.SEX) for sex in "0569"),
        # Months: known; not told by the certificate (20 to 30, 50 and more); January to December
        # once more (31 to 42).
        *((f"290{month:02}00001001", None) for month in range(1, 13)),
        *((f"290{month}00001001", None) for month in (20, 21, 29, 30, 31, 42, 50, 62, 99)),
        *((f"290{month}00001001", Fault.MONTH) for month in ("00", 13, 19, 43, 49)),
        # A number that a fund gave holds its own code there.
        ("7100000000001", None),
        ("8249900000001", None),
        # Places: Corsica before and after 1976, abroad, North Africa before independence, overseas
        # with three characters for the département.
        ("2700120004001", None),
        ("270012A004001", None),
        ("270012B033001", None),
        ("2700199352001", None),
        ("2600191352001", None),
        ("2900597105001", None),
        ("2900598735001", None),
        ("2900597005001", Fault.PLACE),
        ("2900597100001", Fault.PLACE),
        ("2900569000001", Fault.PLACE),
        ("2900599000001", Fault.PLACE),
        ("2900569123000", Fault.RANK),
    ],
)
def test_each_part_of_a_nir_has_its_possible_values(body: str, fault: Fault | None):
    assert nir_fault(nir(body)) is fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.LENGTH),
        (NOBODY, Fault.LENGTH),
        (nir(NOBODY) + "0", Fault.LENGTH),
        ("２" + nir(NOBODY)[1:], Fault.CHARACTERS),
        ("٢" + nir(NOBODY)[1:], Fault.CHARACTERS),
        ("290052C00100100", Fault.CHARACTERS),
        ("29005A200100100", Fault.CHARACTERS),
        ("290052a00400100", Fault.CHARACTERS),
        (NOBODY[:12] + "\n" + "00", Fault.CHARACTERS),
        (NOBODY + "00", Fault.KEY),
        (NOBODY + "98", Fault.KEY),
    ],
)
def test_what_is_no_nir_says_why(text: str, fault: Fault):
    assert nir_fault(text) is fault


def test_a_fund_s_own_number_tells_no_birth():
    assert not nir_tells_birth(nir("7100000000001"))
    assert nir_tells_birth(nir("3900500001001"))


BODIES = st.builds(
    "{}{:02}{:02}{}{:03}{:03}".format,
    st.sampled_from("123478"),
    st.integers(0, 99),
    st.sampled_from([*range(1, 13), *range(20, 43), *range(50, 100)]),
    st.sampled_from(["00", "01", "20", "2A", "2B", "75", "95", "99"]),
    st.integers(1, 990),
    st.integers(1, 999),
)


@given(BODIES)
def test_a_nir_made_by_the_rules_holds_and_another_checker_agrees(body: str):
    number = nir(body)
    assert nir_holds(number)
    assert other_checker.is_valid(number)


@given(BODIES, st.integers(0, 14), st.sampled_from("0123456789AB"))
def test_one_wrong_sign_in_a_nir_is_always_seen(body: str, place: int, sign: str):
    number = nir(body)
    damaged = number[:place] + sign + number[place + 1 :]
    assert damaged == number or not nir_holds(damaged)


@given(BODIES, st.integers(0, 13))
def test_two_neighbours_swapped_in_a_nir_are_always_seen(body: str, place: int):
    number = nir(body)
    damaged = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert damaged == number or not nir_holds(damaged)


@given(st.text(max_size=20) | st.text("0123456789AB", min_size=8, max_size=16))
def test_any_text_gets_one_answer_and_never_an_error(text: str):
    for holds, fault in (
        (nir_holds, nir_fault),
        (rpps_holds, rpps_fault),
        (finess_holds, finess_fault),
        (siret_holds, siret_fault),
    ):
        assert holds(text) is (fault(text) is None)


NUMBERS = st.integers(0, 10**10 - 1).map(lambda number: f"{number:010}")


@given(NUMBERS, st.integers(0, 9), st.integers(0, 10))
def test_one_wrong_digit_in_an_rpps_number_is_always_seen(digits: str, digit: int, place: int):
    right = next(f"{digits}{key}" for key in range(10) if rpps_holds(f"{digits}{key}"))
    damaged = f"{right[:place]}{digit}{right[place + 1 :]}"
    assert damaged == right or rpps_fault(damaged) is Fault.KEY


@pytest.mark.parametrize(
    ("fault_of", "text", "fault"),
    [
        (rpps_fault, "0000000901", Fault.LENGTH),
        (rpps_fault, "0000000901A", Fault.CHARACTERS),
        (rpps_fault, "٠٠٠٠٠٠٠٩٠١٩", Fault.CHARACTERS),
        (rpps_fault, "00000009010", Fault.KEY),
        (finess_fault, "00000001", Fault.LENGTH),
        (finess_fault, "2C0000014", Fault.CHARACTERS),
        (finess_fault, "000000019", Fault.KEY),
        (siret_fault, "0000000000001", Fault.LENGTH),
        (siret_fault, "0000000000001B", Fault.CHARACTERS),
        (siret_fault, "00000000000019", Fault.KEY),
    ],
)
def test_a_professional_number_says_what_is_wrong(
    fault_of: Callable[[str], Fault | None], text: str, fault: Fault
):
    assert fault_of(text) is fault


def test_a_finess_of_corsica_has_the_same_key_in_letters_and_in_claims():
    # The example of the B2 norm: in a claim its letters become digits, and the key still holds.
    assert finess_holds("2A0002689")
    assert luhn_holds("200102689")
