"""Care sheets, claims and decisions are written once: the database refuses change and removal.

On SQLite a trigger is lost when a later migration remakes the table: such a migration ends by
running ``protect`` again. There is no switch: see docs/decisions/0009-append-only-tables.md.
"""

from typing import Any

from django.db import migrations

# table: its unique keys, which INSERT OR REPLACE of SQLite would use to overwrite a row.
TABLES = {
    "claims_caresheet": ("id", "public_id", "number", "care_session_id"),
    "claims_claim": ("id", "public_id", "reference", "care_sheet_id"),
    "claims_decision": ("id", "claim_id, sequence"),
}


def _postgresql(table: str) -> tuple[str, str]:
    return (
        f"""
        CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{table}_append_only'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()
        """,
    )


def _sqlite(table: str, keys: tuple[str, ...]) -> list[str]:
    refused = f"BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END"
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in key.split(", ")) + ")"
        for key in keys
    )
    return [
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} {refused}",
        f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE ON {table} {refused}",
        f"CREATE TRIGGER {table}_append_only_insert BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refused}",
    ]


def protect(apps, schema_editor):
    protect_these(TABLES, schema_editor)


def protect_these(tables: dict[str, tuple[str, ...]], schema_editor: Any) -> None:
    for table, keys in tables.items():
        if schema_editor.connection.vendor == "postgresql":
            statements = list(_postgresql(table))
        else:
            statements = _sqlite(table, keys)
        for statement in statements:
            schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    lift_from(TABLES, schema_editor)


def lift_from(tables: dict[str, tuple[str, ...]], schema_editor: Any) -> None:
    for table in tables:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_append_only()")
            continue
        for event in ("update", "delete", "insert"):
            schema_editor.execute(f"DROP TRIGGER {table}_append_only_{event}")


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_care_sheets_claims_and_decisions")]

    operations = [migrations.RunPython(protect, lift)]
