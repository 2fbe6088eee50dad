"""Papers that people add."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0007_people_who_asked_to_be_erased"),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("content_type", models.CharField(max_length=20)),
                ("size_bytes", models.PositiveIntegerField()),
                (
                    "content",
                    soutien.sealing.SealedTextField(
                        blank=True, help_text="base64; empty once removed"
                    ),
                ),
                (
                    "content_index",
                    models.CharField(blank=True, editable=False, max_length=64, null=True),
                ),
                ("added_at", models.DateTimeField()),
                ("added_by", models.CharField(help_text="a role", max_length=20)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
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
                "indexes": [models.Index(fields=["person", "id"], name="documents_of_a_person")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("person", "content_index"),
                        name="documents_once_each",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ("referral_letter", "rights_statement", "other")),
                            ("content_type__in", ("application/pdf", "image/jpeg", "image/png")),
                            ("added_by__in", ("person", "guardian")),
                        ),
                        name="documents_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size_bytes__gte", 1), ("size_bytes__lte", 5242880)),
                        name="documents_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content_index__isnull", True), ("removed_at__isnull", False)
                            ),
                            models.Q(
                                ("content_index__isnull", False), ("removed_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="documents_removed_is_empty",
                    ),
                ],
            },
        ),
    ]
