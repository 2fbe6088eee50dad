"""Who replaces a psychologist. On any day one of two replaces the other once at most."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from soutien.protections.periods import Once, once_at_a_time


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
        # Whichever way round.
        once_at_a_time(
            Once(
                "psychologists_replacement_once",
                "psychologists_replacement",
                ("replaced_id", "replacing_id"),
            ),
        ),
    ]
