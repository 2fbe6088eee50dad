"""Forms and keys of the numbers that people, professionals and their places are known by.

- NIR: décret 82-103 du 22 janvier 1982 (thirteen characters; the key is two more). Provisional
  numbers: one given while a person is being registered is made as a NIR (circulaire DSS/SD4C
  2012-213 du 1er juin 2012), some begin with 3 or 4; with 7 or 8 begins a fund's own number,
  where neither month nor place of birth is written.
- RPPS: arrêté du 6 février 2009. ADELI: closed, its numbers remain in old papers.
- FINESS: arrêté du 13 novembre 2013. SIRET: code de commerce R123-221.

Every function takes the identifier as it is kept, without spaces; ``written`` takes the spaces
away. ``…_fault`` says what is wrong with it first, None when nothing is.
"""

from __future__ import annotations

import re
from enum import StrEnum

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2013\u00a0\u202f]")
_DIGITS = re.compile(r"[0-9]+")
_FINESS = re.compile(r"([0-9]{2}|2[AB])[0-9]{7}")
_NIR = re.compile(r"[0-9]{5}([0-9]{2}|2[AB])[0-9]{8}")
# Département (Corsica and overseas have a letter), profession 93, rank, key.
_ADELI = re.compile(r"(0[1-9]|[1-8][0-9]|9[0-9]|2[AB]|9[A-F])93[0-9]{5}")
RPPS_LENGTH, FINESS_LENGTH, SIRET_LENGTH, NIR_LENGTH = 11, 9, 14, 15
# The letters of Corsica in a FINESS, as they count for the key.
_CORSICA = str.maketrans("AB", "12")
_BASE = 10
# The offices of La Poste share one SIREN and outgrew the usual key.
_LA_POSTE = "356000000"
_LA_POSTE_MODULUS = 5

_NIR_MODULUS = 97
_NIR_BODY = 13
# What a département of Corsica counts as for the key of a NIR.
_CORSICA_IN_NIR = {"2A": "19", "2B": "18"}
_SEX_OR_PROVISIONAL = frozenset("123478")
# Given by a fund: after the sex, the numbers are its own.
_OF_A_FUND = frozenset("78")
# 20 to 30 and from 50 on where the certificate of birth tells no month; 31 to 42 are January to
# December once more, for those whose certificate is incomplete.
_MONTHS = frozenset([*range(1, 13), *range(20, 43), *range(50, 100)])
# Nobody was born in département 00: it is that of numbers that wait for a place, and of ours for
# demonstrations and tests.
_NOWHERE = "00"
_OVERSEAS = frozenset(["97", "98"])


class Fault(StrEnum):
    """What is wrong first with an identifier. Codes are never renamed."""

    LENGTH = "length"
    CHARACTERS = "characters"
    SEX = "sex"
    MONTH = "month"
    PLACE = "place"
    RANK = "rank"
    KEY = "key"


def written(text: str) -> str:
    """The identifier without spaces, dots and hyphens, in capitals."""
    return _SEPARATORS.sub("", text).upper()


def luhn_holds(digits: str) -> bool:
    """Whether the last of these digits is the key of the others (ISO/IEC 7812-1, annex B)."""
    doubled = sum(sum(divmod(2 * int(digit), _BASE)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[-1::-2]))) % _BASE == 0


def nir_fault(text: str) -> Fault | None:
    """What is wrong first with a social security number of thirteen characters and its key.

    Numbers that a fund gave while the true one is sought (7, 8) hold no month and no place.
    """
    if len(text) != NIR_LENGTH:
        return Fault.LENGTH
    if not _NIR.fullmatch(text):
        return Fault.CHARACTERS
    if text[0] not in _SEX_OR_PROVISIONAL:
        return Fault.SEX
    if text[0] not in _OF_A_FUND:
        if int(text[3:5]) not in _MONTHS:
            return Fault.MONTH
        if not _place_holds(text[5:10]):
            return Fault.PLACE
        if text[5:7] != _NOWHERE and text[10:13] == "000":
            return Fault.RANK
    return None if text[_NIR_BODY:] == nir_key(text[:_NIR_BODY]) else Fault.KEY


def _place_holds(place: str) -> bool:
    """Département and commune; overseas three characters and two; 99 and a country."""
    departement, commune = place[:2], place[2:]
    if departement == _NOWHERE:
        return True
    if departement in _OVERSEAS:
        return place[2] != "0" and place[3:] != "00"
    return commune != "000"


def nir_key(body: str) -> str:
    """The key of the thirteen characters of a NIR, as two digits."""
    departement = _CORSICA_IN_NIR.get(body[5:7], body[5:7])
    return f"{_NIR_MODULUS - int(body[:5] + departement + body[7:]) % _NIR_MODULUS:02}"


def nir_holds(text: str) -> bool:
    """Whether this can be a social security number, provisional ones included."""
    return nir_fault(text) is None


def nir_tells_birth(nir: str) -> bool:
    """Whether a NIR says when and where its person was born; numbers given by a fund do not."""
    return nir[0] not in _OF_A_FUND


def _digits_fault(text: str, length: int) -> Fault | None:
    if len(text) != length:
        return Fault.LENGTH
    return None if _DIGITS.fullmatch(text) else Fault.CHARACTERS


def rpps_fault(text: str) -> Fault | None:
    """What is wrong first with an RPPS number: eleven digits, the last a key."""
    fault = _digits_fault(text, RPPS_LENGTH)
    return fault or (None if luhn_holds(text) else Fault.KEY)


def finess_fault(text: str) -> Fault | None:
    """What is wrong first with a FINESS number: nine characters, the last a key."""
    if len(text) != FINESS_LENGTH:
        return Fault.LENGTH
    if not _FINESS.fullmatch(text):
        return Fault.CHARACTERS
    return None if luhn_holds(text.translate(_CORSICA)) else Fault.KEY


def siret_fault(text: str) -> Fault | None:
    """What is wrong first with a SIRET number: fourteen digits, the last a key."""
    fault = _digits_fault(text, SIRET_LENGTH)
    if fault or luhn_holds(text):
        return fault
    of_la_poste = text.startswith(_LA_POSTE) and sum(map(int, text)) % _LA_POSTE_MODULUS == 0
    return None if of_la_poste else Fault.KEY


def rpps_holds(text: str) -> bool:
    """Whether this can be an RPPS number."""
    return rpps_fault(text) is None


def finess_holds(text: str) -> bool:
    """Whether this can be a FINESS number."""
    return finess_fault(text) is None


def siret_holds(text: str) -> bool:
    """Whether this can be a SIRET number."""
    return siret_fault(text) is None


def adeli_of_psychologist(text: str) -> bool:
    """Whether this has the form of a psychologist's former ADELI number; its key is not checked.

    Its first two characters are where the number was given, never where the psychologist works.
    """
    return bool(_ADELI.fullmatch(text))
