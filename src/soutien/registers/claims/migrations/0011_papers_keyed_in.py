"""Paper sheets typed by an agent; what was typed is written once."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing
from soutien.protections.until_forgotten import UntilForgotten, is_remembered

OWNER = "(SELECT person_id FROM claims_papersheet WHERE id = OLD.paper_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0010_what_a_line_says_is_no_longer_on_the_sheet"),
        ("people", "0011_the_paper_that_was_seen"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.CharField(max_length=20)),
                ("fund_code", models.CharField(max_length=9)),
                ("received_on", models.DateField()),
                ("begun_at", models.DateTimeField()),
                ("state", models.CharField(default="open", max_length=10)),
                ("reasons", models.PositiveIntegerField(default=0)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by_account", models.BigIntegerField(blank=True, null=True)),
                (
                    "care_sheet",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper",
                        to="claims.caresheet",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.practiceplace",
                    ),
                ),
                (
                    "psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.psychologist",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="claims.papersheet",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaperTyping",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveSmallIntegerField()),
                ("amounts_only", models.BooleanField()),
                ("content", soutien.sealing.SealedJSONField(help_text="what was typed")),
                ("account", models.BigIntegerField(blank=True, null=True)),
                ("typed_at", models.DateTimeField()),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="typings",
                        to="claims.papersheet",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="papersheet",
            index=models.Index(
                fields=["fund_code", "state", "begun_at"], name="claims_paper_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="papersheet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "returned"), _negated=True),
                fields=("number",),
                name="claims_paper_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="papersheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("care_sheet__isnull", True),
                        ("ended_at__isnull", True),
                        ("reasons", 0),
                        ("state", "open"),
                    ),
                    models.Q(
                        ("care_sheet__isnull", True),
                        ("ended_at__isnull", False),
                        ("reasons__gt", 0),
                        ("state", "returned"),
                    ),
                    models.Q(
                        ("care_sheet__isnull", False),
                        ("ended_at__isnull", False),
                        ("reasons", 0),
                        ("state", "entered"),
                    ),
                    _connector="OR",
                ),
                name="claims_paper_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="papertyping",
            constraint=models.UniqueConstraint(
                fields=("paper", "sequence"), name="claims_paper_typed_once"
            ),
        ),
        UntilForgotten(
            "claims", "PaperTyping", is_remembered(OWNER), sealed="content", keys=("id",)
        ).operation(),
    ]
