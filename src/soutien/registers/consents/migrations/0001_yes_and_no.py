"""What people said, written once: the database refuses change and removal.

On SQLite a trigger is lost when a later migration remakes the table: such a migration ends by
running ``protect`` again.
"""

import django.db.models.deletion
from django.db import migrations, models

TABLE = "consents_consent"


def protect(apps, schema_editor):
    refused = f"BEGIN SELECT RAISE(ABORT, '{TABLE}_append_only'); END"
    if schema_editor.connection.vendor == "postgresql":
        statements = [
            f"""
            CREATE FUNCTION {TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{TABLE}_append_only'
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """,
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_append_only()",
        ]
    else:
        statements = [
            f"CREATE TRIGGER {TABLE}_append_only_update BEFORE UPDATE ON {TABLE} {refused}",
            f"CREATE TRIGGER {TABLE}_append_only_delete BEFORE DELETE ON {TABLE} {refused}",
            f"CREATE TRIGGER {TABLE}_append_only_insert BEFORE INSERT ON {TABLE} "
            f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) {refused}",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {TABLE}_append_only ON {TABLE}")
        schema_editor.execute(f"DROP FUNCTION {TABLE}_append_only()")
        return
    for event in ("update", "delete", "insert"):
        schema_editor.execute(f"DROP TRIGGER {TABLE}_append_only_{event}")


class Migration(migrations.Migration):
    initial = True

    dependencies = [("people", "0005_grounds_are_sealed")]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=24)),
                ("given", models.BooleanField()),
                (
                    "text_version",
                    models.PositiveSmallIntegerField(help_text="the text that was read"),
                ),
                ("said_by", models.CharField(help_text="a role", max_length=20)),
                ("said_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "purpose", "id"], name="consents_of_a_person")
                ],
                "constraints": [
                    models.CheckConstraint(
                        name="consents_consent_words",
                        condition=models.Q(
                            (
                                "purpose__in",
                                [
                                    "reminder_mail",
                                    "reminder_text",
                                    "insurer",
                                    "hand_over",
                                    "statistics",
                                    "research",
                                ],
                            ),
                            ("said_by__in", ("person", "guardian")),
                        ),
                    ),
                    models.CheckConstraint(
                        name="consents_consent_text_read",
                        condition=models.Q(("text_version__gte", 1)),
                    ),
                ],
            },
        ),
        migrations.RunPython(protect, lift),
    ]
