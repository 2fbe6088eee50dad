"""Cents, the only rounding, and how money is written."""

from __future__ import annotations

from functools import lru_cache

_HUNDRED = 100
NARROW_SPACE = "\u202f"
FIXED_SPACE = "\u00a0"


def share_cents(amount_cents: int, rate_percent: int) -> int:
    """A percentage of an amount, to the nearest cent, half a cent going up.

    The tariffs of the programme give whole cents; the rounding serves what-if laws.
    """
    return (amount_cents * rate_percent + _HUNDRED // 2) // _HUNDRED


@lru_cache(maxsize=4096)
def euros(cents: int, lang: str = "fr") -> str:
    """An amount as people write it: ``1 250 €``, ``12,50 €`` in French, ``€12.50`` in English."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), _HUNDRED)
    if lang == "en":
        return f"{sign}€{whole:,}" + (f".{rest:02d}" if rest else "")
    grouped = f"{whole:,}".replace(",", NARROW_SPACE)
    return f"{sign}{grouped}" + (f",{rest:02d}" if rest else "") + f"{FIXED_SPACE}€"
