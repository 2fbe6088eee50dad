"""Episodes of care, with what the person hopes for and where things stand."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0001_the_year_seat_by_seat"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Episode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("opened_on", models.DateField()),
                ("opened_for", models.CharField(max_length=12)),
                ("opened_at", models.DateTimeField()),
                ("planned_sessions", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("needs_appraised", models.BooleanField(default=False)),
                ("framework_presented", models.BooleanField(default=False)),
                ("limit_told", models.BooleanField(default=False)),
                ("person_agreed", models.BooleanField(default=False)),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                ("exchanged_with", models.CharField(blank=True, max_length=24)),
                ("closed_before", models.DateField(blank=True, null=True)),
                ("ended_for", models.CharField(blank=True, max_length=12)),
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
            name="Goals",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("sequence", models.PositiveSmallIntegerField()),
                ("text", soutien.sealing.SealedTextField(blank=True)),
                ("said_by", models.CharField(max_length=12)),
                ("said_at", models.DateTimeField()),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="goals",
                        to="care.episode",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=10)),
                ("sequence", models.PositiveSmallIntegerField()),
                (
                    "sessions_held",
                    models.PositiveSmallIntegerField(help_text="when it was written"),
                ),
                ("change", soutien.sealing.SealedTextField()),
                ("symptoms", soutien.sealing.SealedTextField(blank=True)),
                ("evolution", soutien.sealing.SealedTextField(blank=True)),
                ("technique", soutien.sealing.SealedTextField(blank=True)),
                ("conclusion", soutien.sealing.SealedTextField(blank=True)),
                ("next_step", soutien.sealing.SealedTextField(blank=True)),
                ("written_at", models.DateTimeField()),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="care.episode",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="episode",
            index=models.Index(fields=["person", "opened_on"], name="care_episode_person"),
        ),
        migrations.AddConstraint(
            model_name="episode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_before__isnull", True)),
                fields=("person", "psychologist"),
                name="care_episode_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="episode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opened_for__in", ("evaluation", "follow_up", "change", "again")),
                    ("ended_for__in", ["", "finished", "stopped", "changed", "reoriented"]),
                    ("exchanged_with__in", ["", "doctor", "doctor_and_psychiatrist"]),
                ),
                name="care_episode_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="episode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_before__isnull", True), ("ended_for", "")),
                    models.Q(
                        ("closed_before__gt", models.F("opened_on")),
                        ("closed_before__isnull", False),
                        models.Q(("ended_for", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="care_episode_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="episode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("planned_sessions__isnull", True),
                    models.Q(("planned_sessions__gte", 1), ("planned_sessions__lte", 99)),
                    _connector="OR",
                ),
                name="care_episode_planned",
            ),
        ),
        migrations.AddConstraint(
            model_name="goals",
            constraint=models.UniqueConstraint(
                fields=("episode", "sequence"), name="care_goals_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="goals",
            constraint=models.CheckConstraint(
                condition=models.Q(("said_by__in", ("person", "psychologist"))),
                name="care_goals_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                fields=("episode", "kind", "sequence"), name="care_review_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ("mid_course", "end"))), name="care_review_words"
            ),
        ),
    ]
