"""What was seen of people's rights, what they declare, and what a service says of them."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing
from soutien.protections.until_forgotten import UntilForgotten


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0008_rights_with_names_and_one_ground_at_a_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="Check",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "fund_code",
                    models.CharField(blank=True, help_text="the fund of that day", max_length=9),
                ),
                ("asked_at", models.DateTimeField()),
                ("outcome", models.CharField(max_length=10)),
                (
                    "differences",
                    soutien.sealing.SealedJSONField(
                        help_text="each right as it is written, and as the service says it"
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("settled_how", models.CharField(blank=True, max_length=10)),
                ("settled_by_account", models.BigIntegerField(blank=True, null=True)),
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
                "indexes": [
                    models.Index(fields=["person", "id"], name="rights_checks_of"),
                    models.Index(
                        condition=models.Q(("outcome", "differs"), ("settled_at__isnull", True)),
                        fields=["fund_code", "asked_at"],
                        name="rights_checks_to_settle",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ("same", "differs", "unknown", "silent"))
                        ),
                        name="rights_check_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("settled_how", "")),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("settled_how__in", ("taken", "kept")),
                            ),
                            _connector="OR",
                        ),
                        name="rights_check_settled",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Declaration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "fund_code",
                    models.CharField(help_text="the person's fund on that day", max_length=9),
                ),
                (
                    "content",
                    soutien.sealing.SealedJSONField(help_text="the right as it is declared"),
                ),
                (
                    "document",
                    models.UUIDField(blank=True, help_text="public id of a paper", null=True),
                ),
                ("declared_at", models.DateTimeField()),
                ("declared_by", models.CharField(help_text="a role", max_length=20)),
                ("state", models.CharField(default="open", max_length=10)),
                ("reason", soutien.sealing.SealedTextField(blank=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by_account", models.BigIntegerField(blank=True, null=True)),
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
                "indexes": [
                    models.Index(fields=["person", "id"], name="rights_declared_by"),
                    models.Index(
                        fields=["fund_code", "state", "declared_at"], name="rights_declared_to"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("open", "accepted", "refused", "withdrawn"))
                        ),
                        name="rights_declaration_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="rights_declaration_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("right", models.CharField(max_length=10)),
                ("subject", models.UUIDField()),
                ("act", models.CharField(max_length=10)),
                (
                    "content",
                    soutien.sealing.SealedJSONField(help_text="the right before and after"),
                ),
                ("evidence", models.CharField(max_length=16)),
                (
                    "evidence_on",
                    models.DateField(blank=True, help_text="the day it bears", null=True),
                ),
                (
                    "document",
                    models.UUIDField(blank=True, help_text="public id of a paper", null=True),
                ),
                ("seen_by", models.CharField(help_text="a role", max_length=20)),
                ("seen_by_account", models.BigIntegerField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField()),
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
                "indexes": [
                    models.Index(fields=["person", "id"], name="rights_of_a_person"),
                    models.Index(fields=["subject", "id"], name="rights_of_a_right"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("right__in", ("scheme", "exemption", "cover")),
                            ("act__in", ("opened", "ended", "corrected", "withdrawn")),
                            (
                                "evidence__in",
                                (
                                    "certificate",
                                    "letter",
                                    "insurer_card",
                                    "counter",
                                    "service",
                                    "members_file",
                                ),
                            ),
                        ),
                        name="rights_entry_words",
                    )
                ],
            },
        ),
        UntilForgotten("rights", "Entry", sealed="content").operation(),
    ]
