import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("psychologists", "0002_one_agreement_at_a_time"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerNumber",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("adeli", models.CharField(max_length=9, unique=True)),
                ("rpps", models.CharField(blank=True, db_index=True, max_length=11)),
                ("given_name", models.CharField(blank=True, max_length=80)),
                ("family_name", models.CharField(blank=True, max_length=80)),
                ("source_on", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("rpps", "rpps"), ("partners", "partners")], max_length=12
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("source_on", models.DateField(help_text="the day the file tells about")),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("done", "done"),
                            ("partial", "partial"),
                            ("overtaken", "overtaken"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("counts", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Registration",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("rpps", models.CharField(max_length=11, unique=True)),
                ("given_name", models.CharField(max_length=80)),
                ("family_name", models.CharField(max_length=80)),
                ("search_name", models.CharField(db_index=True, max_length=170)),
                (
                    "source_on",
                    models.DateField(help_text="the day of the file that last changed the row"),
                ),
                ("gone_on", models.DateField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="practiceplace",
            name="closed_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="practiceplace",
            name="source",
            field=models.CharField(
                choices=[
                    ("register", "the open RPPS file"),
                    ("partner_file", "the file of partners"),
                    ("own_words", "the psychologist"),
                ],
                default="own_words",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="practiceplace",
            name="source_digest",
            field=models.CharField(blank=True, help_text="as last imported", max_length=32),
        ),
        migrations.AddField(
            model_name="practiceplace",
            name="source_key",
            field=models.CharField(blank=True, help_text="the file's own key", max_length=60),
        ),
        migrations.AddField(
            model_name="psychologist",
            name="joined_partners_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="psychologist",
            name="left_partners_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="psychologist",
            name="left_register_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="psychologist",
            name="offers_amc_third_party",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="psychologist",
            name="website",
            field=models.URLField(blank=True),
        ),
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rpps", models.CharField(db_index=True, max_length=11)),
                ("field", models.CharField(max_length=40)),
                ("before", models.TextField(blank=True)),
                ("after", models.TextField(blank=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amendments",
                        to="psychologists.importrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FieldSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(max_length=40)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("register", "the open RPPS file"),
                            ("partner_file", "the file of partners"),
                            ("own_words", "the psychologist"),
                        ],
                        max_length=12,
                    ),
                ),
                ("value", models.TextField(blank=True)),
                ("source_on", models.DateField()),
                (
                    "psychologist",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="field_sources",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("psychologist", "field"), name="psychologists_field_source_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RegisteredPlace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="mode and structure, or mode and address", max_length=60
                    ),
                ),
                ("mode", models.CharField(blank=True, help_text="TRE_R23: L, S, B", max_length=1)),
                ("structure_name", models.CharField(blank=True, max_length=120)),
                ("siret", models.CharField(blank=True, max_length=14)),
                ("finess", models.CharField(blank=True, max_length=9)),
                ("address_line", models.CharField(blank=True, max_length=160)),
                ("complement", models.CharField(blank=True, max_length=160)),
                ("postcode", models.CharField(blank=True, max_length=5)),
                ("town_name", models.CharField(max_length=80)),
                ("insee", models.CharField(db_index=True, max_length=5)),
                ("latitude", models.FloatField()),
                ("longitude", models.FloatField()),
                ("position_precision", models.CharField(max_length=12)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("former_structure", models.CharField(blank=True, max_length=40)),
                (
                    "source_on",
                    models.DateField(help_text="the day of the file that last changed the row"),
                ),
                ("closed_on", models.DateField(blank=True, null=True)),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="psychologists.registration",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["latitude", "longitude"], name="registered_position")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("registration", "key"), name="psychologists_registered_place_once"
                    )
                ],
            },
        ),
    ]
