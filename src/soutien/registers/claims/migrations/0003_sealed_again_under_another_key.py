"""Sheets and decisions take one change: their sealed column, sealed again under another key.

Everything else of the row stays as it was, the text keeps its length, and the key must differ:
under one key nothing is ever rewritten. Only who has the key can make bytes that open in the row.
"""

from django.db import migrations

SEALED = {"CareSheet": "printed", "Decision": "facts"}


def _resealed(column: str) -> str:
    """In SQL, the same form and length, another key."""
    return (
        f"length(NEW.{column}) = length(OLD.{column}) "
        f"AND substr(NEW.{column}, 1, 1) = substr(OLD.{column}, 1, 1) "
        f"AND substr(NEW.{column}, 2, 4) <> substr(OLD.{column}, 2, 4)"
    )


def _postgresql(table: str, column: str) -> list[str]:
    return [
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN (to_jsonb(NEW) - '{column}' IS DISTINCT FROM to_jsonb(OLD) - '{column}' "
        f"OR NOT ({_resealed(column)})) EXECUTE FUNCTION {table}_append_only()",
    ]


def _sqlite(table: str, column: str, others: list[str]) -> list[str]:
    same = " AND ".join(f"NEW.{other} IS OLD.{other}" for other in others)
    return [
        f"DROP TRIGGER {table}_append_only_update",
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
        f"WHEN NOT ({same} AND {_resealed(column)}) "
        f"BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END",
    ]


def allow(apps, schema_editor):
    for name, column in SEALED.items():
        table = apps.get_model("claims", name)._meta
        if schema_editor.connection.vendor == "postgresql":
            statements = _postgresql(table.db_table, column)
        else:
            columns = [field.column for field in table.local_concrete_fields]
            others = [other for other in columns if other != column]
            statements = _sqlite(table.db_table, column, others)
        for statement in statements:
            schema_editor.execute(statement, params=None)


def refuse(apps, schema_editor):
    for name in SEALED:
        table = apps.get_model("claims", name)._meta.db_table
        if schema_editor.connection.vendor == "postgresql":
            statements = [
                f"DROP TRIGGER {table}_append_only_update ON {table}",
                f"DROP TRIGGER {table}_append_only ON {table}",
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
            ]
        else:
            statements = [
                f"DROP TRIGGER {table}_append_only_update",
                f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END",
            ]
        for statement in statements:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("claims", "0002_nothing_is_rewritten")]

    operations = [migrations.RunPython(allow, refuse)]
