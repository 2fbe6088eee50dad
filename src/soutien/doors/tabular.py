"""Tables for a spreadsheet, in which nothing that somebody typed becomes a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import TextIO

# What a spreadsheet takes for the start of a formula, its wide forms too; some skip spaces first.
FORMULA = re.compile(r"^[\s\u00a0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")


def harmless(cell: object) -> object:
    """The cell as a spreadsheet shows it and never counts it: a quote before what it would run."""
    if not isinstance(cell, str) or NUMBER.fullmatch(cell) or not FORMULA.match(cell):
        return cell
    return f"'{cell}"


class TableWriter:
    """A CSV, cell by cell harmless. Every table we write goes through here; a test looks."""

    def __init__(self, file: TextIO, *, separator: str = ",") -> None:
        self._rows = csv.writer(file, delimiter=separator)

    def writerow(self, cells: Iterable[object]) -> None:
        self._rows.writerow([harmless(cell) for cell in cells])

    def writerows(self, rows: Iterable[Iterable[object]]) -> None:
        for row in rows:
            self.writerow(row)
