import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("name", models.CharField(max_length=60)),
                (
                    "scopes",
                    models.CharField(help_text="read, book, claim: with commas", max_length=40),
                ),
                ("second_factor", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField()),
                ("valid_before", models.DateTimeField()),
                ("last_used_on", models.DateField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "revoked_at"], name="api_keys_of_account")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scopes", ""), _negated=True), name="api_keys_scoped"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_before__gt", models.F("made_at"))),
                        name="api_keys_in_order",
                    ),
                ],
            },
        ),
    ]
