"""Where a document went, on whose word, and what became of it. Written once, as the rest.

The database takes no passage of a draft. On SQLite a trigger is lost when a later migration
remakes the table: such a migration ends with ``protect`` of each in ``PROTECTED``.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

from soutien.protections.until_forgotten import UntilForgotten

_before = import_module("soutien.registers.writings.migrations.0001_what_is_written_in_care")
_WRITING = (
    "(SELECT w.person_id FROM writings_writing w JOIN writings_handover h "
    "ON h.writing_id = w.id WHERE h.id = OLD.hand_over_id)"
)
PROTECTED = (
    _before.of_writing("HandOver"),
    UntilForgotten(
        "writings", "Answer", f"EXISTS ({_before._REMEMBERED} {_WRITING})", keys=("id",)
    ),
)
DRAFT = "writings_handover_of_draft"


def _of_draft(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f"""
            CREATE FUNCTION {DRAFT}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NOT {_before.SIGNED} THEN
                    RAISE EXCEPTION '{DRAFT}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END $$
            """,
            f"CREATE TRIGGER {DRAFT} BEFORE INSERT ON writings_handover "
            f"FOR EACH ROW EXECUTE FUNCTION {DRAFT}()",
        ]
    return [
        f"CREATE TRIGGER {DRAFT} BEFORE INSERT ON writings_handover "
        f"WHEN NOT {_before.SIGNED} BEGIN SELECT RAISE(ABORT, '{DRAFT}'); END"
    ]


def of_signed_only(_apps, schema_editor):
    for statement in _of_draft(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def of_drafts_too(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {DRAFT} ON writings_handover")
        schema_editor.execute(f"DROP FUNCTION {DRAFT}()")
        return
    schema_editor.execute(f"DROP TRIGGER {DRAFT}")


class Migration(migrations.Migration):
    dependencies = [
        ("writings", "0001_what_is_written_in_care"),
    ]

    operations = [
        migrations.CreateModel(
            name="HandOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to", models.CharField(max_length=16)),
                ("basis", models.CharField(max_length=16)),
                ("handed_over_at", models.DateTimeField()),
                (
                    "writing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs",
                        to="writings.writing",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen", models.CharField(max_length=8)),
                ("answered_at", models.DateTimeField()),
                (
                    "hand_over",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="writings.handover",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "to__in",
                        ("treating_doctor", "other_doctor", "psychiatry", "cmp", "emergency"),
                    ),
                    ("basis__in", ("agreed", "before_agreement", "danger")),
                ),
                name="writings_hand_over_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.CheckConstraint(
                condition=models.Q(("seen__in", ("seen", "not_yet", "not_seen"))),
                name="writings_answer_words",
            ),
        ),
        migrations.RunPython(of_signed_only, of_drafts_too),
        *(each.operation() for each in PROTECTED),
    ]
