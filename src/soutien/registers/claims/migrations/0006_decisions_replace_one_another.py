"""A decision says which one it takes the place of, and why; what else happened has its lines.

On SQLite the table of decisions is remade, which loses its triggers: they are put back as they
were. On PostgreSQL they stay.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from soutien.protections import append_only

_FOLDER = "soutien.registers.claims.migrations"
_written = import_module(f"{_FOLDER}.0002_nothing_is_rewritten")
_forgotten = import_module(f"{_FOLDER}.0004_emptied_when_its_person_is_forgotten")
DECISIONS = {"claims_decision": _written.TABLES["claims_decision"]}
EVENTS = {"claims_event": ("id", "claim_id, mark, payer, reference")}


def put_back(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    append_only.protect(schema_editor, DECISIONS)
    column, whose = _forgotten.FORGOTTEN["Decision"]
    table = apps.get_model("claims", "Decision")._meta
    columns = [field.column for field in table.local_concrete_fields]
    for statement in _forgotten._sqlite(table.db_table, column, columns, whose):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("claims", "0005_what_people_said_of_a_refusal")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, put_back),
        migrations.AddField(
            model_name="decision",
            name="replaces",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="claims.decision",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="cause",
            field=models.CharField(
                blank=True,
                default="",
                help_text="a word of rules.life.Cause; empty for the first",
                max_length=24,
            ),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(
            model_name="decision", name="claims_decision_reason_or_coverage"
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                name="claims_decision_reason_or_coverage",
                condition=Q(accepted=True, reasons=0, coverage__gt=0)
                | Q(accepted=False, reasons__gt=0, coverage=0)
                | Q(accepted=False, reasons=0, coverage=0, cause="cancelled"),
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                name="claims_decision_first",
                condition=Q(sequence__gt=1) | Q(replaces__isnull=True, cause=""),
            ),
        ),
        migrations.RunPython(put_back, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mark",
                    models.CharField(help_text="a word of rules.life.Mark", max_length=20),
                ),
                (
                    "payer",
                    models.CharField(
                        blank=True, help_text="empty: of the claim as a whole", max_length=8
                    ),
                ),
                ("cents", models.PositiveIntegerField(default=0)),
                ("reference", models.CharField(max_length=40)),
                ("happened_at", models.DateTimeField()),
                ("role", models.CharField(max_length=20)),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="claims.claim",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["mark", "happened_at"], name="claims_event_mark")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("claim", "mark", "payer", "reference"), name="claims_event_once"
                    ),
                    models.CheckConstraint(
                        name="claims_event_words",
                        condition=Q(
                            mark__in=[
                                "contested",
                                "contest_answered",
                                "ordered",
                                "paid",
                                "returned",
                                "reconciled",
                                "paid_back",
                            ]
                        )
                        & Q(payer__in=["", "fund", "insurer"]),
                    ),
                ],
            },
        ),
        append_only.append_only(EVENTS),
    ]
