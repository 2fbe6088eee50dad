import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agenda", "0001_openings_and_bookings"),
        ("people", "0001_people_and_their_rights"),
        ("psychologists", "0001_psychologists_and_their_places"),
    ]

    operations = [
        migrations.CreateModel(
            name="CareSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("held_on", models.DateField(help_text="the day at the place of care")),
                ("kind", models.CharField(max_length=12)),
                ("modality", models.CharField(max_length=10)),
                ("performed", models.BooleanField(default=True)),
                ("price_cents", models.PositiveIntegerField()),
                ("linked_to", models.CharField(blank=True, max_length=24)),
                ("prescribed", models.BooleanField(default=False)),
                ("recorded_at", models.DateTimeField()),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agenda.booking",
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
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.practiceplace",
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
            name="Referral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("written_on", models.DateField()),
                ("referrer", models.CharField(max_length=24)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Year",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("civil_year", models.PositiveSmallIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("cap", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("kind", models.CharField(max_length=12)),
                (
                    "used",
                    models.BooleanField(default=False, help_text="false: reserved by a booking"),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agenda.booking",
                    ),
                ),
                (
                    "care_session",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="care.caresession",
                    ),
                ),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="care.year",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="caresession",
            index=models.Index(fields=["person", "held_on"], name="care_session_person"),
        ),
        migrations.AddConstraint(
            model_name="caresession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["evaluation", "follow_up"]),
                    ("modality__in", ["in_person", "remote"]),
                ),
                name="care_session_words",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["person", "written_on"], name="care_referral_person"),
        ),
        migrations.AddConstraint(
            model_name="year",
            constraint=models.UniqueConstraint(
                fields=("person", "civil_year"), name="care_year_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(fields=("year", "number"), name="care_seat_once"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number__gte", 1),
                    models.Q(
                        ("cap__isnull", True), ("number__lte", models.F("cap")), _connector="OR"
                    ),
                ),
                name="care_seat_within_cap",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("booking__isnull", False), ("care_session__isnull", False), _connector="OR"
                ),
                name="care_seat_has_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["evaluation", "follow_up"])),
                name="care_seat_kind",
            ),
        ),
    ]
