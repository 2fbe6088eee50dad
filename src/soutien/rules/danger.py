"""Whether words sound like danger: then help stands first, whatever was asked."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files

LONGEST = 2_000
_BETWEEN = re.compile(r"[^a-z0-9]+")


def sounds_like_danger(text: str) -> bool:
    """True when the text holds words of danger, however they are accented or written."""
    said, unless = _patterns()
    folded = _folded(text[:LONGEST])
    return bool(said.search(unless.sub(" ", folded)))


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    text = (files("soutien.rules") / "danger_words.toml").read_text("utf-8")
    told = tomllib.loads(text)
    return _any_of(told["said"]), _any_of(told["unless"])


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_pattern(phrase)})" for phrase in phrases))


def _pattern(phrase: str) -> str:
    words = []
    for word in phrase.split(" "):
        if word == "…":
            words.append("(?:[a-z0-9]+ ){0,3}")
        elif word.endswith("*"):
            words.append(f"{_folded(word).strip()}[a-z]* ")
        else:
            words.append(f"{_folded(word).strip()} ")
    return " " + "".join(words)


def _folded(text: str) -> str:
    """Words between single spaces, one at each end."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return f" {_BETWEEN.sub(' ', bare).strip()} "
