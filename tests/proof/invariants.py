"""What must be true of the tables whatever was asked of the product: SQL, nothing of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

Asked = Callable[..., list[tuple[Any, ...]]]

LIVE = "('held', 'confirmed', 'fulfilled', 'missed')"

OVERLAPS = f"""
    SELECT a.id, b.id FROM agenda_booking a JOIN agenda_booking b
    ON a.{{owner}} = b.{{owner}} AND a.id < b.id
    AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
    WHERE a.status IN {LIVE} AND b.status IN {LIVE}
"""

# Each finds what is wrong, and is empty when all is well.
RULES = {
    "two live bookings of one psychologist overlap": OVERLAPS.format(owner="psychologist_id"),
    "two live bookings of one person overlap": OVERLAPS.format(owner="person_id"),
    "a year has more seats than its cap": """
        SELECT year_id, count(*), max(cap) FROM care_seat GROUP BY year_id
        HAVING count(*) > max(cap) OR max(number) > max(cap)
    """,
    "a seat of a year is taken twice": """
        SELECT year_id, number FROM care_seat GROUP BY year_id, number HAVING count(*) > 1
    """,
    "a booking that must have a seat has none, or one that must not has one": """
        SELECT b.id, b.status, count(s.id) FROM agenda_booking b
        LEFT JOIN care_seat s ON s.booking_id = b.id GROUP BY b.id
        HAVING count(s.id) <> CASE WHEN b.status IN ('confirmed', 'fulfilled') THEN 1 ELSE 0 END
    """,
    "a seat is in another year, or another person's": """
        SELECT s.id FROM care_seat s JOIN care_year y ON y.id = s.year_id
        JOIN agenda_booking b ON b.id = s.booking_id
        WHERE b.person_id <> y.person_id OR extract(year FROM b.civil_day) <> y.civil_year
    """,
    "a session stands beside a booking that is not closed, or is missing": """
        SELECT b.id, b.status FROM agenda_booking b
        LEFT JOIN care_caresession c ON c.booking_id = b.id GROUP BY b.id
        HAVING count(c.id) <> CASE WHEN b.status IN ('fulfilled', 'missed') THEN 1 ELSE 0 END
    """,
    "a session that was held has no care sheet, or two": """
        SELECT c.id FROM care_caresession c
        LEFT JOIN claims_sheetline s ON s.care_session_id = c.id
        AND NOT EXISTS (SELECT 1 FROM claims_sheetline later WHERE later.replaces_id = s.id)
        GROUP BY c.id, c.performed HAVING count(s.id) <> CASE WHEN c.performed THEN 1 ELSE 0 END
    """,
}

# One line of the trace for one act: no act without a line, no line without its effect.
TRACE = {
    "agenda.booking.held": "SELECT id FROM agenda_booking",
    "agenda.booking.confirmed": "SELECT booking_id FROM care_seat UNION SELECT id "
    "FROM agenda_booking WHERE person_id IS NOT NULL AND status IN ('confirmed', 'fulfilled')",
    "agenda.booking.cancelled": "SELECT id FROM agenda_booking WHERE status = 'cancelled'",
    "care.session.held": "SELECT id FROM care_caresession WHERE performed",
    "care.session.missed": "SELECT id FROM care_caresession WHERE NOT performed",
}


@contextmanager
def asking(url: str) -> Iterator[Asked]:
    """Asks a database of either kind, on a connection of its own."""
    if not url.startswith("sqlite:///"):
        with psycopg.connect(url, autocommit=True) as direct:
            yield lambda statement, values=(): direct.execute(statement, values).fetchall()
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        year = "CAST(strftime('%Y', b.civil_day) AS INTEGER)"

        def ask(statement: str, values: Any = ()) -> list[tuple[Any, ...]]:
            said = statement.replace("%s", "?").replace("extract(year FROM b.civil_day)", year)
            return file.execute(said, values).fetchall()

        yield ask


def wrong_with(url: str, *, traced: bool = True) -> list[str]:
    """Everything that is wrong in a database, in words with the rows; empty when all is well.

    ``traced`` asks for one line of the trace for each act: true of what went through the product.
    """
    found = []
    with asking(url) as ask:
        for wrong, statement in RULES.items():
            rows = ask(statement)
            if rows:
                found.append(f"{wrong}: {rows[:5]}")
        for event, statement in TRACE.items() if traced else ():
            acts = {str(key) for (key,) in ask(statement)}
            lines = [
                key
                for (key,) in ask(
                    "SELECT object_id FROM audit_entry WHERE event = %s AND result = 'done'",
                    [event],
                )
            ]
            if missing := acts - set(lines):
                found.append(f"{event} without a line: {sorted(missing)[:5]}")
            if len(lines) != len(set(lines)):
                found.append(f"{event} told twice")
            # A confirmed appointment may have been cancelled since: its line stays.
            if event != "agenda.booking.confirmed" and (more := set(lines) - acts):
                found.append(f"{event} told and not done: {sorted(more)[:5]}")
    return found
