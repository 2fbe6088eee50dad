"""How a town's name is written, misspelled and heard.

Each function that says "lines" works on a whole text at once, one name a line: the same code
prepares the 35,000 names (in a few milliseconds, because `str.replace` runs over all of them)
and a single query.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_LIGATURES = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"}


def _plain_sign(sign: str) -> str:
    """The ASCII letters of an accented one or a ligature; a space for what is no letter."""
    letters = [
        c
        for c in unicodedata.normalize("NFKD", _LIGATURES.get(sign, sign)).casefold()
        if not unicodedata.combining(c)
    ]
    return "".join([c if c.isalnum() else " " for c in letters])


def plain(lines: str) -> str:
    """Lower case without accents; hyphens, apostrophes and other signs become spaces."""
    folded = lines.casefold()
    for sign in set(folded):
        if not (sign.isascii() and sign.isalnum()) and sign not in " \n":
            folded = folded.replace(sign, _plain_sign(sign))
    return folded


def glued(plain_lines: str) -> str:
    """The same lines without spaces: "la fere", "lafere" and "la-fère" become one key."""
    return plain_lines.replace(" ", "")


_SMALL_WORDS = re.compile(
    r"(?<![^ \n])(?:a|au|aux|d|de|des|du|en|et|l|la|le|les|sous|sur)(?: |(?=\n)|$)"
)


def lean(plain_lines: str) -> str:
    """The same lines, glued, without articles and small prepositions."""
    return glued(_SMALL_WORDS.sub("", plain_lines))


# In order. "\n" is the edge of a name; capitals are sounds already decided.
_HEARD = (
    ("ph", "f"), ("sch", "X"), ("sh", "X"), ("ch", "X"), ("h", ""), ("w", "v"),
    ("eau", "o"), ("au", "o"), ("oeu", "e"), ("oe", "e"), ("eu", "e"),
    ("qu", "k"), ("q", "k"), ("gue", "Ge"), ("gui", "Gi"), ("guy", "Gi"),
    ("gea", "ja"), ("geo", "jo"), ("ge", "je"), ("gi", "ji"), ("gy", "ji"), ("G", "g"),
    ("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("x", "s"), ("z", "s"), ("y", "i"),
    ("X", "x"),
    ("aim", "in"), ("ain", "in"), ("ein", "in"), ("ai", "e"), ("ei", "e"),
    ("ers\n", "e\n"), ("er\n", "e\n"), ("et\n", "e\n"),
    ("mp", "np"), ("mb", "nb"), ("en", "an"), ("un", "in"),
    ("bb", "b"), ("dd", "d"), ("ff", "f"), ("gg", "g"), ("kk", "k"), ("ll", "l"), ("mm", "m"),
    ("nn", "n"), ("pp", "p"), ("rr", "r"), ("ss", "s"), ("ss", "s"), ("tt", "t"), ("ii", "i"),
    ("ee", "e"), ("oo", "o"), ("aa", "a"),
    ("s\n", "\n"), ("e\n", "\n"), ("s\n", "\n"), ("t\n", "\n"), ("d\n", "\n"), ("p\n", "\n"),
    ("e\n", "\n"),
)  # fmt: skip
_NO_VOWEL = str.maketrans("", "", "aeiou")


def sounds(glued_lines: str) -> str:
    """What a French speaker hears, roughly: names that sound alike get equal lines."""
    heard = f"\n{glued_lines}\n"
    for written, sound in _HEARD:
        heard = heard.replace(written, sound)
    return heard[1:-1]


def skeletons(heard_lines: str) -> str:
    """The consonants of `sounds`, with a mark when the name starts with a vowel."""
    bones = f"\n{heard_lines}"
    for vowel in "aeiou":
        bones = bones.replace("\n" + vowel, "\n@")
    return bones.translate(_NO_VOWEL)[1:]


def edits_from(word: str) -> Callable[[str], int]:
    """A function that counts the letters lost, added, wrong or swapped between `word` and another.

    Hyyrö's bit-parallel count (2003): a column of the usual table of distances is two integers,
    so that a name costs a few operations a letter, whatever the distance.
    """
    places: dict[str, int] = {}
    for at, letter in enumerate(word):
        places[letter] = places.get(letter, 0) | 1 << at
    length = len(word)
    every = (1 << length) - 1
    last = 1 << length >> 1

    def edits(other: str) -> int:
        count, up, down, kept, before = length, every, 0, 0, 0
        for letter in other:
            same = places.get(letter, 0)
            swapped = ((~kept & same) << 1) & before
            kept = (((same & up) + up) ^ up) | same | down | swapped
            right = down | ~(kept | up)
            left = kept & up
            if right & last:
                count += 1
            elif left & last:
                count -= 1
            right = right << 1 | 1
            up = (left << 1 | ~(kept | right)) & every
            down = right & kept & every
            before = same
        return count if length else len(other)

    return edits


def one_edit_apart(a: str, b: str) -> bool:
    """True when one letter lost, added, wrong or swapped makes `b` of `a`; equal words are not."""
    at = 0
    for letter, other in zip(a, b, strict=False):
        if letter != other:
            break
        at += 1
    longer = len(a) - len(b)
    if longer == 1:
        return a[at + 1 :] == b[at:]
    if longer == -1:
        return a[at:] == b[at + 1 :]
    if longer or at == len(a):
        return False
    if a[at + 1 :] == b[at + 1 :]:
        return True
    return a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :]
