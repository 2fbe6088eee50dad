import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("given_name", soutien.sealing.SealedTextField()),
                ("family_name", soutien.sealing.SealedTextField()),
                ("birth_date", soutien.sealing.SealedTextField(help_text="ISO day")),
                (
                    "nir",
                    soutien.sealing.SealedTextField(
                        blank=True, help_text="13 characters and the key, no spaces"
                    ),
                ),
                (
                    "nir_index",
                    models.CharField(editable=False, max_length=64, null=True, unique=True),
                ),
                ("email", soutien.sealing.SealedTextField(blank=True)),
                ("phone", soutien.sealing.SealedTextField(blank=True)),
                ("language", models.CharField(default="fr", max_length=2)),
                ("discreet", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Exemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                ("declared_by", models.CharField(default="person", max_length=20)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exemptions",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_before__isnull", True),
                            ("valid_before__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="people_exemption_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["css", "ame", "ald", "maternity", "at_mp", "invalidity"])
                        ),
                        name="people_exemption_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("insurer_name", models.CharField(max_length=120)),
                ("responsible_contract", models.BooleanField(default=True)),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_before__isnull", True),
                            ("valid_before__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="people_cover_period",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Affiliation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("regime", models.CharField(max_length=32)),
                ("fund_code", models.CharField(blank=True, max_length=9)),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                ("declared_by", models.CharField(default="person", max_length=20)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="affiliations",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_before__isnull", True),
                            ("valid_before__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="people_affiliation_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "regime__in",
                                [
                                    "general",
                                    "msa",
                                    "regime_local_alsace_moselle",
                                    "special",
                                    "none",
                                ],
                            )
                        ),
                        name="people_affiliation_regime_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PsychiatricSituation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32)),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="psychiatric",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_before__isnull", True),
                            ("valid_before__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="people_psychiatric_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "psychiatric_ald",
                                    "psychiatric_invalidity",
                                    "psychiatric_sick_leave",
                                    "child_psychiatry_follow_up",
                                ],
                            )
                        ),
                        name="people_psychiatric_kind_known",
                    ),
                ],
            },
        ),
    ]
