"""Who holds parental authority, their links, what they signed, and appointments that wait.

A signature is not changed, and not removed before its child is forgotten. One change is let
through: the name sealed again under another key, as in the claims. On SQLite a trigger is lost
when a later migration remakes the table: such a migration ends with ``SIGNATURES.protect``.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing
from soutien.protections.until_forgotten import UntilForgotten, is_remembered

SIGNATURES = UntilForgotten("guardians", "Signature", is_remembered("OLD.child_id"), sealed="name")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agenda", "0005_times_taken_elsewhere"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Holder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("seat", models.PositiveSmallIntegerField(help_text="1 or 2")),
                ("capacity", models.CharField(max_length=14)),
                ("given_name", soutien.sealing.SealedTextField()),
                ("family_name", soutien.sealing.SealedTextField()),
                ("email", soutien.sealing.SealedTextField(blank=True)),
                (
                    "email_index",
                    models.CharField(blank=True, editable=False, max_length=64, null=True),
                ),
                ("phone", soutien.sealing.SealedTextField(blank=True)),
                (
                    "phone_index",
                    models.CharField(blank=True, editable=False, max_length=64, null=True),
                ),
                ("language", models.CharField(default="fr", max_length=2)),
                (
                    "proof",
                    soutien.sealing.SealedTextField(
                        blank=True, help_text="the paper that says so, its date or number"
                    ),
                ),
                ("proof_seen_at", models.DateTimeField(blank=True, null=True)),
                ("proof_seen_by_account", models.BigIntegerField(blank=True, null=True)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.CharField(help_text="a role", max_length=20)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="guardians.holder",
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
            ],
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("matter", models.CharField(help_text="care or alone", max_length=8)),
                ("given", models.BooleanField()),
                (
                    "text_version",
                    models.PositiveSmallIntegerField(help_text="the text that was read"),
                ),
                (
                    "name",
                    soutien.sealing.SealedTextField(
                        help_text="as it was typed, or stands on the paper"
                    ),
                ),
                ("how", models.CharField(max_length=8)),
                ("signed_on", models.DateField()),
                ("said_at", models.DateTimeField()),
                ("recorded_by", models.CharField(help_text="a role", max_length=20)),
                ("recorded_by_account", models.BigIntegerField(blank=True, null=True)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="guardians.holder",
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
            ],
        ),
        migrations.CreateModel(
            name="Wait",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("kept_until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_for", models.CharField(blank=True, max_length=8)),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agenda.booking",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="holder",
            index=models.Index(fields=["child", "id"], name="guardians_of_a_child"),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)),
                fields=("child", "seat"),
                name="guardians_two_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("email_index__isnull", False), ("removed_at__isnull", True)),
                fields=("child", "email_index"),
                name="guardians_own_email",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("phone_index__isnull", False), ("removed_at__isnull", True)),
                fields=("child", "phone_index"),
                name="guardians_own_phone",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seat__gte", 1),
                    ("seat__lte", 2),
                    ("capacity__in", ["parent", "sole_authority", "tutor", "judge"]),
                ),
                name="guardians_holder_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proof_seen_at__isnull", True),
                    models.Q(("capacity", "parent"), _negated=True),
                    _connector="OR",
                ),
                name="guardians_proof_was_there",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("holder", "psychologist"),
                name="guardians_one_link_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("made_at"))),
                name="guardians_link_period",
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                fields=["child", "psychologist", "id"], name="guardians_what_was_said"
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("matter__in", ["care", "alone"]),
                    ("how__in", ("link", "paper")),
                    ("text_version__gte", 1),
                ),
                name="guardians_signature_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("how", "paper"), _negated=True),
                    ("recorded_by__in", ("psychologist", "replacement")),
                    _connector="OR",
                ),
                name="guardians_paper_has_a_witness",
            ),
        ),
        migrations.AddIndex(
            model_name="wait",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["kept_until"],
                name="guardians_waits_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_for", "")),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_for__in", ["complete", "over", "gone"]),
                    ),
                    _connector="OR",
                ),
                name="guardians_wait_end_has_a_reason",
            ),
        ),
        SIGNATURES.operation(),
    ]
