"""A table as CSV: all in it is a number or a word of ours."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import csv


def write_csv(table: pa.Table, path: Path) -> None:
    """UTF-8, commas, the names of columns first; words in quotes, nothing where there is none."""
    csv.write_csv(table, path, csv.WriteOptions(quoting_style="needed"))
