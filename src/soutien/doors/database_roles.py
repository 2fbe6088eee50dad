"""What the role that runs the product may do in PostgreSQL: no more than the product does.

The owner of the tables migrates; the product works as another role, which can neither change nor
remove a line of an append-only table, nor take away what protects it. Whoever takes over the
product then still writes no history anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db import connection, models
from psycopg import sql

# Sealed again under another key (or emptied once its person is forgotten), this one column
# changes and no other.
RESEALED = {
    "claims_caresheet": "printed",
    "claims_decision": "facts",
    "claims_papertyping": "content",
    "corrections_formervalue": "value",
    "guardians_signature": "name",
    "measures_questionnaire": "scale",
    "measures_outcome": "told",
    "measures_review": "done",
    "rights_entry": "content",
    "writings_version": "body",
}
# Their trigger lets lines go once their person is forgotten, or asked to be erased.
REMOVED_IN_TIME = frozenset(
    {
        *("corrections_formervalue", "guardians_signature"),
        *("measures_questionnaire", "measures_outcome", "measures_review"),
        *("claims_papertyping", "rights_entry"),
        "writings_answer",
        "writings_handover",
        "writings_signature",
        "writings_version",
        "writings_writing",
    }
)
# Where the journal ends moves on; there are never more or fewer ends.
MOVED_ON = frozenset({"audit_head"})
# The migrations are the owner's; the product reads which are applied.
READ_ONLY = frozenset({"django_migrations"})
ADDED = ("SELECT", "INSERT")
USED = ("SELECT", "INSERT", "UPDATE", "DELETE")


def append_only() -> set[str]:
    """The tables that refuse to be changed, as their triggers say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger t "
            "JOIN pg_proc f ON f.oid = t.tgfoid "
            r"WHERE f.proname LIKE '%\_append\_only' AND (t.tgtype & 16) <> 0"
        )
        return {table for (table,) in cursor.fetchall()}


def grants(role: str) -> list[str]:
    """The statements that give a role what the product needs, and take away all else.

    To be run by the owner of the tables, after each migration; run again, they change nothing.
    """
    protected = append_only()
    tables = sorted({model._meta.db_table for model in _stored()} | READ_ONLY)
    schema = sql.Identifier(_schema())
    said = [
        _filled("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}", schema, _name(role)),
        _filled("REVOKE CREATE ON SCHEMA {} FROM PUBLIC", schema),
        _filled("GRANT USAGE ON SCHEMA {} TO {}", schema, _name(role)),
        _filled("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}", schema, _name(role)),
    ]
    for table in tables:
        if table in READ_ONLY:
            rights: Iterable[str] = ("SELECT",)
        elif table in MOVED_ON:
            rights = ("SELECT", "UPDATE")
        else:
            rights = ADDED if table in protected else USED
            rights = (*ADDED, "DELETE") if table in REMOVED_IN_TIME else rights
        said.append(_granted(", ".join(rights), table, role))
        if table in protected and table in RESEALED:
            said.append(_granted(f'UPDATE ("{RESEALED[table]}")', table, role))
    return said


def apply(role: str) -> int:
    """Give them; how many statements. Raises DatabaseError when this is not the owner."""
    statements = grants(role)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return len(statements)


def _stored() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def _schema() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def _granted(rights: str, table: str, role: str) -> str:
    return _filled(f"GRANT {rights} ON {{}} TO {{}}", sql.Identifier(table), _name(role))


def _name(role: str) -> sql.Identifier:
    return sql.Identifier(role)


def _filled(words: str, *names: sql.Identifier) -> str:
    return sql.SQL(words).format(*names).as_string()
