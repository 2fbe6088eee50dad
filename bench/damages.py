"""Ways in which people damage the name of a town, drawn at random.

`DAMAGE` are the seven kinds that bench/towns.py has always reported. `ALSO` are four more that
the weights of the finder are fitted on besides (tools/fit_towns.py), `NEVER_SEEN` those that
nothing was fitted on. Every damage takes a name and dice, and gives None when the name cannot be
damaged in this way.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

Damage = Callable[[str, random.Random], str | None]
KEYBOARD = ("azertyuiop", "qsdfghjklm", "wxcvbn")
SMALL_WORDS = frozenset(
    ["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "sous", "sur"]
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SAME_SOUND = (
    ("eaux", "o"), ("eau", "o"), ("eau", "au"), ("au", "o"), ("o", "au"), ("ph", "f"), ("f", "ph"),
    ("qu", "k"), ("c(?=[aou])", "k"), ("c(?=[ei])", "s"), ("s(?=[ei])", "c"), ("ss", "c"),
    ("ai", "e"), ("ai", "é"), ("ei", "ai"), ("é", "er"), ("è", "ai"), ("ê", "ai"), ("y", "i"),
    ("i", "y"), ("th", "t"), ("h", ""), ("en", "an"), ("an", "en"), ("ain", "in"), ("in", "ain"),
    ("ein", "in"), ("ll", "l"), ("l", "ll"), ("tt", "t"), ("t(?=[aeiou])", "tt"), ("nn", "n"),
    ("n(?=[aeiou])", "nn"), ("mm", "m"), ("rr", "r"), ("ss", "s"), ("pp", "p"), ("ff", "f"),
    ("x$", ""), ("s$", ""), ("t$", ""), ("d$", ""), ("e$", ""), ("$", "s"), ("$", "e"),
    ("g(?=[ei])", "j"), ("ge(?=[ao])", "j"), ("gu(?=[ei])", "g"), ("z", "s"), ("s", "z"),
    ("x", "s"), ("œ", "e"), ("eu", "oe"), ("ç", "ss"), ("em", "am"), ("v", "w"), ("w", "v"),
)  # fmt: skip

SIMPLER = (
    ("eaux|eau|au", "o"), ("ph", "f"), ("qu", "k"), ("c(?=[ei])", "s"), ("c(?=[aou])", "k"),
    (r"(?<=l)l|(?<=n)n|(?<=r)r|(?<=t)t", ""), ("ai|ei", "é"), ("y", "i"), ("th", "t"), ("^h", ""),
    (r"(?<=\w\w)[sxtdpe]+$", ""),
)  # fmt: skip


def letter_lost(name: str, dice: random.Random) -> str | None:
    places = [i for i, c in enumerate(name) if c.isalpha()]
    at = dice.choice(places)
    return name[:at] + name[at + 1 :] if len(places) > 2 else None


def swap(name: str, dice: random.Random) -> str | None:
    places = [
        i for i, (a, b) in enumerate(zip(name, name[1:], strict=False))
        if a.isalpha() and b.isalpha() and a.lower() != b.lower()
    ]  # fmt: skip
    if not places or len(name) < 3:
        return None
    at = dice.choice(places)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def wrong_letter(name: str, dice: random.Random) -> str | None:
    places = [i for i, c in enumerate(name) if c.isalpha()]
    at = dice.choice(places)
    other = dice.choice([c for c in LETTERS if c != name[at].lower()])
    return name[:at] + other + name[at + 1 :] if len(places) > 2 else None


def saint_shortened(name: str, dice: random.Random) -> str | None:
    short = re.sub(r"\bSainte\b", dice.choice(("Ste", "ste", "Ste.")), name)
    short = re.sub(r"\bSaint\b", dice.choice(("St", "st", "St.")), short)
    if short == name:
        return None
    return dice.choice((short, short.replace("-", " ")))


def words_glued(name: str, dice: random.Random) -> str | None:
    together = re.sub(r"[ '\-]", "", name)
    return together if together != name else None


def sound_alike(name: str, dice: random.Random) -> str | None:
    low = name.lower()
    rules = [rule for rule in SAME_SOUND if re.search(rule[0], low)]
    for written, heard in dice.sample(rules, k=min(len(rules), dice.choice((1, 1, 2)))):
        spots = list(re.finditer(written, low))
        if spots:
            spot = dice.choice(spots)
            low = low[: spot.start()] + heard + low[spot.end() :]
    return low if low != name.lower() else None


def first_two_thirds(name: str, dice: random.Random) -> str | None:
    kept = name[: -(-2 * len(name) // 3)].rstrip(" -'")
    return kept if len(kept) > 2 else None


def letter_added(name: str, dice: random.Random) -> str | None:
    at = dice.randrange(1, len(name) + 1)
    near = name[at - 1].lower()
    return name[:at] + dice.choice([near, dice.choice(LETTERS)]) + name[at:]


def some_beginning(name: str, dice: random.Random) -> str | None:
    """From half of the name to all but its last letter."""
    kept = name[: dice.randrange(len(name) // 2, len(name))].rstrip(" -'")
    return kept if len(kept) > 2 else None


def neighbouring_key(name: str, dice: random.Random) -> str | None:
    """The key beside the right one, on a French keyboard."""
    places = [i for i, c in enumerate(name) if c.lower() in LETTERS]
    if len(places) < 3:
        return None
    at = dice.choice(places)
    row = next(row for row in KEYBOARD if name[at].lower() in row)
    here = row.index(name[at].lower())
    return (
        name[:at]
        + dice.choice(row[max(0, here - 1) : here] + row[here + 1 :][:1])
        + name[at + 1 :]
    )


def damaged_twice(name: str, dice: random.Random) -> str | None:
    """Two of: a letter lost, wrong, or swapped with the next."""
    if len(name) < 6:
        return None
    once = dice.choice((letter_lost, swap, wrong_letter))(name, dice)
    return once and dice.choice((letter_lost, swap, wrong_letter))(once, dice)


def by_ear(name: str, dice: random.Random) -> str | None:
    """Written as heard: each sound that can be spelled more simply is, two times in three."""
    low = name.lower()
    for written, heard in SIMPLER:
        whole = dice.random() < 1 / 3
        low = low if whole else re.sub(written, heard, low)
    return low if low != name.lower() and len(low) > 2 else None


def small_word_dropped(name: str, dice: random.Random) -> str | None:
    """Without one of its articles and prepositions."""
    words = re.split(r"[ '’\-]", name)
    small = [i for i, word in enumerate(words) if word.lower() in SMALL_WORDS]
    if not small or len(words) < 2:
        return None
    dropped = dice.choice(small)
    return " ".join(word for i, word in enumerate(words) if i != dropped)


def last_words_dropped(name: str, dice: random.Random) -> str | None:
    words = name.split("-")
    return "-".join(words[: dice.randrange(1, len(words))]) if len(words) > 2 else None


def typed_plainly(name: str) -> str:
    """As most people type: no capitals, no accents, spaces for hyphens."""
    low = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe"))
    return "".join(c for c in low if not unicodedata.combining(c)).replace("-", " ")


DAMAGE: dict[str, Damage] = {
    "letter lost": letter_lost,
    "swap": swap,
    "wrong letter": wrong_letter,
    '"st"': saint_shortened,
    "glued": words_glued,
    "sound-alike": sound_alike,
    "first two thirds": first_two_thirds,
}
ALSO: dict[str, Damage] = {
    "letter added": letter_added,
    "some beginning": some_beginning,
    "written by ear": by_ear,
    "small word dropped": small_word_dropped,
}
NEVER_SEEN: dict[str, Damage] = {
    "neighbouring key": neighbouring_key,
    "damaged twice": damaged_twice,
    "last words dropped": last_words_dropped,
}
