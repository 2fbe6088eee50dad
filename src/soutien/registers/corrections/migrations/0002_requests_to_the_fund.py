"""What somebody asks their fund to correct; a number that a fund corrected is kept too.

SQLite remakes the table of former values here: its protections are made again.
"""

import uuid
from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing

_before = import_module("soutien.registers.corrections.migrations.0001_former_values")


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        _before.FORMER_VALUES.protect(apps, schema_editor)


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        _before.FORMER_VALUES.lift(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("corrections", "0001_former_values"),
        ("people", "0007_people_who_asked_to_be_erased"),
    ]

    operations = [
        migrations.CreateModel(
            name="Request",
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
                ("given_name", soutien.sealing.SealedTextField()),
                ("family_name", soutien.sealing.SealedTextField()),
                ("birth_date", soutien.sealing.SealedTextField(help_text="ISO day")),
                (
                    "nir",
                    soutien.sealing.SealedTextField(
                        blank=True, help_text="empty: the one that is written stays"
                    ),
                ),
                (
                    "explanation",
                    soutien.sealing.SealedTextField(
                        blank=True, help_text="the person's own words"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.CharField(help_text="a role", max_length=20)),
                ("state", models.CharField(default="open", max_length=10)),
                ("reason", soutien.sealing.SealedTextField(blank=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by_account", models.BigIntegerField(blank=True, null=True)),
            ],
        ),
        # On the way back the table is remade before this.
        migrations.RunPython(migrations.RunPython.noop, protect),
        migrations.RemoveConstraint(
            model_name="formervalue",
            name="corrections_field_known",
        ),
        migrations.AddConstraint(
            model_name="formervalue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "field__in",
                        [
                            "given_name",
                            "family_name",
                            "birth_date",
                            "email",
                            "phone",
                            "language",
                            "discreet",
                            "nir",
                        ],
                    )
                ),
                name="corrections_field_known",
            ),
        ),
        migrations.RunPython(protect, lift),
        migrations.AddField(
            model_name="request",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                fields=["fund_code", "state", "asked_at"], name="corrections_of_a_fund"
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("person",),
                name="corrections_request_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "accepted", "refused", "withdrawn"])),
                name="corrections_request_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True), ("ended_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="corrections_request_end",
            ),
        ),
    ]
