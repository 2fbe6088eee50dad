"""People at the fund read a refusal to be confirmed; what they said is written once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from soutien.protections.append_only import append_only

TABLES = {"claims_review": ("id", "decision_id, sequence", "decision_id, account_id")}


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0004_emptied_when_its_person_is_forgotten"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveSmallIntegerField()),
                (
                    "ground",
                    models.CharField(help_text="a word of rules.review.Ground", max_length=24),
                ),
                ("role", models.CharField(max_length=20)),
                ("reviewed_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="claims.decision",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("decision", "sequence"), name="claims_review_once"
                    ),
                    models.UniqueConstraint(
                        fields=("decision", "account"), name="claims_review_one_a_reader"
                    ),
                ],
            },
        ),
        append_only(TABLES),
    ]
