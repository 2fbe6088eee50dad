"""The piece of a text that answers best, with the words asked for marked."""

from __future__ import annotations

from typing import NamedTuple

from soutien.registers.contents import words
from soutien.registers.contents.search.asked import Asked

LENGTH = 220
# Words further down are not looked for: nobody needs a better extract than that.
READ = 6_000


class Piece(NamedTuple):
    """Some letters of an extract, marked or not."""

    text: str
    marked: bool


def marked(text: str, asked: Asked) -> list[Piece]:
    """A text, with the words asked for marked."""
    return _cut(text, _places(text, asked), 0, len(text))


def extract(text: str, asked: Asked, length: int = LENGTH) -> list[Piece]:
    """The piece of a text with most of the words asked for, else its beginning."""
    text = text[:READ]
    places = _places(text, asked)
    start = _best(places, length)
    if start:
        # From the beginning of a word, with a little before the first one marked.
        start = text.rfind(" ", 0, max(0, start - length // 5)) + 1
    end = len(text) if start + length >= len(text) else text.rfind(" ", start, start + length)
    end = end if end > start else min(len(text), start + length)
    pieces = _cut(text, places, start, end)
    if start:
        pieces.insert(0, Piece("… ", marked=False))
    if end < len(text):
        pieces.append(Piece(" …", marked=False))
    return pieces


def _places(text: str, asked: Asked) -> list[tuple[int, int, str]]:
    """Where the words asked for stand, and which they are."""
    stems = {term.stem for term in asked.terms}
    begun = tuple(t.folded for t in asked.terms if len(t.folded) >= words.SHORTEST)
    exact = {word for phrase in asked.phrases for word in phrase}
    found = []
    for match in words.WORD.finditer(text):
        folded = words.fold(match[0])
        if folded in exact:
            found.append((match.start(), match.end(), folded))
        elif words.small(folded, asked.language):
            continue
        elif (stem := words.stem(folded, asked.language)) in stems:
            found.append((match.start(), match.end(), stem))
        elif begun and folded.startswith(begun):
            found.append((match.start(), match.end(), folded))
    return found


def _best(places: list[tuple[int, int, str]], length: int) -> int:
    """Where the window begins that has most different words."""
    best, start, first = 0, 0, 0
    for last, (_begin, end, _word) in enumerate(places):
        while end - places[first][0] > length * 4 // 5:
            first += 1
        different = len({word for _b, _e, word in places[first : last + 1]})
        if different > best:
            best, start = different, places[first][0]
    return start


def _cut(text: str, places: list[tuple[int, int, str]], start: int, end: int) -> list[Piece]:
    pieces, at = [], start
    for begin, stop, _word in places:
        if begin < start or stop > end:
            continue
        if begin > at:
            pieces.append(Piece(text[at:begin], marked=False))
        pieces.append(Piece(text[begin:stop], marked=True))
        at = stop
    if at < end:
        pieces.append(Piece(text[at:end], marked=False))
    return pieces
