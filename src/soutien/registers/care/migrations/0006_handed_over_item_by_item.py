"""What a person lets their next psychologist read."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0005_sessions_are_never_rewritten"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="HandOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "content",
                    soutien.sealing.SealedJSONField(
                        help_text="what was agreed to, by item; empty once taken back"
                    ),
                ),
                ("said_by", models.CharField(max_length=12)),
                ("agreed_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="care.episode",
                    ),
                ),
                (
                    "to_psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("episode", "to_psychologist"),
                        name="care_hand_over_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("said_by__in", ["person", "guardian"])),
                        name="care_hand_over_words",
                    ),
                ],
            },
        ),
    ]
