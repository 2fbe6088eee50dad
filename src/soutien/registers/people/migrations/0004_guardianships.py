"""Who may act for a child. On any day one of two people acts for the other once at most."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing
from soutien.protections.periods import Once, once_at_a_time


class Migration(migrations.Migration):
    dependencies = [("people", "0003_who_may_be_the_same")]

    operations = [
        migrations.CreateModel(
            name="Guardianship",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("parent", "holds parental authority with the other parent"),
                            ("sole_authority", "holds parental authority alone"),
                            ("tutor", "is the child's tutor"),
                            ("judge", "was named by a judge"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "proof",
                    soutien.sealing.SealedTextField(
                        help_text="the paper that was seen, with its date or number"
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                (
                    "ended_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("judgment", "a judge decided so"),
                            ("term", "the decision that began it said until when"),
                            ("emancipation", "the child was emancipated"),
                            ("given_up", "the guardian gave it up"),
                            ("mistake", "it was recorded by mistake"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ending_proof", soutien.sealing.SealedTextField(blank=True)),
                ("recorded_by", models.CharField(help_text="a role", max_length=20)),
                ("recorded_by_account", models.BigIntegerField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guardians",
                        to="people.person",
                    ),
                ),
                (
                    "guardian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wards",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_before__isnull", True),
                            ("valid_before__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="people_guardianship_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("guardian", models.F("child")), _negated=True),
                        name="people_guardianship_not_oneself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["parent", "sole_authority", "tutor", "judge"])
                        ),
                        name="people_guardianship_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_for", ""), ("valid_before__isnull", True)),
                            models.Q(
                                (
                                    "ended_for__in",
                                    ["judgment", "term", "emancipation", "given_up", "mistake"],
                                ),
                                ("valid_before__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="people_guardianship_end_has_a_reason",
                    ),
                ],
            },
        ),
        # Whichever way round.
        once_at_a_time(
            Once("people_guardianship_once", "people_guardianship", ("guardian_id", "child_id")),
        ),
    ]
