import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Psychologist",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("given_name", models.CharField(max_length=80)),
                ("family_name", models.CharField(max_length=80)),
                ("search_name", models.CharField(db_index=True, max_length=170)),
                ("rpps", models.CharField(max_length=11, unique=True)),
                ("am_number", models.CharField(blank=True, max_length=9)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("sees_adults", models.BooleanField(default=True)),
                ("sees_teenagers", models.BooleanField(default=False)),
                ("sees_children", models.BooleanField(default=False)),
                (
                    "languages",
                    models.CharField(
                        default="fr", help_text="codes, comma separated", max_length=80
                    ),
                ),
                ("offers_video", models.BooleanField(default=False)),
                ("accepts_new_patients", models.BooleanField(default=True)),
                ("presentation_fr", models.TextField(blank=True)),
                ("presentation_en", models.TextField(blank=True)),
                ("confirmed_on", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PracticePlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("label", models.CharField(blank=True, max_length=120)),
                ("address_line", models.CharField(max_length=160)),
                ("postcode", models.CharField(max_length=5)),
                ("town_name", models.CharField(max_length=80)),
                ("insee", models.CharField(db_index=True, max_length=5)),
                ("latitude", models.FloatField()),
                ("longitude", models.FloatField()),
                ("position_precision", models.CharField(default="town", max_length=12)),
                ("practice", models.CharField(default="liberal", max_length=8)),
                ("finess", models.CharField(blank=True, max_length=9)),
                ("step_free", models.BooleanField(default=False)),
                ("time_zone", models.CharField(default="Europe/Paris", max_length=40)),
                (
                    "psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["latitude", "longitude"], name="place_position")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("practice__in", ["liberal", "cds", "msp"])),
                        name="psychologists_practice_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                ("resignation_received_on", models.DateField(blank=True, null=True)),
                (
                    "psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="psychologists.psychologist",
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
                        name="psychologists_agreement_period",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                (
                    "psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to="psychologists.psychologist",
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
                        name="psychologists_suspension_period",
                    )
                ],
            },
        ),
    ]
