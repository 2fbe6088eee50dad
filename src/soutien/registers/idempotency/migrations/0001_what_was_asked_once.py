import uuid

from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Ask",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("owner", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=64)),
                (
                    "what",
                    models.CharField(
                        help_text="method and path, or the form's address", max_length=200
                    ),
                ),
                ("body", models.CharField(max_length=64)),
                ("done", models.BooleanField(default=False)),
                ("attempt", models.UUIDField(default=uuid.uuid4)),
                ("began_at", models.DateTimeField()),
                (
                    "free_at",
                    models.DateTimeField(help_text="whoever is still at it then has given up"),
                ),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("answer", soutien.sealing.SealedTextField(blank=True)),
                ("ends_at", models.DateTimeField(help_text="forgotten from then on")),
            ],
            options={
                "indexes": [models.Index(fields=["ends_at"], name="idempotency_ask_ends")],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "key"), name="idempotency_ask_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done", True), ("status__isnull", False)),
                            models.Q(("done", False), ("status__isnull", True)),
                            _connector="OR",
                        ),
                        name="idempotency_ask_answered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("began_at")),
                            ("free_at__gt", models.F("began_at")),
                        ),
                        name="idempotency_ask_in_order",
                    ),
                ],
            },
        ),
    ]
