"""Who does not agree says so in a word, and the fund answers; both are written once."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from soutien.protections.append_only import append_only

TABLES = {
    "claims_contest": ("id", "public_id", "decision_id, look"),
    "claims_contestanswer": ("id", "contest_id"),
}
PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0006_decisions_replace_one_another"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Contest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "look",
                    models.PositiveSmallIntegerField(default=1, help_text="of the same decision"),
                ),
                ("ground", models.CharField(max_length=24)),
                ("role", models.CharField(max_length=20)),
                ("contested_at", models.DateTimeField()),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="contests", to="claims.claim"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="contests", to="claims.decision"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("decision", "look"), name="claims_contest_once"
                    ),
                    models.CheckConstraint(
                        name="claims_contest_words",
                        condition=Q(
                            ground__in=(
                                "right_not_counted",
                                "session_told_wrongly",
                                "count_is_wrong",
                                "sheet_is_right",
                                "text_does_not_apply",
                            ),
                            look__gte=1,
                            look__lte=2,
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContestAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verdict", models.CharField(max_length=24)),
                ("role", models.CharField(max_length=20)),
                ("answered_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "contest",
                    models.OneToOneField(
                        on_delete=PROTECT, related_name="answer", to="claims.contest"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="claims_contest_answer_words",
                        condition=Q(
                            verdict__in=(
                                "accept",
                                "text_applies",
                                "nothing_shows_it",
                                "correct_the_sheet",
                            )
                        ),
                    ),
                ],
            },
        ),
        append_only(TABLES),
    ]
