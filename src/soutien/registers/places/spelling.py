"""How a town's name is written, misspelled and heard.

Each function that says "lines" works on a whole text at once, one name a line: the same code
prepares the 35,000 names (in a few milliseconds, because `str.replace` runs over all of them)
and a single query.
"""

from __future__ import annotations

import unicodedata

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


# In order. "\n" is the edge of a name; capitals are sounds already decided.
_HEARD = (
    ("ph", "f"), ("sch", "X"), ("sh", "X"), ("ch", "X"), ("h", ""), ("w", "v"),
    ("eau", "o"), ("au", "o"), ("oeu", "e"), ("oe", "e"), ("eu", "e"),
    ("qu", "k"), ("q", "k"), ("gue", "Ge"), ("gui", "Gi"), ("guy", "Gi"),
    ("gea", "ja"), ("geo", "jo"), ("ge", "je"), ("gi", "ji"), ("gy", "ji"), ("G", "g"),
    ("ce", "se"), ("ci", "si"), ("cy", "si"), ("c", "k"), ("x", "s"), ("z", "s"), ("y", "i"),
    ("X", "x"),
    ("aim", "in"), ("ain", "in"), ("ein", "in"), ("ai", "e"), ("ei", "e"),
    ("er\n", "e\n"), ("et\n", "e\n"), ("mp", "np"), ("mb", "nb"), ("en", "an"), ("un", "in"),
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


def edits(a: str, b: str, most: int, start: int = 0, begun: int = 0) -> int:
    """Letters lost, added, wrong or swapped with the next between two words; > `most`: stops.

    `start` and `begun` are where each word is read from.
    """
    length_a, length_b = len(a), len(b)
    if abs((length_a - start) - (length_b - begun)) > most:
        return most + 1
    while start < length_a and begun < length_b and a[start] == b[begun]:
        start += 1
        begun += 1
    if start == length_a or begun == length_b:
        return (length_a - start) + (length_b - begun)
    if most == 0:
        return 1
    best = edits(a, b, most - 1, start + 1, begun + 1)
    if best:
        best = min(best, edits(a, b, most - 1, start + 1, begun))
    if best:
        best = min(best, edits(a, b, most - 1, start, begun + 1))
    if best and a[start : start + 2] == b[begun : begun + 2][::-1]:
        best = min(best, edits(a, b, most - 1, start + 2, begun + 2))
    return best + 1


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
