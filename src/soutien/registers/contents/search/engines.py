"""Which pages have a word: asked of the database's own full-text index.

The port is ``Engine``. Words come from ``contents.words``: ASCII letters and digits only.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from django.db import connection

from soutien.registers.contents.search.numbers import Ids

COLUMNS = ("title", "about", "body", "title_written", "body_written")


class Engine(Protocol):
    """A full-text index of entries: the numbers of those that match, in order."""

    def having(self, column: str, word: str) -> Ids:
        """Entries whose column has this word."""

    def phrase(self, column: str, words: tuple[str, ...]) -> Ids:
        """Entries whose column has these words one after the other."""

    def beginning(self, column: str, start: str) -> Ids:
        """Entries whose column has a word that begins so."""


def _ids(sql: str, asked: str) -> Ids:
    with connection.cursor() as cursor:
        cursor.execute(sql, [asked])
        (found,) = cursor.fetchone()
    if not found:
        return np.empty(0, dtype=np.int64)
    numbers: Ids = np.fromstring(found, dtype=np.int64, sep=",")
    return numbers


class SqliteEngine:
    """FTS5."""

    _SQL = "SELECT group_concat(rowid) FROM contents_words WHERE contents_words MATCH %s"

    def having(self, column: str, word: str) -> Ids:
        return _ids(self._SQL, f'{column} : "{word}"')

    def phrase(self, column: str, words: tuple[str, ...]) -> Ids:
        return _ids(self._SQL, f'{column} : "{" ".join(words)}"')

    def beginning(self, column: str, start: str) -> Ids:
        return _ids(self._SQL, f'{column} : "{start}" *')


class PostgresEngine:
    """``tsvector`` columns that the database computes, each with a GIN index."""

    def _asked(self, column: str, asked: str) -> Ids:
        if column not in COLUMNS:
            raise ValueError(column)
        return _ids(
            "SELECT string_agg(content_id::text, ',') FROM contents_entry "
            f"WHERE {column}_vector @@ %s::tsquery",
            asked,
        )

    def having(self, column: str, word: str) -> Ids:
        return self._asked(column, f"'{word}'")

    def phrase(self, column: str, words: tuple[str, ...]) -> Ids:
        return self._asked(column, " <-> ".join(f"'{word}'" for word in words))

    def beginning(self, column: str, start: str) -> Ids:
        return self._asked(column, f"'{start}':*")


def engine() -> Engine:
    """The one of the database at hand."""
    return PostgresEngine() if connection.vendor == "postgresql" else SqliteEngine()
