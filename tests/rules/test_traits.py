"""The same person, or not known: strict traits are compared exactly, never guessed."""

from __future__ import annotations

import pytest

from soutien.rules.traits import (
    Likeness,
    Recorded,
    Traits,
    likeness,
    nir_contradicts,
    normal_name,
    same_given_names,
)

# Born in May 1990, a woman, in a commune that does not exist.
NIR = "290050000412345"
RECORDED = Recorded("Le Goff-Évrard", "Anne-Laure", "1990-05-17", NIR)
TRAITS = Traits(
    "LE GOFF EVRARD", ("Anne-Laure", "Marie"), "1990-05-17", "female", birth_place="00004"
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Évrard", "EVRARD"),
        ("d’Aubigné", "D AUBIGNE"),
        ("D'AUBIGNÉ", "D AUBIGNE"),
        ("Le  Goff-Évrard ", "LE GOFF EVRARD"),
        ("Lœiz", "LOEIZ"),
        ("Weiß", "WEISS"),
        ("Çelik", "CELIK"),
        ("Łukasz", "LUKASZ"),
        ("E\u0301vrard", "EVRARD"),
        ("Иванова", ""),
        ("Martin2", ""),
        ("", ""),
        ("-", ""),
    ],
)
def test_names_are_written_one_way(written: str, normal: str) -> None:
    assert normal_name(written) == normal


def test_given_names_are_the_first_ones_whole_and_in_order() -> None:
    given = ("Jean-Pierre", "Marie")
    assert same_given_names("Jean Pierre", given)
    assert same_given_names("Jean-Pierre Marie", given)
    assert not same_given_names("Jean", given)
    assert not same_given_names("Marie", given)
    assert not same_given_names("Marie Jean-Pierre", given)
    assert not same_given_names("", given)
    assert not same_given_names("Jean", ())


def test_five_traits_that_agree_are_one_person() -> None:
    assert likeness(RECORDED, TRAITS) is Likeness.EXACT


def test_a_place_of_birth_counts_when_it_is_known() -> None:
    assert likeness(RECORDED, TRAITS._replace(birth_place="")) is Likeness.EXACT
    assert likeness(RECORDED, TRAITS._replace(birth_place="69123")) is Likeness.CONTRADICTED


@pytest.mark.parametrize(
    "other",
    [
        TRAITS._replace(birth_date="1990-05-18"),
        TRAITS._replace(birth_date="1990-06-17"),
        TRAITS._replace(sex="male"),
        TRAITS._replace(birth_place="99109"),
    ],
)
def test_one_trait_that_contradicts_is_somebody_else(other: Traits) -> None:
    assert likeness(RECORDED, other) is Likeness.CONTRADICTED


@pytest.mark.parametrize(
    ("recorded", "traits"),
    [
        (RECORDED, TRAITS._replace(family_name="EVRARD")),
        (RECORDED, TRAITS._replace(given_names=("Anne", "Laure"), sex="female")),
        (RECORDED, TRAITS._replace(given_names=())),
        (RECORDED, TRAITS._replace(sex="")),
        (RECORDED._replace(nir=""), TRAITS),
        (RECORDED._replace(family_name="Иванова"), TRAITS._replace(family_name="Иванова")),
        (RECORDED, TRAITS._replace(birth_date="1990-05")),
        (RECORDED, TRAITS._replace(birth_date="")),
    ],
)
def test_what_is_not_known_or_spelt_otherwise_is_never_guessed(
    recorded: Recorded, traits: Traits
) -> None:
    if traits.given_names == ("Anne", "Laure"):
        # "Anne Laure" may be two given names or one: the letters are the same, in this order.
        assert likeness(recorded, traits) is Likeness.EXACT
        return
    assert likeness(recorded, traits) is Likeness.UNSURE


def test_a_nir_with_an_unknown_month_contradicts_no_month() -> None:
    for month in ("20", "31", "42", "50", "99"):
        assert not nir_contradicts(f"290{month}0000412345", TRAITS), month
    assert nir_contradicts("290060000412345", TRAITS)
    assert nir_contradicts("291050000412345", TRAITS)


@pytest.mark.parametrize(("woman", "man"), [("4", "3"), ("8", "7")])
def test_a_provisional_nir_says_the_sex_too(woman: str, man: str) -> None:
    assert not nir_contradicts(f"{woman}90050000412345", TRAITS)
    assert nir_contradicts(f"{man}90050000412345", TRAITS)


def test_a_number_given_by_a_fund_says_nothing_of_the_birth() -> None:
    assert not nir_contradicts("810010000000199", TRAITS)
    assert nir_contradicts("410010000000199", TRAITS)
