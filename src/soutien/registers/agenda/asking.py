"""Several questions to the database in one message, each prepared once a connection.

A rush on one agenda asks the same few questions thousands of times: the way there and back, and
the planning, cost more than the answers (bench/booking.py). SQLite has no way to go.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection

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
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            return [_answer(cursor, question.sql, question.values) for question in questions]
        if _prepares():
            questions = tuple(_called(cursor, question) for question in questions)
        cursor.execute(
            "; ".join(question.sql for question in questions),
            [value for question in questions for value in question.values],
        )
        answers = []
        more: bool | None = True
        while more:
            answers.append(cursor.fetchall() if cursor.description else [])
            more = cursor.nextset()
        return answers


def _answer(cursor: Any, sql: str, values: Sequence[Any]) -> Rows:
    cursor.execute(sql, values)
    return list(cursor.fetchall()) if cursor.description else []


def _prepares() -> bool:
    """Whether a connection keeps what it prepared: not behind some poolers (``prepared=off``)."""
    return bool(connection.settings_dict.get("PREPARED", True))


def _called(cursor: Any, question: Question) -> Question:
    """The question as a call of what was prepared."""
    if not question.name:
        return question
    known = _prepared.setdefault(connection.connection, set())
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
