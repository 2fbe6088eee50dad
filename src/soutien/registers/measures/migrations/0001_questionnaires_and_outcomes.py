"""Questionnaires asked in care, their outcomes, and who read them: written once."""

import uuid
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing
from soutien.protections.until_forgotten import UntilForgotten, is_remembered

OUTCOMES_PERSON = "(SELECT person_id FROM measures_outcome WHERE id = OLD.outcome_id)"
WRITTEN_ONCE = (
    UntilForgotten("measures", "Questionnaire", sealed="scale"),
    UntilForgotten(
        "measures", "Outcome", sealed="told", keys=("id", "public_id", "questionnaire_id")
    ),
    UntilForgotten("measures", "Review", is_remembered(OUTCOMES_PERSON), sealed="done"),
)


def key() -> Any:
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def belonging_to(table: str) -> Any:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=table
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agenda", "0005_times_taken_elsewhere"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Questionnaire",
            fields=[
                ("id", key()),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "scale",
                    soutien.sealing.SealedJSONField(
                        help_text="its name, which tells what somebody may suffer from"
                    ),
                ),
                ("version", models.CharField(help_text="of the scale", max_length=20)),
                ("by_link", models.BooleanField()),
                ("asked_at", models.DateTimeField()),
                ("valid_before", models.DateTimeField()),
                ("booking", belonging_to("agenda.booking")),
                ("person", belonging_to("people.person")),
                ("psychologist", belonging_to("psychologists.psychologist")),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["person", "psychologist"], name="measures_asked_of_a_pair"
                    ),
                    models.Index(fields=["booking"], name="measures_asked_before"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid_before__gt", models.F("asked_at"))),
                        name="measures_asked_period",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", key()),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("told", soutien.sealing.SealedJSONField()),
                ("way", models.CharField(help_text="phone or paper", max_length=5)),
                ("filled_on", models.DateField(help_text="the day of the answers")),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(help_text="a role", max_length=20)),
                ("person", belonging_to("people.person")),
                ("psychologist", belonging_to("psychologists.psychologist")),
                (
                    "questionnaire",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcome",
                        to="measures.questionnaire",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "psychologist"], name="measures_of_a_pair"),
                    models.Index(fields=["psychologist", "recorded_at"], name="measures_to_read"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("questionnaire__isnull", False), ("way", "phone")),
                            models.Q(("questionnaire__isnull", True), ("way", "paper")),
                            _connector="OR",
                        ),
                        name="measures_way_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", key()),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("done", soutien.sealing.SealedJSONField(help_text="one of DONE")),
                ("reviewed_at", models.DateTimeField()),
                ("reviewed_by", models.CharField(help_text="a role", max_length=20)),
                (
                    "outcome",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="measures.outcome",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["outcome", "id"], name="measures_reviews")]},
        ),
        *(each.operation() for each in WRITTEN_ONCE),
    ]
