"""What is written in care. It stays as it was, and goes when its person is forgotten.

One change is let through: the body sealed again under another key. After a signature no version
is added. On SQLite a trigger is lost when a later migration remakes the table: such a migration
ends with ``protect`` of each in ``PROTECTED``.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import soutien.sealing
from soutien.protections.until_forgotten import UntilForgotten

_REMEMBERED = "SELECT 1 FROM people_person p WHERE p.forgotten_at IS NULL AND p.id ="
OF_WRITING = "(SELECT w.person_id FROM writings_writing w WHERE w.id = OLD.writing_id)"


def of_writing(model: str, *, sealed: str = "") -> UntilForgotten:
    """What belongs to a document and goes with its person."""
    known = f"EXISTS ({_REMEMBERED} {OF_WRITING})"
    return UntilForgotten("writings", model, known, sealed=sealed, keys=("id",))


PROTECTED = (
    UntilForgotten("writings", "Writing", f"EXISTS ({_REMEMBERED} OLD.person_id)", keys=("id",)),
    of_writing("Version", sealed="body"),
    of_writing("Signature"),
)
SIGNED = "EXISTS (SELECT 1 FROM writings_signature s WHERE s.writing_id = NEW.writing_id)"


def _after_signature(vendor: str) -> list[str]:
    name = "writings_version_after_signature"
    if vendor == "postgresql":
        return [
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {SIGNED} THEN
                    RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END $$
            """,
            f"CREATE TRIGGER {name} BEFORE INSERT ON writings_version "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    return [
        f"CREATE TRIGGER {name} BEFORE INSERT ON writings_version "
        f"WHEN {SIGNED} BEGIN SELECT RAISE(ABORT, '{name}'); END"
    ]


def after_signature(_apps, schema_editor):
    for statement in _after_signature(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def at_any_time(_apps, schema_editor):
    name = "writings_version_after_signature"
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {name} ON writings_version")
        schema_editor.execute(f"DROP FUNCTION {name}()")
        return
    schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Writing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("written_on", models.DateField()),
                ("valid_before", models.DateField(blank=True, null=True)),
                ("began_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            name="Version",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("body", soutien.sealing.SealedJSONField()),
                ("written_at", models.DateTimeField()),
                (
                    "writing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="writings.writing",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("signed_at", models.DateTimeField()),
                (
                    "writing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signature",
                        to="writings.writing",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Deposit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("place", models.CharField(editable=False, max_length=64, unique=True)),
                ("content", soutien.sealing.SealedTextField(blank=True)),
                ("kept_code", soutien.sealing.SealedTextField(blank=True)),
                ("written_on", models.DateField()),
                ("left_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("received_at", models.DateTimeField(blank=True, null=True)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["author", "id"], name="writings_deposits_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("left_at"))),
                        name="writings_deposit_ends",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="writing",
            index=models.Index(fields=["person", "id"], name="writings_of_a_person"),
        ),
        migrations.AddIndex(
            model_name="writing",
            index=models.Index(fields=["psychologist", "person"], name="writings_of_a_pair"),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        (
                            "referral",
                            "accompaniment",
                            "evaluation_note",
                            "end_report",
                            "doctor_signal",
                            "specialist_letter",
                            "attendance",
                        ),
                    ),
                    models.Q(
                        ("kind__in", ("referral", "accompaniment")),
                        models.Q(("author__isnull", True), ("valid_before__isnull", True)),
                        _connector="OR",
                    ),
                ),
                name="writings_writing_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="writing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_before__isnull", True),
                    ("valid_before__gt", models.F("written_on")),
                    _connector="OR",
                ),
                name="writings_writing_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.UniqueConstraint(
                fields=("writing", "number"), name="writings_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="version",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="writings_version_counted"
            ),
        ),
        migrations.RunPython(after_signature, at_any_time),
        *(each.operation() for each in PROTECTED),
    ]
