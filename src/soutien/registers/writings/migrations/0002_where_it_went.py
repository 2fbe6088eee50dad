"""Where a document went, on whose word, and what became of it. Written once, as the rest.

The database takes no passage of a draft. On SQLite a trigger is lost when a later migration
remakes the table: such a migration ends by running ``protect`` again.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_before = import_module("soutien.registers.writings.migrations.0001_what_is_written_in_care")
_WRITING = (
    "(SELECT w.person_id FROM writings_writing w JOIN writings_handover h "
    "ON h.writing_id = w.id WHERE h.id = OLD.hand_over_id)"
)
PROTECTED = {
    "HandOver": f"EXISTS ({_before._REMEMBERED} {_before.OF_WRITING})",
    "Answer": f"EXISTS ({_before._REMEMBERED} {_WRITING})",
}
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


def protect(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    statements = _of_draft(vendor)
    for model, remembered in PROTECTED.items():
        meta = apps.get_model("writings", model)._meta
        columns = [field.column for field in meta.local_concrete_fields]
        made = _before._postgresql if vendor == "postgresql" else _before._sqlite
        statements += made(meta.db_table, remembered, columns)
    for statement in statements:
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(
        f"DROP TRIGGER {DRAFT}" + (" ON writings_handover" if postgresql else "")
    )
    if postgresql:
        schema_editor.execute(f"DROP FUNCTION {DRAFT}()")
    for model in PROTECTED:
        table = f"writings_{model.lower()}"
        if postgresql:
            for event in ("", "_delete", "_update"):
                schema_editor.execute(f"DROP TRIGGER {table}_append_only{event} ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_append_only()")
        else:
            for event in ("update", "delete", "insert"):
                schema_editor.execute(f"DROP TRIGGER {table}_append_only_{event}")


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
        migrations.RunPython(protect, lift),
    ]
