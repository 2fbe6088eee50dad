import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("care", "0001_the_year_seat_by_seat"),
        ("people", "0001_people_and_their_rights"),
        ("psychologists", "0001_psychologists_and_their_places"),
    ]

    operations = [
        migrations.CreateModel(
            name="CareSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.CharField(max_length=20, unique=True)),
                ("issued_on", models.DateField()),
                ("issued_at", models.DateTimeField()),
                ("act_code", models.CharField(max_length=3)),
                ("price_cents", models.PositiveIntegerField()),
                ("amo_third_party", models.BooleanField()),
                ("amc_third_party", models.BooleanField(default=False)),
                ("signed_by_person", models.BooleanField()),
                ("signed_by_psychologist", models.BooleanField()),
                ("complete", models.BooleanField()),
                (
                    "printed",
                    soutien.sealing.SealedTextField(
                        help_text="the printed fields as JSON, as they were when issued"
                    ),
                ),
                (
                    "care_session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="care.caresession",
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
            name="Claim",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("fund_code", models.CharField(blank=True, max_length=9)),
                ("sent_by", models.CharField(max_length=20)),
                ("received_on", models.DateField()),
                ("received_at", models.DateTimeField()),
                (
                    "care_session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="care.caresession",
                    ),
                ),
                (
                    "care_sheet",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claim",
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
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveSmallIntegerField(default=1)),
                ("decided_at", models.DateTimeField()),
                ("profile", models.CharField(max_length=12)),
                ("accepted", models.BooleanField()),
                (
                    "to_confirm",
                    models.BooleanField(
                        default=False, help_text="notified only after a person confirms (R-022)"
                    ),
                ),
                ("reasons", models.PositiveIntegerField(help_text="bits of rules.codes.Reason")),
                (
                    "notices",
                    models.PositiveIntegerField(default=0, help_text="bits of rules.codes.Notice"),
                ),
                ("coverage", models.PositiveSmallIntegerField(help_text="rules.codes.Coverage")),
                (
                    "third_party",
                    models.PositiveSmallIntegerField(help_text="rules.codes.ThirdParty"),
                ),
                ("price_cents", models.PositiveIntegerField()),
                ("amo_cents", models.PositiveIntegerField()),
                ("local_regime_cents", models.PositiveIntegerField(default=0)),
                ("amc_cents", models.PositiveIntegerField()),
                ("patient_cents", models.PositiveIntegerField()),
                ("patient_upfront_cents", models.PositiveIntegerField()),
                ("sessions_left", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("used_before", models.PositiveSmallIntegerField()),
                ("used_after", models.PositiveSmallIntegerField()),
                ("law_version", models.CharField(max_length=16)),
                (
                    "facts",
                    soutien.sealing.SealedJSONField(help_text="the integers that were decided on"),
                ),
                ("terms", models.JSONField(help_text="the terms in force that were used")),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="claims.claim",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["person", "received_on"], name="claims_claim_person"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["received_at"], name="claims_claim_received"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                fields=("claim", "sequence"), name="claims_decision_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("accepted", True),
                        (
                            "price_cents",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("amo_cents"), "+", models.F("amc_cents")
                                ),
                                "+",
                                models.F("patient_cents"),
                            ),
                        ),
                    ),
                    models.Q(
                        ("accepted", False),
                        ("amc_cents", 0),
                        ("amo_cents", 0),
                        ("patient_cents", 0),
                    ),
                    _connector="OR",
                ),
                name="claims_decision_parts_add_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted", True), ("coverage__gt", 0), ("reasons", 0)),
                    models.Q(("accepted", False), ("coverage", 0), ("reasons__gt", 0)),
                    _connector="OR",
                ),
                name="claims_decision_reason_or_coverage",
            ),
        ),
    ]
