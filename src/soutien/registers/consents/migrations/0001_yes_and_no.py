"""What people said, written once: the database refuses change and removal."""

import django.db.models.deletion
from django.db import migrations, models

from soutien.protections.append_only import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = [("people", "0005_grounds_are_sealed")]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=24)),
                ("given", models.BooleanField()),
                (
                    "text_version",
                    models.PositiveSmallIntegerField(help_text="the text that was read"),
                ),
                ("said_by", models.CharField(help_text="a role", max_length=20)),
                ("said_at", models.DateTimeField()),
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
                "indexes": [
                    models.Index(fields=["person", "purpose", "id"], name="consents_of_a_person")
                ],
                "constraints": [
                    models.CheckConstraint(
                        name="consents_consent_words",
                        condition=models.Q(
                            (
                                "purpose__in",
                                [
                                    "reminder_mail",
                                    "reminder_text",
                                    "insurer",
                                    "hand_over",
                                    "statistics",
                                    "research",
                                ],
                            ),
                            ("said_by__in", ("person", "guardian")),
                        ),
                    ),
                    models.CheckConstraint(
                        name="consents_consent_text_read",
                        condition=models.Q(("text_version__gte", 1)),
                    ),
                ],
            },
        ),
        append_only({"consents_consent": ("id",)}),
    ]
