"""What was written before a correction. Not changed; not removed before its person is forgotten or asks to be erased.

One change is let through: the value sealed again under another key, as in the claims. On SQLite a
trigger is lost when a later migration remakes the table: such a migration ends by ``protect``.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing

TABLE, SEALED = "corrections_formervalue", "value"
RESEALED = (
    f"length(NEW.{SEALED}) = length(OLD.{SEALED}) "
    f"AND substr(NEW.{SEALED}, 1, 1) = substr(OLD.{SEALED}, 1, 1) "
    f"AND substr(NEW.{SEALED}, 2, 4) <> substr(OLD.{SEALED}, 2, 4)"
)
REMEMBERED = (
    "EXISTS (SELECT 1 FROM people_person WHERE id = OLD.person_id "
    "AND forgotten_at IS NULL AND erasure_asked_at IS NULL)"
)


def _postgresql() -> list[str]:
    return [
        f"""
        CREATE FUNCTION {TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND NOT {REMEMBERED} THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION '{TABLE}_append_only'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        f"CREATE TRIGGER {TABLE}_append_only BEFORE TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_append_only()",
        f"CREATE TRIGGER {TABLE}_append_only_delete BEFORE DELETE ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_append_only()",
        f"CREATE TRIGGER {TABLE}_append_only_update BEFORE UPDATE ON {TABLE} FOR EACH ROW "
        f"WHEN (to_jsonb(NEW) - '{SEALED}' IS DISTINCT FROM to_jsonb(OLD) - '{SEALED}' "
        f"OR NOT ({RESEALED})) EXECUTE FUNCTION {TABLE}_append_only()",
    ]


def _sqlite(columns: list[str]) -> list[str]:
    refused = f"BEGIN SELECT RAISE(ABORT, '{TABLE}_append_only'); END"
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in columns if name != SEALED)
    return [
        f"CREATE TRIGGER {TABLE}_append_only_update BEFORE UPDATE ON {TABLE} "
        f"WHEN NOT ({same} AND {RESEALED}) {refused}",
        f"CREATE TRIGGER {TABLE}_append_only_delete BEFORE DELETE ON {TABLE} "
        f"WHEN {REMEMBERED} {refused}",
        f"CREATE TRIGGER {TABLE}_append_only_insert BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR public_id = NEW.public_id) "
        f"{refused}",
    ]


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        statements = _postgresql()
    else:
        fields = apps.get_model("corrections", "FormerValue")._meta.local_concrete_fields
        statements = _sqlite([field.column for field in fields])
    for statement in statements:
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in ("", "_delete", "_update"):
            schema_editor.execute(f"DROP TRIGGER {TABLE}_append_only{name} ON {TABLE}")
        schema_editor.execute(f"DROP FUNCTION {TABLE}_append_only()")
        return
    for event in ("update", "delete", "insert"):
        schema_editor.execute(f"DROP TRIGGER {TABLE}_append_only_{event}")


class Migration(migrations.Migration):
    initial = True

    dependencies = [("people", "0007_people_who_asked_to_be_erased")]

    operations = [
        migrations.CreateModel(
            name="FormerValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("field", models.CharField(max_length=16)),
                ("value", soutien.sealing.SealedTextField(blank=True)),
                ("replaced_at", models.DateTimeField()),
                ("replaced_by", models.CharField(help_text="a role", max_length=20)),
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
                "indexes": [models.Index(fields=["person", "id"], name="corrections_of_a_person")],
                "constraints": [
                    models.CheckConstraint(
                        name="corrections_field_known",
                        condition=models.Q(
                            (
                                "field__in",
                                [
                                    "given_name",
                                    "family_name",
                                    "birth_date",
                                    "email",
                                    "phone",
                                    "language",
                                    "discreet",
                                ],
                            )
                        ),
                    ),
                ],
            },
        ),
        migrations.RunPython(protect, lift),
    ]
