"""Accounts whose every second factor is lost, and the link that begins it."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_addresses_are_sealed"),
        ("people", "0007_people_who_asked_to_be_erased"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recovery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("how", models.CharField(help_text="mail or people", max_length=6)),
                ("state", models.CharField(max_length=8)),
                (
                    "proof",
                    soutien.sealing.SealedTextField(
                        blank=True, help_text="the paper that was seen"
                    ),
                ),
                (
                    "first_by",
                    models.BigIntegerField(blank=True, help_text="an administrator", null=True),
                ),
                (
                    "second_by",
                    models.BigIntegerField(blank=True, help_text="another one", null=True),
                ),
                ("began_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(help_text="nothing is done with it afterwards")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_why", models.CharField(blank=True, max_length=12)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="maillink",
            name="accounts_link_kind",
        ),
        migrations.AlterField(
            model_name="maillink",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sign_in", "sign in"),
                    ("join", "open an account"),
                    ("password", "choose a new password"),
                    ("email", "confirm a new address"),
                    ("recover", "say that every second factor is lost"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="maillink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["sign_in", "join", "password", "email", "recover"])
                ),
                name="accounts_link_kind",
            ),
        ),
        migrations.AddField(
            model_name="recovery",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="recoveries",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["vouched", "waiting"])),
                fields=("account",),
                name="accounts_recovery_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["vouched", "waiting", "stopped", "done"])),
                name="accounts_recovery_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "waiting"), _negated=True),
                    ("ready_at__gt", models.F("began_at")),
                    _connector="OR",
                ),
                name="accounts_recovery_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("how", "people"), _negated=True),
                    models.Q(("first_by__isnull", False), ("state__in", ["vouched", "stopped"])),
                    models.Q(
                        ("second_by__isnull", False),
                        models.Q(("second_by", models.F("first_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="accounts_recovery_two_people",
            ),
        ),
    ]
