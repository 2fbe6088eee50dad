"""The beads of the year: one bead for each session the law gives, with its sentence.

Filled is held, ring is booked, small is free; the evaluation is the square bead; a refused
or missed session is an open notch under the thread, because it takes no bead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

State = Literal["used", "booked", "free"]

STEP = 30
ROW = 12
ROW_HEIGHT = 40
SIZES: dict[State, float] = {"used": 9.0, "booked": 8.5, "free": 4.5}


@dataclass(frozen=True)
class Bead:
    """One bead where it is drawn; ``size`` is half its width, in the picture's units."""

    state: State
    evaluation: bool
    x: float
    y: float
    size: float

    @property
    def left(self) -> float:
        return self.x - self.size

    @property
    def top(self) -> float:
        return self.y - self.size

    @property
    def width(self) -> float:
        return self.size * 2


@dataclass(frozen=True)
class Notch:
    """A session that took no bead: refused, or missed."""

    x: float
    y: float


@dataclass(frozen=True)
class Beads:
    """A picture of the year and the sentence that says the same."""

    beads: tuple[Bead, ...]
    notches: tuple[Notch, ...]
    threads: tuple[str, ...]
    width: int
    height: int
    sentence: str
    shown_sentence: bool = True


def _sag(column: int, columns: int, depth: float) -> float:
    """How far a hanging thread is below its ends, at one column."""
    if columns <= 1:
        return 0.0
    along = 2 * column / (columns - 1) - 1
    return round(depth * (1 - along * along), 1)


def _states(used: int, booked: int, free: int) -> Iterator[State]:
    return chain(repeat("used", used), repeat("booked", booked), repeat("free", free))


def string_beads(
    states: Iterable[tuple[State, bool]], *, refused: int, sentence: str, sag: float = 3.0
) -> Beads:
    """Beads in their order, ``(state, is the evaluation)`` each, twelve to a row at most."""
    wanted = list(states)
    columns = min(ROW, max(len(wanted), 1))
    beads: list[Bead] = []
    threads: list[str] = []
    for index, (state, evaluation) in enumerate(wanted):
        row, column = divmod(index, ROW)
        y = 16 + row * ROW_HEIGHT + _sag(column, columns, sag)
        beads.append(Bead(state, evaluation, STEP / 2 + column * STEP, y, SIZES[state]))
    width = columns * STEP
    rows = max(1, -(-len(wanted) // ROW))
    for row in range(rows):
        y = 16 + row * ROW_HEIGHT
        threads.append(f"M0 {y}Q{width / 2} {y + 2 * sag} {width} {y}")
    base = 16 + (rows - 1) * ROW_HEIGHT + sag
    notches = tuple(Notch(STEP / 2 + n * STEP / 2, base + 18) for n in range(refused))
    height = int(base + (32 if refused else 16))
    return Beads(tuple(beads), notches, tuple(threads), width, height, sentence)


def beads_of_year(
    *,
    civil_year: int,
    cap: int | None,
    used: int,
    booked: int,
    refused: int = 0,
    evaluation_taken: bool = True,
    sag: float = 3.0,
) -> Beads:
    """The year in beads from its counts. ``cap`` is None where the law sets no number.

    The first bead is the evaluation when it is taken, or when nothing is taken yet;
    a year that began with a follow-up (R-063) has round beads only.
    """
    left = max(0, (cap or 0) - used - booked)
    first_is_evaluation = evaluation_taken or used + booked == 0
    states = (
        (state, index == 0 and first_is_evaluation)
        for index, state in enumerate(_states(used, booked, left))
    )
    sentence = year_in_words(
        civil_year=civil_year,
        used=used,
        booked=booked,
        left=None if cap is None else left,
        refused=refused,
    )
    return string_beads(states, refused=refused, sentence=sentence, sag=sag)


def year_in_words(
    *, civil_year: int, used: int, booked: int, left: int | None, refused: int = 0
) -> str:
    """« 4 séances faites, 2 réservées, 6 restent en 2026 », in the reader's language."""
    said = []
    if used:
        said.append(ngettext("%(n)s séance faite", "%(n)s séances faites", used) % {"n": used})
    if booked:
        said.append(ngettext("%(n)s réservée", "%(n)s réservées", booked) % {"n": booked})
    if left is None:
        said.append(_("aucune limite en %(year)s") % {"year": civil_year})
    elif left and not said:
        said.append(
            ngettext("%(n)s séance en %(year)s", "%(n)s séances en %(year)s", left)
            % {"n": left, "year": civil_year}
        )
    elif left:
        said.append(
            ngettext("%(n)s reste en %(year)s", "%(n)s restent en %(year)s", left)
            % {"n": left, "year": civil_year}
        )
    else:
        said.append(_("il n’en reste plus en %(year)s") % {"year": civil_year})
    sentence = ", ".join(said)
    if refused:
        sentence += (
            " ("
            + (
                ngettext(
                    "%(n)s séance manquée ou refusée ne compte pas",
                    "%(n)s séances manquées ou refusées ne comptent pas",
                    refused,
                )
                % {"n": refused}
            )
            + ")"
        )
    return sentence[:1].upper() + sentence[1:]
