"""A sheet says what is true of all its lines; a claim is one of them, and of one session."""

from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from soutien.protections.append_only import Tables, lift, protect

_before = import_module(
    "soutien.registers.claims.migrations.0004_emptied_when_its_person_is_forgotten"
)
# table: its unique keys, which INSERT OR REPLACE of SQLite would use to overwrite a row.
FORMERLY = {
    "claims_caresheet": ("id", "public_id", "number", "care_session_id"),
    "claims_claim": ("id", "public_id", "reference", "care_sheet_id"),
}
TABLES = {
    "claims_caresheet": ("id", "public_id", "number"),
    "claims_claim": ("id", "public_id", "reference", "care_session_id"),
}


def lifted(apps, schema_editor):
    """SQLite remakes tables, and drops no column that a trigger names."""
    if schema_editor.connection.vendor == "sqlite":
        lift(schema_editor, TABLES)
        # It names claims_claim, which is remade.
        schema_editor.execute("DROP TRIGGER claims_decision_append_only_update")
    else:
        # What was written in this transaction waits to be checked; no table is changed before.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _protect(schema_editor: Any, apps: Any, tables: Tables) -> None:
    if schema_editor.connection.vendor != "sqlite":
        return
    protect(schema_editor, tables)
    schema_editor.execute("DROP TRIGGER claims_caresheet_append_only_update")
    for name, (column, whose) in _before.FORGOTTEN.items():
        meta = apps.get_model("claims", name)._meta
        columns = [field.column for field in meta.local_concrete_fields]
        _drop, update = _before._sqlite(meta.db_table, column, columns, whose)
        schema_editor.execute(update, params=None)


def protected(apps, schema_editor):
    _protect(schema_editor, apps, TABLES)


def protected_formerly(apps, schema_editor):
    _protect(schema_editor, apps, FORMERLY)


def copied_back(apps, schema_editor):
    """Sheets of several lines have no place in what was before: then this fails, on NOT NULL."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    if postgresql:
        schema_editor.execute("ALTER TABLE claims_caresheet DISABLE TRIGGER USER")
    for column in ("care_session_id", "act_code", "price_cents"):
        schema_editor.execute(
            f"UPDATE claims_caresheet SET {column} = (SELECT {column} FROM claims_sheetline "
            "WHERE care_sheet_id = claims_caresheet.id AND (SELECT count(*) FROM "
            "claims_sheetline every WHERE every.care_sheet_id = claims_caresheet.id) = 1)"
        )
    if postgresql:
        schema_editor.execute("ALTER TABLE claims_caresheet ENABLE TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [("claims", "0009_a_sheet_has_lines")]

    operations = [
        migrations.RunPython(lifted, protected_formerly),
        migrations.AlterField(
            "caresheet",
            "care_session",
            models.OneToOneField(
                "care.CareSession",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
            ),
        ),
        migrations.AlterField("caresheet", "act_code", models.CharField(max_length=3, null=True)),
        migrations.AlterField("caresheet", "price_cents", models.PositiveIntegerField(null=True)),
        migrations.RunPython(migrations.RunPython.noop, copied_back),
        migrations.RemoveField("caresheet", "care_session"),
        migrations.RemoveField("caresheet", "act_code"),
        migrations.RemoveField("caresheet", "price_cents"),
        migrations.AlterField(
            "claim",
            "care_sheet",
            models.ForeignKey(
                "claims.CareSheet",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
            ),
        ),
        migrations.AddConstraint(
            "claim",
            models.UniqueConstraint(fields=["care_session"], name="claims_claim_of_a_session"),
        ),
        migrations.RunPython(protected, lifted),
    ]
