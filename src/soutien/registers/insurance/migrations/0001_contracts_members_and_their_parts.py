"""Insurers: their contracts, the members they told us of, what they decide of their part."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing
from soutien.protections.append_only import append_only


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("claims", "0005_what_people_said_of_a_refusal"),
        ("people", "0008_rights_with_names_and_one_ground_at_a_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contract",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("insurer_code", models.CharField(max_length=10)),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=120)),
                ("responsible", models.BooleanField(default=True)),
                ("copay_percent", models.PositiveSmallIntegerField(default=100)),
                ("allowance_cents", models.PositiveIntegerField(default=0)),
                ("allowance_sessions", models.PositiveSmallIntegerField(default=0)),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                ("written_at", models.DateTimeField()),
                ("written_by_account", models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["insurer_code", "code"], name="insurance_contracts_of")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_before__isnull", True),
                            ("valid_before__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="insurance_contract_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("copay_percent__lte", 100)),
                        name="insurance_contract_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MembersFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("insurer_code", models.CharField(max_length=10)),
                ("digest", models.CharField(help_text="of the bytes that came", max_length=64)),
                (
                    "whole",
                    models.BooleanField(help_text="whoever is not in it is a member no more"),
                ),
                ("as_of", models.DateField()),
                ("lines", models.PositiveIntegerField(default=0)),
                ("added", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("same", models.PositiveIntegerField(default=0)),
                ("gone", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("begun_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("by_account", models.BigIntegerField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("insurer_code", "digest"), name="insurance_file_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("insurer_code", models.CharField(max_length=10)),
                ("member_number", soutien.sealing.SealedTextField()),
                ("member_index", models.CharField(editable=False, max_length=64, unique=True)),
                ("family_name", soutien.sealing.SealedTextField()),
                ("given_name", soutien.sealing.SealedTextField()),
                ("birth_date", soutien.sealing.SealedTextField(help_text="ISO day")),
                ("nir", soutien.sealing.SealedTextField(blank=True)),
                (
                    "nir_index",
                    models.CharField(blank=True, db_index=True, editable=False, max_length=64),
                ),
                ("contract_code", models.CharField(max_length=20)),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "last_file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="insurance.membersfile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["insurer_code", "id"], name="insurance_members_of")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_before__isnull", True),
                            ("valid_before__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="insurance_member_period",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PartDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveSmallIntegerField(default=1)),
                ("insurer_code", models.CharField(max_length=10)),
                ("contract_code", models.CharField(blank=True, max_length=20)),
                ("accepted", models.BooleanField()),
                ("reasons", models.PositiveIntegerField(default=0)),
                (
                    "remainder_cents",
                    models.PositiveIntegerField(help_text="what the compulsory scheme left"),
                ),
                ("amc_cents", models.PositiveIntegerField()),
                ("decided_at", models.DateTimeField()),
                ("decided_by", models.CharField(help_text="a role", max_length=20)),
                ("account", models.BigIntegerField(blank=True, null=True)),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.claim",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="claims.decision",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["insurer_code", "decided_at"], name="insurance_parts_of")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("claim", "sequence"), name="insurance_part_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted", True), ("amc_cents__gt", 0), ("reasons", 0)),
                            models.Q(("accepted", False), ("amc_cents", 0), ("reasons__gt", 0)),
                            _connector="OR",
                        ),
                        name="insurance_part_reason_or_money",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amc_cents__lte", models.F("remainder_cents"))),
                        name="insurance_part_never_more",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=20)),
                (
                    "members_file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_lines",
                        to="insurance.membersfile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("members_file", "number"), name="insurance_refused_line_once"
                    )
                ],
            },
        ),
        append_only({"insurance_partdecision": ("id", "claim_id, sequence")}),
    ]
