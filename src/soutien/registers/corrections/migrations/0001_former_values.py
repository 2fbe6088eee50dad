"""What was written before a correction. Not changed; not removed before its person is forgotten or asks to be erased.

One change is let through: the value sealed again under another key, as in the claims. On SQLite a
trigger is lost when a later migration remakes the table: such a migration ends with
``FORMER_VALUES.protect``.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing
from soutien.protections.until_forgotten import UntilForgotten

FORMER_VALUES = UntilForgotten(
    "corrections",
    "FormerValue",
    "EXISTS (SELECT 1 FROM people_person WHERE id = OLD.person_id "
    "AND forgotten_at IS NULL AND erasure_asked_at IS NULL)",
    sealed="value",
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("people", "0007_people_who_asked_to_be_erased")]

    operations = [
        migrations.CreateModel(
            name="FormerValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("field", models.CharField(max_length=16)),
                ("value", soutien.sealing.SealedTextField(blank=True)),
                ("replaced_at", models.DateTimeField()),
                ("replaced_by", models.CharField(help_text="a role", max_length=20)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["person", "id"], name="corrections_of_a_person")],
                "constraints": [
                    models.CheckConstraint(
                        name="corrections_field_known",
                        condition=models.Q(
                            (
                                "field__in",
                                [
                                    "given_name",
                                    "family_name",
                                    "birth_date",
                                    "email",
                                    "phone",
                                    "language",
                                    "discreet",
                                ],
                            )
                        ),
                    ),
                ],
            },
        ),
        FORMER_VALUES.operation(),
    ]
