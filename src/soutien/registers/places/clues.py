"""What speaks for each town that a text may mean, and how much.

`finder` gathers a few towns with a rough cost; here each is compared with the text, sign by
sign, as a short list of numbers (its clues), and its score is their sum weighed by
`weights.json`. The weights are whole thousandths of a natural logarithm of odds. They are fitted
by tools/fit_towns.py on damaged names, never on those that bench/towns.py reports.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from operator import mul
from typing import NamedTuple

from soutien.registers.places.spelling import edits_from, lean, one_edit_apart, sounds

CLUES = (
    "population", "rough_cost",
    "lost", "added", "wrong", "swapped", "two_edits", "far",
    "lost_unheard", "added_unheard", "wrong_unheard", "swapped_unheard", "two_edits_unheard",
    "far_unheard", "almost_heard", "letters_of_the_sound", "one_sound", "two_sounds",
    "lost_short", "added_short", "wrong_short", "swapped_short", "two_edits_short", "far_short",
    "lost_double", "lost_last", "added_double", "added_last", "wrong_vowel",
    "other_first_letter", "other_last_letter",
    "begins", "begins_few_letters", "letters_missing", "two_thirds_missed", "other_word_begins",
    "begins_whole_words",
    "words_glued", "other_words", "small_words",
    "accent_added", "accent_left_out", "no_accent_typed",
)  # fmt: skip
"""In this order. Of "lost" to "far", the kinds of difference, one at most holds, and then also
"unheard" when it changes how the name sounds, and "short", the letters under eight."""
_AT = {clue: at for at, clue in enumerate(CLUES)}
_POPULATION, _ROUGH_COST = _AT["population"], _AT["rough_cost"]
_KIND, _UNHEARD, _SHORT = _AT["lost"], _AT["lost_unheard"], _AT["lost_short"]
_LOST, _ADDED, _WRONG, _SWAPPED, _TWO_EDITS, _FAR = range(6)
_ALMOST_HEARD, _SPELLED = _AT["almost_heard"], _AT["letters_of_the_sound"]
_LOST_DOUBLE, _LOST_LAST = _AT["lost_double"], _AT["lost_last"]
_ADDED_DOUBLE, _ADDED_LAST = _AT["added_double"], _AT["added_last"]
_ONE_SOUND, _TWO_SOUNDS = _AT["one_sound"], _AT["two_sounds"]
_WRONG_VOWEL = _AT["wrong_vowel"]
_OTHER_FIRST, _OTHER_LAST = _AT["other_first_letter"], _AT["other_last_letter"]
_BEGINS, _BEGINS_FEW, _MISSING = _AT["begins"], _AT["begins_few_letters"], _AT["letters_missing"]
_TWO_THIRDS = _AT["two_thirds_missed"]
_OTHER_WORD_BEGINS, _BEGINS_WHOLE = _AT["other_word_begins"], _AT["begins_whole_words"]
_GLUED, _OTHER_WORDS, _SMALL_WORDS = (_AT["words_glued"], _AT["other_words"], _AT["small_words"])
_ACCENT_ADDED, _ACCENT_LEFT = _AT["accent_added"], _AT["accent_left_out"]
_NO_ACCENT = _AT["no_accent_typed"]

_LIGATURES = frozenset("œæ")
_VOWELS = frozenset("aeiouy")
_EDITS_COMPARED = 2
_MOST_SPELLED = 4
_FEW_LETTERS = 5
_SHORT_BELOW = 8
_MOST_MISSING = 8
_LONGEST_COMPARED = 60


class Typed(NamedTuple):
    """A text, read once for all the towns it is compared with."""

    words: list[str]
    spaced: str
    lean: str
    accents: frozenset[str]


class Form(NamedTuple):
    """One way to write the text as a key, with what is worth counting once."""

    key: str
    heard: str
    edits: Callable[[str], int]


def read(words: list[str], lower: str) -> Typed:
    """`words` are plain and spelled out; `lower` is the text in lower case, with its accents."""
    accents = frozenset(sign for sign in lower if not sign.isascii() and sign.isalpha())
    spaced = " ".join(words)
    return Typed(words, spaced, lean(spaced), accents - _LIGATURES)


def form(key: str) -> Form:
    key = key[:_LONGEST_COMPARED]
    return Form(key, sounds(key), edits_from(key))


class Name(NamedTuple):
    """A town's name in the ways it is compared."""

    key: str
    spaced: str
    written: str
    heard: str
    prior: float


def clues(typed: Typed, form: Form, name: Name, cost: float) -> list[float]:
    """The value of each of CLUES."""
    found = [0.0] * len(CLUES)
    found[_POPULATION] = name.prior
    begins = len(name.key) > len(form.key) + 1 and name.key.startswith(form.key)
    if begins:
        _note_beginning(found, typed, form.key, name)
    elif form.key != name.key:
        if typed.lean == lean(name.spaced):
            found[_SMALL_WORDS] = 1.0
        else:
            _note_difference(found, form, name, cost)
            _note_words(found, typed, name)
    _note_accents(found, typed, name, begins)
    return found


def _kind(form: Form, name: str) -> int:
    key = form.key
    if one_edit_apart(key, name):
        longer = len(key) - len(name)
        if longer:
            return _ADDED if longer > 0 else _LOST
        return _SWAPPED if sorted(key) == sorted(name) else _WRONG
    return _TWO_EDITS if form.edits(name) <= _EDITS_COMPARED else _FAR


def _note_difference(found: list[float], form: Form, name: Name, cost: float) -> None:
    key, other = form.key, name.key
    kind = _kind(form, other)
    found[_KIND + kind] = 1.0
    found[_SHORT + kind] = float(max(0, _SHORT_BELOW - len(key)))
    if form.heard == name.heard:
        if kind >= _TWO_EDITS:
            _note_spelling(found, form, other)
    else:
        found[_UNHEARD + kind] = 1.0
        if kind == _FAR:
            found[_ROUGH_COST] = cost
        if one_edit_apart(form.heard, name.heard):
            found[_ALMOST_HEARD] = 1.0
    if kind <= _WRONG:
        _note_letter(found, kind, key, other)
    if key[:1] != other[:1]:
        found[_OTHER_FIRST] = 1.0
    if key[-1:] != other[-1:]:
        found[_OTHER_LAST] = 1.0


def _note_spelling(found: list[float], form: Form, other: str) -> None:
    """A sound written in another way is one slip, whatever its letters; two sounds are two."""
    key, edits = form.key, form.edits(other)
    start = _same_letters(key, other)
    end = min(_same_letters(key[::-1], other[::-1]), len(key) - start, len(other) - start)
    if edits < max(len(key), len(other)) - start - end:
        found[_TWO_SOUNDS] = 1.0
        found[_SPELLED] = float(min(edits, _MOST_SPELLED))
    elif sounds(key[start : len(key) - end]) == sounds(other[start : len(other) - end]):
        found[_ONE_SOUND] = 1.0


def _same_letters(one: str, other: str) -> int:
    """How many letters two words have in common from the start."""
    at, end = 0, min(len(one), len(other))
    while at < end and one[at] == other[at]:
        at += 1
    return at


def _note_letter(found: list[float], kind: int, key: str, other: str) -> None:
    """Which letter was lost, added or wrong."""
    at, end = _same_letters(key, other), min(len(key), len(other))
    if kind == _WRONG:
        found[_WRONG_VOWEL] = float(key[at] in _VOWELS and other[at] in _VOWELS)
        return
    longer = other if kind == _LOST else key
    double = at > 0 and longer[at] == longer[at - 1]
    found[_LOST_DOUBLE if kind == _LOST else _ADDED_DOUBLE] = float(double)
    found[_LOST_LAST if kind == _LOST else _ADDED_LAST] = float(at == end)


def _note_beginning(found: list[float], typed: Typed, key: str, name: Name) -> None:
    length, whole = len(typed.spaced), len(name.spaced)
    found[_BEGINS] = 1.0
    found[_BEGINS_FEW] = float(max(0, _FEW_LETTERS - len(key)))
    found[_MISSING] = float(min(len(name.key) - len(key), _MOST_MISSING))
    found[_TWO_THIRDS] = min(abs(whole - length - length / 2), _MOST_MISSING)
    if not name.spaced.startswith(typed.spaced):
        found[_OTHER_WORD_BEGINS] = 1.0
    elif name.spaced[length : length + 1] == " ":
        found[_BEGINS_WHOLE] = 1.0


def _note_words(found: list[float], typed: Typed, name: Name) -> None:
    """Words put together or apart."""
    if name.spaced.count(" ") + 1 != len(typed.words):
        found[_GLUED if len(typed.words) == 1 else _OTHER_WORDS] = 1.0


def _note_accents(found: list[float], typed: Typed, name: Name, begins: bool) -> None:
    """Accents typed and not in the name, and the other way; a beginning may end before them."""
    if typed.accents:
        accents = {sign for sign in name.written if not sign.isascii()} - _LIGATURES
        found[_ACCENT_ADDED] = float(len(typed.accents - accents))
        if not begins:
            found[_ACCENT_LEFT] = float(len(accents - typed.accents))
    elif not (begins or name.written.isascii()):
        found[_NO_ACCENT] = 1.0


@lru_cache(maxsize=1)
def weights() -> list[int]:
    written = json.loads(files(__package__).joinpath("weights.json").read_text("utf-8"))
    return [int(written[clue]) for clue in CLUES]


def score(found: list[float]) -> float:
    """The higher, the likelier."""
    return sum(map(mul, weights(), found))
