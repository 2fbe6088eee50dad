"""What people type, and the town they mean."""

from __future__ import annotations

import json
import random
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soutien.registers.places.clues import CLUES
from soutien.registers.places.finder import considered
from soutien.registers.places.gazetteer import Town, all_towns, town_by_insee, towns_matching
from soutien.registers.places.search import meant_by
from soutien.registers.places.spelling import edits_from, one_edit_apart, plain, sounds

FIRST = [
    ("craponne", "69069"), ("CRAPONNE", "69069"), ("Craponne ", "69069"),
    ("crapone", "69069"), ("carponne", "69069"), ("craponne 69", "69069"),
    ("69290 craponne", "69069"), ("craponne 69290", "69069"), ("69290 crapone", "69069"),
    ("craponne rhône", "69069"), ("Craponne (Rhône)", "69069"),
    ("craponne, rhone, france", "69069"),
    ("69000 craponne", "69069"), ("69069", "69069"), ("2a004", "2A004"),
    ("12 rue Haute, 69290 Craponne", "69069"), ("12 rue Victor Hugo craponne", "69069"),
    ("12 rue Victor Hugo, craponne", "69069"),
    ("st etienne", "42218"), ("St-Étienne", "42218"), ("s. etienne", "42218"),
    ("stetienne", "42218"), ("saintetienne", "42218"), ("st etiene", "42218"),
    ("ste foy les lyon", "69202"), ("bourgstmaurice", "73054"), ("chalon s/ saone", "71076"),
    ("l hay les roses", "94038"), ("l’haÿ-les-roses", "94038"), ("lhaylesroses", "94038"),
    ("havre", "76351"), ("mans", "72181"), ("boulogne billancour", "92012"),
    ("marsel", "13055"), ("bordo", "33063"), ("grenobl", "38185"), ("villeurb", "69266"),
    ("annecy le vieux", "74010"), ("seynod", "74010"), ("lyon", "69123"), ("paris", "75056"),
    ("Lyon 3e", "69383"), ("lyon 3", "69383"), ("Paris 1er", "75101"), ("paris 12", "75112"),
    ("paris XVIe arrondissement", "75116"), ("marseille 8eme", "13208"), ("75012", "75112"),
    ("7 rue de la Paix 75002 Paris", "75102"),
    ("saint denis réunion", "97411"), ("saint-denis 974", "97411"), ("saint denis 93", "93066"),
    ("montreuil 93", "93048"), ("papeete", "98735"), ("noumea", "98818"), ("mamoudzou", "97611"),
    ("saint pierre 975", "97502"), ("cayenne", "97302"), ("œting", "57521"), ("oeting", "57521"),
    ("y", "80829"),
    ("saint jean luz", "64483"), ("chalon saone", "71076"), ("rochelle", "17300"),
    ("latour de france", "66096"), ("aix provence", "13001"), ("fontenay bois", "94033"),
    ("bordo 33", "33063"), ("st sauveur 70", "70473"), ("31790 saint sauver", "31516"),
]  # fmt: skip

NOTHING = ["", "   ", "%", "😀", "\n", "\x00", "-", "''", "x" * 5_000, "x " * 3_000, "𠀀𠀁𠀂"]

# Damaged at random with other seeds than bench/towns.py; floors well under what it measures.
FLOOR_FIRST, FLOOR_FIVE = 0.90, 0.97
FLOOR_FIRST_EVENLY = 0.88
EACH_KIND = 60


@pytest.mark.parametrize(("typed", "insee"), FIRST)
def test_the_town_meant_comes_first(typed: str, insee: str) -> None:
    assert towns_matching(typed)[0].insee == insee


@pytest.mark.parametrize("typed", NOTHING)
def test_what_names_no_town_gives_none(typed: str) -> None:
    assert towns_matching(typed) == []


def test_homonyms_are_all_there_with_their_departement() -> None:
    found = [t for t in towns_matching("Montreuil") if t.name == "Montreuil"]
    assert len(found) == 3
    assert found[0].departement == "93"
    everyone = [t for t in all_towns() if t.name == "Saint-Sauveur"]
    answer = towns_matching("saint sauveur", limit=40)
    assert {t.insee for t in everyone} <= {t.insee for t in answer}
    assert len({t.departement for t in everyone}) > 5


def test_a_postcode_gives_its_towns_the_largest_first() -> None:
    found = towns_matching("69290")
    assert found[0].name == "Craponne"
    assert all("69290" in t.postcodes for t in found)
    populations = [t.population for t in found]
    assert populations == sorted(populations, reverse=True)


def test_the_beginning_of_a_postcode_is_enough() -> None:
    found = towns_matching("692", limit=50)
    assert town_by_insee("69069") in found
    assert all(any(p.startswith("692") for p in t.postcodes) for t in found)


def test_a_departement_gives_its_largest_towns() -> None:
    assert "Saint-Denis" in [t.name for t in towns_matching("la réunion", 3)]
    assert {t.departement for t in towns_matching("Haute-Savoie", 5)} == {"74"}
    assert towns_matching("2A", 1)[0].name == "Ajaccio"


def test_a_departement_keeps_its_towns_only() -> None:
    assert {t.departement for t in towns_matching("saint martin 65", 1)} == {"65"}
    assert {t.departement for t in towns_matching("craponne haute-loire", 1)} == {"43"}


def test_a_word_inside_a_name_finds_it() -> None:
    assert "Aulnay-sous-Bois" in [t.name for t in towns_matching("sous bois")]


def test_the_name_as_typed_comes_before_larger_towns() -> None:
    assert towns_matching("nant")[0].name == "Nant"
    assert "Nantes" in [t.name for t in towns_matching("nant")[:5]]


def test_no_town_twice_and_never_more_than_asked() -> None:
    for typed in ("saint", "lyon 69", "paris 3", "69", "craponne 69290", "st denis"):
        for limit in (0, 1, 3, 8, 50):
            found = towns_matching(typed, limit)
            assert len(found) <= limit
            assert len({t.insee for t in found}) == len(found)


def test_the_same_text_gives_the_same_answer() -> None:
    assert towns_matching("villefrance sur soane") == towns_matching("villefrance sur soane")


def test_every_town_is_found_by_its_own_name() -> None:
    dice = random.Random(3)
    for town in dice.sample(all_towns(), 1_500):
        found = towns_matching(town.name, limit=60)
        assert plain(found[0].name).replace(" ", "") == plain(town.name).replace(" ", "")
        assert town in found


def test_every_town_is_found_by_its_name_and_departement() -> None:
    dice = random.Random(4)
    for town in dice.sample(all_towns(), 500):
        found = towns_matching(f"{town.name} ({town.departement})", limit=5)
        assert town in found


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.integers(-1, 20))
def test_any_text_at_all_gets_an_answer(typed: str, limit: int) -> None:
    found = towns_matching(typed, limit)
    assert len(found) <= max(0, limit)
    assert all(isinstance(t, Town) for t in found)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["saint", "st", "ste", "s", "paris", "lyon", "marseille", "69", "69290", "2a", "974",
             "rhone", "la", "l'", "rue", ",", "12", "3e", "xvi", "france", "cedex", "-", "/", "s/"]
        ),
        max_size=8,
    ).map(" ".join)
)  # fmt: skip
def test_any_mixture_of_words_and_numbers_gets_an_answer(typed: str) -> None:
    assert len(towns_matching(typed)) <= 8


WORDS = st.text("abcdé", max_size=9)


@given(WORDS, WORDS)
def test_edits_are_counted_as_by_the_usual_table(a: str, b: str) -> None:
    expected = _table_of_distances(a, b)
    assert edits_from(a)(b) == expected
    assert one_edit_apart(a, b) == (expected == 1)


@pytest.mark.parametrize(
    ("written", "heard"),
    [("bordeaux", "bordo"), ("marseille", "marseil"), ("philippe", "filipe"), ("aix", "aixs"),
     ("quimper", "kimper"), ("lescar", "leskar"), ("rheims", "reims")],
)  # fmt: skip
def test_what_sounds_alike_is_equal_to_the_ear(written: str, heard: str) -> None:
    assert sounds(written) == sounds(heard)


def test_damaged_names_are_found_first_nine_times_in_ten() -> None:
    dice = random.Random("floors")
    towns = [t for t in all_towns() if t.population and len(t.name) > 3]
    weights = [t.population for t in towns]
    first = five = total = 0
    for damage in (_lost, _swapped, _wrong, _glued, _two_thirds):
        for town in dice.choices(towns, weights, k=EACH_KIND):
            names = [t.name for t in towns_matching(damage(town.name, dice), 5)]
            first += names[:1] == [town.name]
            five += town.name in names
            total += 1
    assert first / total >= FLOOR_FIRST
    assert five / total >= FLOOR_FIVE


def test_damaged_names_of_small_towns_are_found_too() -> None:
    """Drawn evenly: half of the communes have fewer than 500 inhabitants. Homonyms count."""
    dice = random.Random("evenly")
    towns = [t for t in all_towns() if t.population and len(t.name) > 3]
    first = five = total = 0
    for damage in (_lost, _swapped, _wrong, _glued, _two_thirds):
        for town in dice.choices(towns, k=EACH_KIND):
            names = [plain(t.name) for t in towns_matching(damage(town.name, dice), 5)]
            first += names[:1] == [plain(town.name)]
            five += plain(town.name) in names
            total += 1
    assert first / total >= FLOOR_FIRST_EVENLY
    assert five / total >= FLOOR_FIVE


def test_every_clue_has_a_weight_and_says_something_of_some_text() -> None:
    written = json.loads(files("soutien.registers.places").joinpath("weights.json").read_text())
    assert list(written) == list(CLUES)
    assert all(isinstance(weight, int) for weight in written.values())
    seen = [False] * len(CLUES)
    dice = random.Random(8)
    damages = (_lost, _swapped, _wrong, _glued, _two_thirds, _lost_twice, _by_ear, _added)
    for town in dice.sample(all_towns(), 700):
        if len(town.name) > 5:
            text = dice.choice(damages)(town.name, dice)
            for _, clues in considered(meant_by(plain(text).split()), 8, text.lower()):
                seen = [old or bool(new) for old, new in zip(seen, clues, strict=True)]
    assert [clue for clue, one in zip(CLUES, seen, strict=True) if not one] == []


def test_between_equal_slips_the_larger_town_comes_first() -> None:
    found = towns_matching("vannnes")
    assert found[0].name == "Vannes"
    populations = [t.population for t in towns_matching("saint-sauvur", 10) if "Sauveur" in t.name]
    assert len(populations) > 3
    assert populations == sorted(populations, reverse=True)


def _lost_twice(name: str, dice: random.Random) -> str:
    return _lost(_lost(name, dice), dice)


def _by_ear(name: str, dice: random.Random) -> str:
    low = name.lower().replace("eau", "o").replace("ph", "f").replace("qu", "k")
    return low.rstrip("sxtde").replace("-la-", "-").replace("-le-", "-")


def _added(name: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(name) + 1)
    return name[:at] + dice.choice([name[at - 1], dice.choice("ées")]) + name[at:]


def _lost(name: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(name))
    return name[:at] + name[at + 1 :]


def _swapped(name: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _wrong(name: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(name))
    return name[:at] + dice.choice("abcdefghijklmnopqrstuvwxyz") + name[at + 1 :]


def _glued(name: str, dice: random.Random) -> str:
    return name.replace("-", "").replace(" ", "").lower()


def _two_thirds(name: str, dice: random.Random) -> str:
    return name[: -(-2 * len(name) // 3)]


def _table_of_distances(a: str, b: str) -> int:
    rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        rows[i][0] = i
    for j in range(len(b) + 1):
        rows[0][j] = j
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            rows[i][j] = min(
                rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]
