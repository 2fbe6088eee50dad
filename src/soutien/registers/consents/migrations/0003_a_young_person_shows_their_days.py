"""A young person may show the days of their care to who acts for them."""

from django.db import migrations, models

from soutien.protections import append_only


def protect_again(apps, schema_editor):
    # SQLite remade the table: its triggers went with the former one.
    if schema_editor.connection.vendor == "sqlite":
        append_only.protect(schema_editor, {"consents_consent": ("id",)})


class Migration(migrations.Migration):
    dependencies = [
        ("consents", "0002_one_exchange_at_a_time"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, protect_again),
        migrations.RemoveConstraint(
            model_name="consent",
            name="consents_consent_words",
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        [
                            "reminder_mail",
                            "reminder_text",
                            "insurer",
                            "hand_over",
                            "care_days",
                            "statistics",
                            "research",
                            "evaluation_note",
                            "end_report",
                            "reorientation",
                        ],
                    ),
                    ("said_by__in", ("person", "guardian")),
                ),
                name="consents_consent_words",
            ),
        ),
        migrations.RunPython(protect_again, migrations.RunPython.noop),
    ]
