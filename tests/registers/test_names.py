"""A psychologist is found by name whatever the order, the accents or one slip a word."""

from __future__ import annotations

import random
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import factories

from soutien.registers.psychologists.names import Names
from soutien.registers.psychologists.statements import Statements

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def known(*names: str) -> tuple[Names, dict[str, int]]:
    """An index of these names, and the psychologist of each."""
    ids = {name: factories.psychologist(search_name=name).pk for name in names}
    return Names(), ids


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "helene marechal",
        "marechal helene",
        "marechal",
        "marechal h",
        "mare",
        "mme marechal",
        "docteur helene marechal, psychologue",
        "marechla helene",
        "maréchal",
        "marchal helene",
        "marrechal",
        "marechol",
        "narechal helene",
    ],
)
def test_one_name_is_found_in_many_ways(text: str):
    names, ids = known("helene marechal", "paul durand", "anne petit")
    found = names.matching(text.replace("é", "e"))
    assert [key for _cost, key in found] == [ids["helene marechal"]]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["jean pierre dupont", "jeanpierre dupont", "dupont jean-pierre"])
def test_a_double_name_is_found_glued_or_not(text: str):
    names, ids = known("jean pierre dupont", "jean martin", "pierre dupond")
    assert names.matching(text)[0][1] == ids["jean pierre dupont"]


@pytest.mark.django_db
def test_the_name_as_written_comes_before_a_beginning_and_a_slip():
    names, ids = known("lea marin", "lea martin", "lea marinier")
    found = [key for _cost, key in names.matching("lea marin")]
    assert found == [ids["lea marin"], ids["lea marinier"], ids["lea martin"]]


@pytest.mark.django_db
def test_every_word_counts():
    names, _ids = known("helene marechal", "paul durand")
    assert names.matching("paul marechal") == []
    assert names.matching("zzzz") == names.matching("") == names.matching("%_' ;--") == []
    assert names.matching("x" * 5000) == []


@pytest.mark.django_db
def test_a_written_name_is_read_again():
    names, ids = known("helene marechal")
    assert len(names.matching("marechal")) == 1
    row = factories.psychologist(search_name="zoe nouvelle")
    type(row).objects.filter(pk=ids["helene marechal"]).update(search_name="helene autre")
    names.forget([row.pk, ids["helene marechal"]])
    assert [key for _, key in names.matching("nouvelle zoe")] == [row.pk]
    assert names.matching("marechal") == []
    assert len(names) == 2


@pytest.mark.django_db
def test_who_bears_the_same_name_is_found_too():
    both = [factories.psychologist(search_name="anne petit").pk for _ in range(2)]
    assert [key for _, key in Names().matching("petit")] == both


class Listed(Names):
    """Names from a list instead of the table."""

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.listed = names

    def _read(self, psychologist_ids: object) -> None:
        for key, name in enumerate(self.listed):
            self._name_of[key] = name
            if name not in self._called:
                self._file(name)
            self._called[name].add(key)
        self._sorted_words = sorted(self._with_word)


def damaged(chance: random.Random, name: str) -> str:
    """The words in any order, one of them with a slip when it is long enough."""
    words = name.split()
    at = chance.randrange(len(words))
    word, letter = words[at], chance.choice(LETTERS)
    if len(word) > 3:
        here = chance.randrange(len(word))
        before, after = word[:here], word[here + 1 :]
        words[at] = chance.choice(
            [before + after, before + letter + word[here:], before + letter + after]
        )
    chance.shuffle(words)
    return " ".join(words)


def test_a_directory_of_thousands_is_searched_within_a_millisecond():
    """6,700 names, each damaged at random: the right one comes first, and at once."""
    chance = random.Random(20260302)
    parts = [
        *("ba", "bou", "char", "chi", "clau", "co", "deau", "du", "fon", "gau", "gi", "gnon"),
        *("hu", "jan", "lam", "lier", "lo", "mar", "mi", "mon", "nau", "ni", "pel", "per"),
        *("que", "ra", "rou", "sa", "sier", "sou", "ta", "to", "va", "vil", "zi"),
    ]
    given = ["".join(chance.choices(parts, k=2)) for _ in range(200)]
    family = ["".join(chance.choices(parts, k=chance.randint(2, 4))) for _ in range(4500)]
    names = [f"{chance.choice(given)} {chance.choice(family)}" for _ in range(6700)]
    directory = Listed(names)
    directory.matching("warm up")
    took, first = [], 0
    for _ in range(1000):
        name = chance.choice(names)
        asked = damaged(chance, name)
        before = time.thread_time()
        found = directory.matching(asked)
        took.append(time.thread_time() - before)
        first += bool(found) and names[found[0][1]] == name
    assert first >= 900
    # The aim is one millisecond at p99; a busy machine gets three times as much.
    assert sorted(took)[989] < 0.003


@given(st.text(max_size=80))
def test_any_text_is_answered(text: str):
    assert isinstance(Listed(["helene marechal", "jean pierre dupont"]).matching(text), list)


@pytest.mark.django_db
def test_the_last_word_of_a_psychologist_is_kept_until_it_changes():
    who = factories.psychologist(confirmed_on=date(2026, 3, 2))
    statements = Statements()
    assert statements.stated_on()[who.pk] == who.confirmed_on
    type(who).objects.filter(pk=who.pk).update(doubted_on=who.confirmed_on)
    assert statements.stated_on()[who.pk] == who.confirmed_on
    statements.forget([who.pk])
    assert statements.stated_on()[who.pk] is None
