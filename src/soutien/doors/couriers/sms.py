"""Texts: 160 characters of the GSM alphabet, so that each is one text and not two.

The operator's courier is named by SOUTIEN_TEXT_COURIER; ``LocalMailbox`` is the simulator.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# 3GPP TS 23.038, the default alphabet, and the characters that take two places.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_DOUBLE = frozenset("\f^{}\\[~]|€")
LONGEST = 160
MOBILE = ("06", "07")
DIGITS = 10
INSTEAD = {
    "’": "'",
    "‘": "'",
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "…": "...",
    "–": "-",
    "œ": "oe",
    "Œ": "OE",
}
ABROAD_FRENCH = ("33", "262", "590", "594", "596")


def in_gsm(text: str) -> str:
    """The text in the GSM alphabet: accents that it lacks are left out, « ê » becomes « e »."""
    plain = "".join(INSTEAD.get(character, character) for character in text)
    return "".join(_in_gsm(character) for character in plain)


def _in_gsm(character: str) -> str:
    if character in GSM or character in GSM_DOUBLE:
        return character
    if character.isspace():
        return " "
    bare = unicodedata.normalize("NFKD", character)
    kept = "".join(part for part in bare if part in GSM)
    return kept or "?"


def places(text: str) -> int:
    """How many of the 160 places a text in the GSM alphabet takes."""
    return len(text) + sum(character in GSM_DOUBLE for character in text)


def one_text(choices: Iterable[str]) -> str:
    """The first of these that is one text; what is said first matters most.

    Raises ValueError when even the last is too long.
    """
    for choice in choices:
        text = in_gsm(choice)
        if places(text) <= LONGEST:
            return text
    raise ValueError(f"No choice fits in one text of {LONGEST} characters.")


def mobile(phone: str) -> str:
    """A French mobile number as it is dialled, or another number in full; empty for a landline."""
    digits = "".join(character for character in phone if character.isdecimal())
    abroad = phone.strip().startswith("+") or digits.startswith("00")
    if abroad:
        digits = digits.removeprefix("00")
        for code in ABROAD_FRENCH:
            rest = digits.removeprefix(code).removeprefix("0")
            if digits.startswith(code) and len(rest) == DIGITS - 1:
                return f"0{rest}" if rest[0] in "67" else ""
        return f"+{digits}" if digits else ""
    return digits if len(digits) == DIGITS and digits.startswith(MOBILE) else ""
