"""A session told anew takes the place of the former one; who did not come, and how long."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0005_times_taken_elsewhere"),
        ("care", "0003_notes_of_psychologists"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.AddField(
            model_name="caresession",
            name="corrected_for",
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name="caresession",
            name="corrects",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="correction",
                to="care.caresession",
            ),
        ),
        migrations.AddField(
            model_name="caresession",
            name="duration_minutes",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="caresession",
            name="missed_by",
            field=models.CharField(blank=True, help_text="who did not come", max_length=12),
        ),
        migrations.AddField(
            model_name="caresession",
            name="sent_as",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="care.caresession",
            ),
        ),
        migrations.AddField(
            model_name="caresession",
            name="told_on",
            field=models.DateField(
                blank=True, help_text="when that was told beforehand", null=True
            ),
        ),
        migrations.AlterField(
            model_name="caresession",
            name="booking",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agenda.booking",
            ),
        ),
        migrations.AddIndex(
            model_name="caresession",
            index=models.Index(fields=["psychologist", "held_on"], name="care_session_practice"),
        ),
        migrations.AddConstraint(
            model_name="caresession",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects__isnull", True)),
                fields=("booking",),
                name="care_session_of_a_booking",
            ),
        ),
        migrations.AddConstraint(
            model_name="caresession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("duration_minutes__isnull", True),
                    models.Q(("duration_minutes__gte", 5), ("duration_minutes__lte", 240)),
                    _connector="OR",
                ),
                name="care_session_minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="caresession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missed_by", ""), ("performed", True), ("told_on__isnull", True)),
                    models.Q(
                        ("missed_by__in", ["", "person", "psychologist"]), ("performed", False)
                    ),
                    _connector="OR",
                ),
                name="care_session_missed",
            ),
        ),
        migrations.AddConstraint(
            model_name="caresession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("told_on__isnull", True),
                    ("told_on__lte", models.F("held_on")),
                    _connector="OR",
                ),
                name="care_session_told_before",
            ),
        ),
        migrations.AddConstraint(
            model_name="caresession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("corrected_for", ""),
                        ("corrects__isnull", True),
                        ("sent_as__isnull", True),
                    ),
                    models.Q(
                        (
                            "corrected_for__in",
                            ("attendance", "modality", "duration", "ground", "other"),
                        ),
                        ("corrects__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="care_session_correction",
            ),
        ),
    ]
