"""Sheets and decisions of a person who was forgotten lose the words that said who it was.

The sealed column, and it alone, may be emptied, once the person's row says ``forgotten_at``. The
amounts, the reasons and the days stay: they are nobody's by then.
"""

from importlib import import_module
from typing import Any

from django.db import migrations

import soutien.sealing

_before = import_module("soutien.registers.claims.migrations.0003_sealed_again_under_another_key")
# model: its sealed column, and in SQL whose row it is.
FORGOTTEN = {
    "CareSheet": ("printed", "NEW.person_id"),
    "Decision": ("facts", "(SELECT person_id FROM claims_claim WHERE id = NEW.claim_id)"),
}


def _forgotten(whose: str) -> str:
    return f"EXISTS (SELECT 1 FROM people_person WHERE id = {whose} AND forgotten_at IS NOT NULL)"


def _function(table: str, let_through: str) -> str:
    return f"""
        CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {let_through}
            RAISE EXCEPTION '{table}_append_only'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """


def _sqlite(table: str, column: str, columns: list[str], whose: str) -> list[str]:
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in columns if name != column)
    emptied = f"(length(NEW.{column}) = 0 AND {_forgotten(whose)})" if whose else "0"
    return [
        f"DROP TRIGGER {table}_append_only_update",
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
        f"WHEN NOT ({same} AND (({_before._resealed(column)}) OR {emptied})) "
        f"BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END",
    ]


def _write(apps: Any, schema_editor: Any, *, let: bool) -> None:
    for name, (column, whose) in FORGOTTEN.items():
        meta = apps.get_model("claims", name)._meta
        table = meta.db_table
        if schema_editor.connection.vendor == "postgresql":
            emptied = (
                f"IF TG_OP = 'UPDATE' THEN IF length(NEW.{column}) = 0 "
                f"AND to_jsonb(NEW) - '{column}' = to_jsonb(OLD) - '{column}' "
                f"AND {_forgotten(whose)} THEN RETURN NEW; END IF; END IF;"
            )
            statements = [_function(table, emptied if let else "")]
        else:
            columns = [field.column for field in meta.local_concrete_fields]
            statements = _sqlite(table, column, columns, whose if let else "")
        for statement in statements:
            schema_editor.execute(statement, params=None)


def allow(apps, schema_editor):
    _write(apps, schema_editor, let=True)


def refuse(apps, schema_editor):
    _write(apps, schema_editor, let=False)


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0003_sealed_again_under_another_key"),
        ("people", "0006_people_who_are_forgotten"),
    ]

    operations = [
        # Nothing of it is in the database: no table is remade.
        migrations.AlterField(
            model_name="caresheet",
            name="printed",
            field=soutien.sealing.SealedTextField(
                blank=True,
                help_text="the printed fields as JSON, as they were when issued; "
                "empty once forgotten",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="facts",
            field=soutien.sealing.SealedJSONField(
                blank=True, help_text="the integers that were decided on", row="claim,sequence"
            ),
        ),
        migrations.RunPython(allow, refuse),
    ]
