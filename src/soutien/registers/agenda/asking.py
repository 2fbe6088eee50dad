"""Several questions to the database in one message, each prepared once a connection.

A rush on one agenda asks the same few questions thousands of times: the way there and back, and
the planning, cost more than the answers (bench/booking.py). SQLite has no way to go.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections

Rows = list[tuple[Any, ...]]


class Question(NamedTuple):
    """One statement. With a ``name`` it is prepared: the name must always mean the same words."""

    sql: str
    values: Sequence[Any] = ()
    name: str = ""


# What each connection to PostgreSQL has prepared.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def ask(*questions: Question) -> list[Rows]:
    """What the database answers to each, in order.

    Each sees what others had written when it began: one that waits for somebody lets the next
    see what that somebody did. None after one that fails is asked.
    """
    database = connections[DEFAULT_DB_ALIAS]
    with database.cursor() as cursor:
        if database.vendor != "postgresql":
            return [_answer(cursor, question) for question in questions]
        # Not behind poolers that share connections between transactions.
        if database.settings_dict.get("PREPARED", True):
            known = _prepared.setdefault(database.connection, set())
            questions = tuple(_called(cursor, question, known) for question in questions)
        cursor.execute(
            "; ".join(question.sql for question in questions),
            [value for question in questions for value in question.values],
        )
        return _all_answers(cursor.cursor)


def _answer(cursor: Any, question: Question) -> Rows:
    cursor.execute(question.sql, question.values)
    return list(cursor.fetchall())


def _all_answers(cursor: Any) -> list[Rows]:
    """What psycopg received: asked of itself, it makes no list of columns that nobody reads."""
    answers = []
    more: bool | None = True
    while more:
        answers.append(cursor.fetchall() if cursor.pgresult.nfields else [])
        more = cursor.nextset()
    return answers


def _called(cursor: Any, question: Question, known: set[str]) -> Question:
    """The question as a call of what was prepared."""
    if not question.name:
        return question
    prepare, call = _spelled(question.name, question.sql)
    if question.name not in known:
        cursor.execute(prepare)
        known.add(question.name)
    return Question(call, question.values)


@lru_cache(maxsize=64)
def _spelled(name: str, sql: str) -> tuple[str, str]:
    """How a question is prepared, and how it is called then."""
    first, *parts = sql.split("%s")
    numbered = first + "".join(f"${number}{part}" for number, part in enumerate(parts, 1))
    marks = ", ".join(["%s"] * len(parts))
    return (
        f"PREPARE {name} AS {numbered}",
        f"EXECUTE {name}({marks})" if parts else f"EXECUTE {name}",
    )
