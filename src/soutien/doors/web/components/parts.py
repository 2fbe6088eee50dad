"""The small parts that pages hand to their templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """A number that stands large, with its reason one line below."""

    label: str
    number: str
    reason: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table; ``number`` aligns it to the right."""

    label: str
    number: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell; with ``href`` its text is a link, with ``tag`` a coloured word."""

    text: str
    href: str = ""
    tag: str = ""


@dataclass(frozen=True)
class Table:
    """A table that becomes a list of cards on a small screen. ``empty`` is said without rows."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""

    def labelled(self) -> list[list[tuple[Column, Cell]]]:
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Event:
    """One point of a timeline; ``when`` is a day, a moment already in local time, or words."""

    when: date | datetime | str
    title: str
    text: str = ""
    state: Literal["", "done", "refused"] = ""
    href: str = ""


@dataclass(frozen=True)
class Step:
    """One screen of a way in several screens."""

    label: str
    state: Literal["done", "current", "next"]


def steps_of(labels: Sequence[str], current: int) -> tuple[Step, ...]:
    """The steps with the current one, counted from 1, marked."""
    return tuple(
        Step(
            label,
            "done" if number < current else "current" if number == current else "next",
        )
        for number, label in enumerate(labels, start=1)
    )


@dataclass(frozen=True)
class NavItem:
    """One entry of the main menu."""

    label: str
    href: str
    current: bool = False
