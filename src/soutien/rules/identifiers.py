"""Forms and keys of the identifiers that the law gives to professionals and their places.

RPPS: arrêté du 6 février 2009. ADELI: closed, its numbers remain in old papers. FINESS: arrêté du
13 novembre 2013. SIRET: code de commerce R123-221. Every function takes the identifier as it is
kept, without spaces; ``written`` takes the spaces away.
"""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s.\-\u00a0\u202f]")
_RPPS = re.compile(r"[0-9]{11}")
_FINESS = re.compile(r"([0-9]{2}|2[AB])[0-9]{7}")
_SIRET = re.compile(r"[0-9]{14}")
# Département (Corsica and overseas have a letter), profession 93, rank, key.
_ADELI = re.compile(r"(0[1-9]|[1-8][0-9]|9[0-9]|2[AB]|9[A-F])93[0-9]{5}")
# The letters of Corsica in a FINESS, as they count for the key.
_CORSICA = str.maketrans("AB", "12")
_BASE = 10
# The offices of La Poste share one SIREN and outgrew the usual key.
_LA_POSTE = "356000000"
_LA_POSTE_MODULUS = 5


def written(text: str) -> str:
    """The identifier without spaces, dots and hyphens, in capitals."""
    return _SEPARATORS.sub("", text).upper()


def luhn_holds(digits: str) -> bool:
    """Whether the last of these digits is the key of the others (ISO/IEC 7812-1, annex B)."""
    doubled = sum(sum(divmod(2 * int(digit), _BASE)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[-1::-2]))) % _BASE == 0


def rpps_holds(text: str) -> bool:
    """Whether this can be an RPPS number: eleven digits, the last a key."""
    return bool(_RPPS.fullmatch(text)) and text.isascii() and luhn_holds(text)


def finess_holds(text: str) -> bool:
    """Whether this can be a FINESS number: nine characters, the last a key."""
    return bool(_FINESS.fullmatch(text)) and luhn_holds(text.translate(_CORSICA))


def siret_holds(text: str) -> bool:
    """Whether this can be a SIRET number: fourteen digits, the last a key."""
    if not _SIRET.fullmatch(text):
        return False
    if text.startswith(_LA_POSTE) and not luhn_holds(text):
        return sum(map(int, text)) % _LA_POSTE_MODULUS == 0
    return luhn_holds(text)


def adeli_of_psychologist(text: str) -> bool:
    """Whether this has the form of a psychologist's former ADELI number; its key is not checked.

    Its first two characters are where the number was given, never where the psychologist works.
    """
    return bool(_ADELI.fullmatch(text))
