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

from soutien.registers.places.finder import key_costs, ranked
from soutien.registers.places.table import Table, table
from soutien.registers.places.spelling import edits, glued, plain

LONGEST_TEXT = 200
"""Characters that are read of a text; an address line is shorter, the rest is ignored."""

_POSTCODE = re.compile(r"\d{5}")
_DIGITS_OF_A_POSTCODE = 5
_ABBREVIATIONS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "nd": "notre dame",
    "s": "sur", "ss": "sous", "cedex": "", "cdx": "",
}  # fmt: skip
_CITIES = {"paris": ("751", 20), "lyon": ("6938", 9), "marseille": ("132", 16)}
_ROMAN = {
    "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10,
    "xi": 11, "xii": 12, "xiii": 13, "xiv": 14, "xv": 15, "xvi": 16, "xvii": 17, "xviii": 18,
    "xix": 19, "xx": 20,
}  # fmt: skip
_ORDINAL = re.compile(r"(\d{1,2}|[ivx]+)(?:er|e|eme|ieme|nd|nde|ere)?")
_STREET = frozenset(
    "rue avenue av boulevard bd place pl chemin ch allee allees impasse quai route rte cours "
    "square passage lotissement residence faubourg sentier".split()
)


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
        for key in (glued(plain(name)), code.lower())
    }


def numbers_matching(text: str, limit: int) -> list[int]:
    """Numbers in the table of the towns a text may mean, the likeliest first."""
    words = plain(text[:LONGEST_TEXT]).split()
    if not words or limit < 1:
        return []
    postcode = next((w for w in words if _POSTCODE.fullmatch(w)), None)
    if postcode is not None:
        found = _with_postcode(words, postcode, limit)
    elif len(words) == 1 and words[0][0].isdecimal():
        found = _starting_with(words[0], limit)
    else:
        found = _arrondissement(words) + _in_departement(words, limit)
    if len(found) < limit:
        found += [n for n in _named(_without_codes(words), text, limit + len(found))]
    return list(dict.fromkeys(found))[:limit]


def _without_codes(words: list[str]) -> list[str]:
    return [w for w in words if not _POSTCODE.fullmatch(w)]


def _starting_with(digits: str, limit: int) -> list[int]:
    """The towns of a postcode, a beginning of one, or an INSEE code."""
    known = table()
    number = known.number_of.get(digits.upper())
    found = [] if number is None else [number]
    if not digits.isdecimal() or len(digits) > _DIGITS_OF_A_POSTCODE:
        return found + _of_departement(known, digits)[:limit]
    by_postcode = _numbers_by_postcode()
    if digits in by_postcode:
        return by_postcode[digits] + found
    starting = {n for code, ns in by_postcode.items() if code.startswith(digits) for n in ns}
    return found + sorted(starting)[:limit]


def _of_departement(known: Table, code: str) -> list[int]:
    code = code.upper()
    if code not in known.departements:
        return []
    return [n for n, departement in enumerate(known.departement_of) if departement == code]


def _with_postcode(words: list[str], postcode: str, limit: int) -> list[int]:
    """Towns of the postcode by how much their name looks like the other words, if any."""
    known = table()
    at = words.index(postcode)
    numbers = _starting_with(postcode, limit)
    rest = [_ABBREVIATIONS.get(w, w) for w in words[at + 1 :] or words[:at]]
    written = glued(" ".join(rest))
    if not written:
        return numbers
    if not numbers:
        departement = postcode[:3] if postcode.startswith(("97", "98")) else postcode[:2]
        return _in_departement([*_without_codes(words), departement], limit)

    def off(number: int) -> int:
        key = known.keys[number]
        if key == written:
            return 0
        if written.startswith(key) or key.startswith(written):
            return 1
        return 2 + (3 if key in written else 3 + edits(key, written, 3))

    return sorted(numbers, key=lambda n: (off(n), n))


def _arrondissement(words: list[str]) -> list[int]:
    """[Lyon 3e] for "lyon 3", "lyon 3eme arrondissement", "lyon iii"."""
    if len(words) < 2 or words[0] not in _CITIES:
        return []
    written = _ORDINAL.fullmatch(words[1])
    if written is None:
        return []
    digits = written[1]
    wanted = int(digits) if digits.isdecimal() else _ROMAN.get(digits, 0)
    start, last = _CITIES[words[0]]
    if not 1 <= wanted <= last:
        return []
    code = f"{start}{wanted:0{_DIGITS_OF_A_POSTCODE - len(start)}d}"
    return [table().number_of[code]]


def _in_departement(words: list[str], limit: int) -> list[int]:
    """Towns named by the first words in the département named by the last ones, if any."""
    known = table()
    keys = _departement_keys()
    found: list[int] = []
    for cut in range(1, len(words)):
        code = keys.get("".join(words[cut:]))
        if code is None or len(words) - cut > 5:
            continue
        named = {
            number: cost
            for form in _forms(words[:cut])
            for number, cost in key_costs(form).items()
            if known.departement_of[number] == code
        }
        found += ranked(named, limit)
    whole = known.by_key.get(glued(" ".join(words)), [])
    return list(whole) + found


def _forms(words: list[str]) -> list[str]:
    """The keys a list of words may stand for: as typed, and with "st" spelled out."""
    spelled = [_ABBREVIATIONS.get(w, w) for w in words]
    if spelled[0] == "sur":
        spelled[0] = "saint"
    key = glued(" ".join(spelled))
    typed = "".join(words)
    forms = [key] if key else []
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


def _named(words: list[str], text: str, limit: int) -> list[int]:
    found: dict[int, float] = {}
    for form in _forms(words) if words else ():
        for number, cost in key_costs(form).items():
            if cost < found.get(number, math.inf):
                found[number] = cost
    return ranked(found, limit)
