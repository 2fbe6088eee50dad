"""A holder sends the paper that says what they are; it is read by who verifies it."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    dependencies = [("guardians", "0002_a_parent_shows_a_paper_too")]

    operations = [
        migrations.CreateModel(
            name="Paper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("content_type", models.CharField(max_length=20)),
                ("size_bytes", models.PositiveIntegerField()),
                ("content", soutien.sealing.SealedTextField(help_text="base64")),
                ("sent_at", models.DateTimeField()),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="guardians.holder",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "content_type__in",
                                ("application/pdf", "image/jpeg", "image/png"),
                            ),
                            ("size_bytes__gte", 1),
                            ("size_bytes__lte", 5242880),
                        ),
                        name="guardians_paper_words",
                    )
                ]
            },
        ),
    ]
