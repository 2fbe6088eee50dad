"""Private addresses to read appointments at, and calendars elsewhere that are read here."""

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0002_one_scheme_and_one_cover_at_a_time"),
        ("psychologists", "0004_changes_are_noted"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutsideCalendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", soutien.sealing.SealedTextField()),
                ("created_at", models.DateTimeField()),
                ("etag", models.CharField(blank=True, max_length=200)),
                ("read_again_at", models.DateTimeField(db_index=True)),
                (
                    "read_at",
                    models.DateTimeField(blank=True, help_text="the last success", null=True),
                ),
                (
                    "whole_at",
                    models.DateTimeField(
                        blank=True, help_text="the last with its content", null=True
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True, help_text="a code; empty when it works", max_length=40
                    ),
                ),
                ("trouble_since", models.DateTimeField(blank=True, null=True)),
                ("busy_times", models.PositiveIntegerField(default=0)),
                (
                    "psychologist",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("language", models.CharField(default="fr", max_length=2)),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
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
                    "psychologist",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", True), ("psychologist__isnull", False)),
                            models.Q(("person__isnull", False), ("psychologist__isnull", True)),
                            _connector="OR",
                        ),
                        name="calendars_feed_one_owner",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("person",),
                        name="calendars_feed_person_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("psychologist",),
                        name="calendars_feed_psychologist_once",
                    ),
                ],
            },
        ),
    ]
