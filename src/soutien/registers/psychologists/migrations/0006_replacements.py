"""Who replaces a psychologist. On any day one of two replaces the other once at most.

The message holds the same name on both engines. On SQLite a trigger is lost when a later
migration remakes the table: such a migration ends by running ``protect`` again.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

NAME, TABLE = "psychologists_replacement_once", "psychologists_replacement"
# The two, whichever way round.
PAIR = "replaced_id, replacing_id"


def _postgresql() -> str:
    return f"""
        ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} EXCLUDE USING gist (
            LEAST({PAIR}) WITH =, GREATEST({PAIR}) WITH =,
            daterange(valid_from, valid_before, '[)') WITH &&
        )
    """


def _sqlite(event: str) -> str:
    # A period without a day overlaps nothing.
    return f"""
        CREATE TRIGGER {NAME}_{event.split()[0].lower()} BEFORE {event} ON {TABLE}
        WHEN (NEW.valid_before IS NULL OR NEW.valid_before > NEW.valid_from) AND EXISTS (
            SELECT 1 FROM {TABLE} other
            WHERE min(other.replaced_id, other.replacing_id) = min(NEW.replaced_id, NEW.replacing_id)
              AND max(other.replaced_id, other.replacing_id) = max(NEW.replaced_id, NEW.replacing_id)
              AND (other.valid_before IS NULL OR other.valid_before > other.valid_from)
              AND (NEW.valid_before IS NULL OR other.valid_from < NEW.valid_before)
              AND (other.valid_before IS NULL OR other.valid_before > NEW.valid_from)
              AND other.id <> NEW.id
        )
        BEGIN SELECT RAISE(ABORT, '{NAME}'); END
    """


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        schema_editor.execute(_postgresql(), params=None)
        return
    for event in ("INSERT", f"UPDATE OF {PAIR}, valid_from, valid_before"):
        schema_editor.execute(_sqlite(event), params=None)


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT {NAME}")
    else:
        schema_editor.execute(f"DROP TRIGGER {NAME}_insert")
        schema_editor.execute(f"DROP TRIGGER {NAME}_update")


class Migration(migrations.Migration):
    dependencies = [("psychologists", "0005_confirmations_and_reports")]

    operations = [
        migrations.CreateModel(
            name="Replacement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField()),
                ("recorded_by", models.CharField(help_text="a role", max_length=20)),
                ("recorded_by_account", models.BigIntegerField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "replaced",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replacements",
                        to="psychologists.psychologist",
                    ),
                ),
                (
                    "replacing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replacements_done",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_before__gte", models.F("valid_from"))),
                        name="psychologists_replacement_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("replaced", models.F("replacing")), _negated=True),
                        name="psychologists_replacement_not_oneself",
                    ),
                ],
            },
        ),
        migrations.RunPython(protect, lift),
    ]
