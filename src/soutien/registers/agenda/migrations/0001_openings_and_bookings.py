import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0001_people_and_their_rights"),
        ("psychologists", "0001_psychologists_and_their_places"),
    ]

    operations = [
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=12)),
                ("modality", models.CharField(default="in_person", max_length=10)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("civil_day", models.DateField(help_text="the day at the place of care")),
                ("status", models.CharField(max_length=10)),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by", models.CharField(blank=True, max_length=20)),
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
            options={
                "indexes": [
                    models.Index(
                        fields=["psychologist", "starts_at"], name="agenda_booking_agenda"
                    ),
                    models.Index(fields=["person", "starts_at"], name="agenda_booking_person"),
                    models.Index(
                        condition=models.Q(("status", "held")),
                        fields=["held_until"],
                        name="agenda_booking_holds",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="agenda_booking_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["evaluation", "follow_up"]),
                            ("modality__in", ["in_person", "remote"]),
                            (
                                "status__in",
                                [
                                    "held",
                                    "confirmed",
                                    "fulfilled",
                                    "missed",
                                    "cancelled",
                                    "expired",
                                ],
                            ),
                        ),
                        name="agenda_booking_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["held", "expired", "cancelled"]),
                            ("person__isnull", False),
                            _connector="OR",
                        ),
                        name="agenda_booking_person_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "held"), _negated=True),
                            ("held_until__isnull", False),
                            _connector="OR",
                        ),
                        name="agenda_booking_hold_ends",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningException",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(help_text="the day at the place")),
                ("closed", models.BooleanField(default=True)),
                ("starts_at_minute", models.PositiveSmallIntegerField(default=0)),
                ("ends_at_minute", models.PositiveSmallIntegerField(default=1440)),
                ("appointment_minutes", models.PositiveSmallIntegerField(default=60)),
                ("accepts", models.CharField(default="both", max_length=12)),
                ("modality", models.CharField(default="in_person", max_length=10)),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
            options={
                "indexes": [
                    models.Index(fields=["psychologist", "day"], name="agenda_exception_day")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at_minute__gt", models.F("starts_at_minute")),
                            ("ends_at_minute__lte", 1440),
                            ("appointment_minutes__gte", 15),
                            ("appointment_minutes__lte", 720),
                        ),
                        name="agenda_exception_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed", True), ("place__isnull", False), _connector="OR"
                        ),
                        name="agenda_exception_opening_has_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepts__in", ["evaluation", "follow_up", "both"]),
                            ("modality__in", ["in_person", "remote", "both"]),
                        ),
                        name="agenda_exception_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekday", models.PositiveSmallIntegerField(help_text="0 is Monday")),
                (
                    "starts_at_minute",
                    models.PositiveSmallIntegerField(help_text="minutes after midnight"),
                ),
                ("ends_at_minute", models.PositiveSmallIntegerField()),
                ("appointment_minutes", models.PositiveSmallIntegerField(default=60)),
                (
                    "accepts",
                    models.CharField(
                        default="both", help_text="evaluation, follow_up or both", max_length=12
                    ),
                ),
                (
                    "modality",
                    models.CharField(
                        default="in_person", help_text="in_person, remote or both", max_length=10
                    ),
                ),
                ("open_on_public_holidays", models.BooleanField(default=False)),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
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
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("weekday__lte", 6),
                            ("ends_at_minute__gt", models.F("starts_at_minute")),
                            ("ends_at_minute__lte", 1440),
                            ("appointment_minutes__gte", 15),
                            ("appointment_minutes__lte", 720),
                        ),
                        name="agenda_rule_hours",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_before__isnull", True),
                            ("valid_before__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="agenda_rule_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepts__in", ["evaluation", "follow_up", "both"]),
                            ("modality__in", ["in_person", "remote", "both"]),
                        ),
                        name="agenda_rule_words",
                    ),
                ],
            },
        ),
    ]
