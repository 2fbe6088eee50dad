"""Times taken in another calendar of the psychologist close the agenda; their writing is noted."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_notes = import_module("soutien.registers.psychologists.migrations.0004_changes_are_noted")
TABLE = "agenda_busytime"


def protect(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in _notes.noting(vendor, TABLE, "psychologist_id", "agenda"):
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    for statement in _notes.silencing(schema_editor.connection.vendor, TABLE):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0004_one_laid_over_another_absences_and_limits"),
        ("psychologists", "0004_changes_are_noted"),
    ]

    operations = [
        migrations.CreateModel(
            name="BusyTime",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["psychologist", "starts_at"], name="agenda_busy_times")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="agenda_busy_order",
                    )
                ],
            },
        ),
        migrations.RunPython(protect, lift),
    ]
