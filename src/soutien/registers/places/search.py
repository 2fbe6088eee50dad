"""Reads what a person typed (a name, a postcode, a département, an address) and finds the towns.

towns_matching("craponne 69")      Craponne in the Rhône first
towns_matching("69290")            the towns of that postcode
towns_matching("st etiene")        Saint-Étienne first
towns_matching("Paris 3e")         the arrondissement first
towns_matching("12 rue Haute 69290 Craponne")
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from functools import lru_cache
from unicodedata import normalize

from soutien.registers.places.finder import Meant, inside_costs, key_costs, lean_costs, ranked
from soutien.registers.places.spelling import edits_from, glued, plain
from soutien.registers.places.table import table

LONGEST_TEXT = 200
"""Characters that are read of a text; an address line is shorter, the rest is ignored."""

_POSTCODE = re.compile(r"\d{5}")
_DIGITS_OF_A_POSTCODE = 5
_ABBREVIATIONS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "nd": "notre dame",
    "s": "sur", "ss": "sous", "mt": "mont", "cedex": "", "cdx": "",
}  # fmt: skip
_CITIES = {"paris": ("751", 20), "lyon": ("6938", 9), "marseille": ("132", 16)}
_ROMAN = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10,
    "xi": 11, "xii": 12, "xiii": 13, "xiv": 14, "xv": 15, "xvi": 16, "xvii": 17, "xviii": 18,
    "xix": 19, "xx": 20,
}  # fmt: skip
_ORDINAL = re.compile(r"(\d{1,2}|[ivx]+)(?:er|e|eme|ieme|nd|nde|ere)?")
_ARRONDISSEMENT = "arrondissement"
_STREETS = frozenset(
    ["rue", "avenue", "av", "boulevard", "bd", "place", "chemin", "allee", "impasse", "quai",
     "route", "cours", "square", "passage", "residence", "lotissement", "faubourg"]
)  # fmt: skip
_LONGEST_DEPARTEMENT = 6
"""Words in the longest name of a département, and one more."""
_LAST_WORDS = 3
_GOOD_COST = 3.0
"""A damage small enough for a text not to be read in another way."""


@lru_cache(maxsize=1)
def _numbers_by_postcode() -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, postcodes in enumerate(table().postcode_lists):
        for postcode in postcodes.split():
            found[postcode].append(number)
    return dict(found)


@lru_cache(maxsize=1)
def _departement_keys() -> dict[str, str]:
    """Glued name of a département, and its code, -> its code."""
    return {
        key: code
        for code, name in table().departements.items()
        for key in (glued(plain(name)), glued(plain(name.removeprefix("La "))), code.lower())
    }


def numbers_matching(text: str, limit: int) -> list[int]:
    """Numbers in the table of the towns a text may mean, the likeliest first."""
    words = plain(text[:LONGEST_TEXT]).split()
    if words[1:] and words[-1] == "france" and not _exactly(words):
        words.pop()
    if not words or limit < 1:
        return []
    postcode = next((w for w in words if _POSTCODE.fullmatch(w)), None)
    if postcode is not None:
        found = _with_postcode(words, postcode)
    elif len(words) == 1 and words[0][0].isdecimal():
        found = _starting_with(words[0])
    else:
        found = _exactly(words) + _arrondissement(words) + _in_departement(words, limit)
    if len(found) < limit:
        names = [w for w in words if not _POSTCODE.fullmatch(w)]
        found += _named(names, text, limit, may_be_an_address=not found)
    return list(dict.fromkeys(found))[:limit]


def _starting_with(digits: str) -> list[int]:
    """The towns of a postcode, of a beginning of one, of a département, or an INSEE code."""
    known = table()
    number = known.number_of.get(digits.upper())
    found = [] if number is None else [number]
    if not digits.isdecimal():
        return found + _of_departement(digits.upper())
    by_postcode = _numbers_by_postcode()
    if digits in by_postcode:
        # Some postcodes are the INSEE code of another town: people know the postcode.
        return sorted(by_postcode[digits], key=_arrondissements_first)
    starting = {n for code, ns in by_postcode.items() if code.startswith(digits) for n in ns}
    return found + sorted(starting)


def _arrondissements_first(number: int) -> tuple[bool, int]:
    """Paris has all its postcodes: its arrondissement says more."""
    return not table().keys[number].endswith(_ARRONDISSEMENT), number


def _of_departement(code: str) -> list[int]:
    return [n for n, departement in enumerate(table().departement_of) if departement == code]


def _with_postcode(words: list[str], postcode: str) -> list[int]:
    """Towns of the postcode by how much their name looks like the other words, if any."""
    known = table()
    at = words.index(postcode)
    numbers = _starting_with(postcode)
    rest = [_ABBREVIATIONS.get(w, w) for w in words[at + 1 :] or words[:at]]
    written = glued(" ".join(rest))
    if not written:
        return numbers
    if not numbers:
        departement = postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]
        return _in_departement([*(w for w in words if w != postcode), departement], len(words))
    looks = {n: _likeness(known.keys[n], written) for n in numbers}
    return sorted(numbers, key=lambda n: (looks[n], _arrondissements_first(n)))


def _likeness(key: str, written: str) -> int:
    """0 for the same name, then how far the best reading is; a whole address may be given."""
    if key == written or (key.startswith(written) and key.endswith(_ARRONDISSEMENT)):
        return 0
    if written.startswith(key) or key.startswith(written) or written.endswith(key):
        return 1
    return 1 + edits_from(key)(written)


def _arrondissement(words: list[str]) -> list[int]:
    """[Lyon 3e] for "lyon 3", "lyon 3eme arrondissement", "lyon iii"."""
    if words[0] not in _CITIES:
        return []
    written = _ORDINAL.fullmatch(words[1]) if words[1:] else None
    if written is None:
        return []
    digits = written[1]
    wanted = int(digits) if digits.isdecimal() else _ROMAN.get(digits, 0)
    start, last = _CITIES[words[0]]
    if not 1 <= wanted <= last:
        return []
    code = f"{start}{wanted:0{_DIGITS_OF_A_POSTCODE - len(start)}d}"
    return [table().number_of[code]]


def _exactly(words: list[str]) -> list[int]:
    return list(table().by_key.get(_forms(words)[0], ()))


def departement_meant(text: str) -> str | None:
    """The code of the département a text names, whole, or is the code of."""
    return _departement_keys().get(glued(plain(text[:LONGEST_TEXT])))


def _in_departement(words: list[str], limit: int) -> list[int]:
    """Towns named by the first words in the département named by the last ones, if any.

    A département alone gives its towns.
    """
    keys = _departement_keys()
    found: list[int] = []
    for cut in range(max(0, len(words) - _LONGEST_DEPARTEMENT), len(words)):
        code = keys.get("".join(words[cut:]))
        if code is None:
            continue
        if cut == 0:
            return found + _of_departement(code)
        found += ranked(meant_by(words[:cut]).within(code), limit)
    return found


def _spelled_out(words: list[str]) -> list[str]:
    spelled = [_ABBREVIATIONS.get(w, w) for w in words]
    if words[0] == "s":
        spelled[0] = "saint"
    return spelled


def _forms(words: list[str]) -> list[str]:
    """The keys a list of words may stand for: as typed, and with "st" spelled out."""
    spelled = _spelled_out(words)
    key = glued(" ".join(spelled))
    typed = "".join(words)
    forms = [key or typed]
    by_key = table().by_key
    if typed != key and typed in by_key:
        forms.append(typed)
    if spelled == words and "st" in typed:
        forms += _glued_saints(typed)
    return forms


def _glued_saints(typed: str) -> list[str]:
    known = table()
    forms = []
    for match in re.finditer("ste?", typed):
        for short, long in (("st", "saint"), ("ste", "sainte")):
            if match[0].startswith(short):
                form = typed[: match.start()] + long + typed[match.start() + len(short) :]
                if form in known.by_key or (match.start() == 0 and known.with_prefix(form)):
                    forms.append(form)
    return forms


def meant_by(words: list[str]) -> Meant:
    """The towns these words may name, over all the ways to read them."""
    found: dict[int, float] = {}
    keys: dict[int, str] = {}
    spelled = _spelled_out(words)
    spaced = " ".join(spelled) + " "
    forms = _forms(words)
    for form in forms:
        for number, cost in key_costs(form, spaced).items():
            if cost < found.get(number, math.inf):
                found[number] = cost
                keys[number] = form
    if min(found.values(), default=math.inf) > _GOOD_COST:
        for number, cost in [*inside_costs(words).items(), *lean_costs(spelled).items()]:
            found[number] = min(cost, found.get(number, math.inf))
            keys.setdefault(number, forms[0])
    return Meant(spelled, found, keys)


def written_with_accents(text: str) -> str:
    """The text in lower case, each accent in one sign with its letter."""
    return normalize("NFC", text[:LONGEST_TEXT]).lower()


def _named(words: list[str], text: str, limit: int, *, may_be_an_address: bool) -> list[int]:
    if not words:
        return []
    found = meant_by(words)
    lower = written_with_accents(text)
    if len(words) == 1 or not may_be_an_address or found.lowest <= _GOOD_COST:
        return ranked(found, limit, lower)
    ends = _end_of_an_address(words, text, limit)
    if words[0][0].isdecimal() or "," in text or _STREETS.intersection(words):
        return ends + ranked(found, limit)
    return ranked(found, limit) + ends


def _end_of_an_address(words: list[str], text: str, limit: int) -> list[int]:
    """Towns named after the last comma, else by the last words, the longest name first."""
    after_comma = plain(text[:LONGEST_TEXT].rpartition(",")[2]).split()
    if "," in text and after_comma and after_comma != words:
        return ranked(meant_by(after_comma), limit)
    ends = [words[cut:] for cut in range(1, len(words))]
    found = [number for end in ends for number in _exactly(end)]
    if not found:
        for end in ends[-_LAST_WORDS:]:
            found += ranked(meant_by(end).at_most(_GOOD_COST), limit)
    return found
