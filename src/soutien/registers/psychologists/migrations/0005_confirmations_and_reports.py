import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("psychologists", "0004_changes_are_noted"),
    ]

    operations = [
        migrations.AddField(
            model_name="psychologist",
            name="doubted_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="psychologist",
            name="full_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="AvailabilityReports",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("no_answer", "no answer"), ("no_place", "no place")],
                        max_length=9,
                    ),
                ),
                ("reported_on", models.DateField()),
                ("times", models.PositiveIntegerField(default=1)),
                (
                    "psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="availability_reports",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("psychologist", "kind", "reported_on"),
                        name="psychologists_reports_of_a_day",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ConfirmationRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("due", "due"),
                            ("reports", "reports"),
                            ("returning", "returning"),
                        ],
                        max_length=9,
                    ),
                ),
                ("asked_on", models.DateField(db_index=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("open", "takes people"), ("full", "no place")],
                        max_length=4,
                    ),
                ),
                (
                    "psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmation_requests",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("psychologist", "asked_on"), name="psychologists_asked_once_a_day"
                    )
                ],
            },
        ),
    ]
