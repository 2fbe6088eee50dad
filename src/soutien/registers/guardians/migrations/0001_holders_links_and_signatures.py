"""Who holds parental authority, their links, what they signed, and appointments that wait.

A signature is not changed, and not removed before its child is forgotten. One change is let
through: the name sealed again under another key, as in the claims. On SQLite a trigger is lost
when a later migration remakes the table: such a migration ends by ``protect``.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import soutien.sealing

TABLE, SEALED = "guardians_signature", "name"
RESEALED = (
    f"length(NEW.{SEALED}) = length(OLD.{SEALED}) "
    f"AND substr(NEW.{SEALED}, 1, 1) = substr(OLD.{SEALED}, 1, 1) "
    f"AND substr(NEW.{SEALED}, 2, 4) <> substr(OLD.{SEALED}, 2, 4)"
)
REMEMBERED = (
    "EXISTS (SELECT 1 FROM people_person WHERE id = OLD.child_id AND forgotten_at IS NULL)"
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
        fields = apps.get_model("guardians", "Signature")._meta.local_concrete_fields
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

    dependencies = [
        ("agenda", "0005_times_taken_elsewhere"),
        ("people", "0007_people_who_asked_to_be_erased"),
        ("psychologists", "0006_replacements"),
    ]

    operations = [
        migrations.CreateModel(
            name="Holder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("seat", models.PositiveSmallIntegerField(help_text="1 or 2")),
                ("capacity", models.CharField(max_length=14)),
                ("given_name", soutien.sealing.SealedTextField()),
                ("family_name", soutien.sealing.SealedTextField()),
                ("email", soutien.sealing.SealedTextField(blank=True)),
                (
                    "email_index",
                    models.CharField(blank=True, editable=False, max_length=64, null=True),
                ),
                ("phone", soutien.sealing.SealedTextField(blank=True)),
                (
                    "phone_index",
                    models.CharField(blank=True, editable=False, max_length=64, null=True),
                ),
                ("language", models.CharField(default="fr", max_length=2)),
                (
                    "proof",
                    soutien.sealing.SealedTextField(
                        blank=True, help_text="the paper that says so, its date or number"
                    ),
                ),
                ("proof_seen_at", models.DateTimeField(blank=True, null=True)),
                ("proof_seen_by_account", models.BigIntegerField(blank=True, null=True)),
                ("added_at", models.DateTimeField()),
                ("added_by", models.CharField(help_text="a role", max_length=20)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="guardians.holder",
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
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("matter", models.CharField(help_text="care or alone", max_length=8)),
                ("given", models.BooleanField()),
                (
                    "text_version",
                    models.PositiveSmallIntegerField(help_text="the text that was read"),
                ),
                (
                    "name",
                    soutien.sealing.SealedTextField(
                        help_text="as it was typed, or stands on the paper"
                    ),
                ),
                ("how", models.CharField(max_length=8)),
                ("signed_on", models.DateField()),
                ("said_at", models.DateTimeField()),
                ("recorded_by", models.CharField(help_text="a role", max_length=20)),
                ("recorded_by_account", models.BigIntegerField(blank=True, null=True)),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="guardians.holder",
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
            name="Wait",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("kept_until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_for", models.CharField(blank=True, max_length=8)),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agenda.booking",
                    ),
                ),
                (
                    "child",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="holder",
            index=models.Index(fields=["child", "id"], name="guardians_of_a_child"),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)),
                fields=("child", "seat"),
                name="guardians_two_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("email_index__isnull", False), ("removed_at__isnull", True)),
                fields=("child", "email_index"),
                name="guardians_own_email",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("phone_index__isnull", False), ("removed_at__isnull", True)),
                fields=("child", "phone_index"),
                name="guardians_own_phone",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seat__gte", 1),
                    ("seat__lte", 2),
                    ("capacity__in", ["parent", "sole_authority", "tutor", "judge"]),
                ),
                name="guardians_holder_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="holder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("proof_seen_at__isnull", True),
                    models.Q(("capacity", "parent"), _negated=True),
                    _connector="OR",
                ),
                name="guardians_proof_was_there",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("holder", "psychologist"),
                name="guardians_one_link_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("made_at"))),
                name="guardians_link_period",
            ),
        ),
        migrations.AddIndex(
            model_name="signature",
            index=models.Index(
                fields=["child", "psychologist", "id"], name="guardians_what_was_said"
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("matter__in", ["care", "alone"]),
                    ("how__in", ("link", "paper")),
                    ("text_version__gte", 1),
                ),
                name="guardians_signature_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("how", "paper"), _negated=True),
                    ("recorded_by__in", ("psychologist", "replacement")),
                    _connector="OR",
                ),
                name="guardians_paper_has_a_witness",
            ),
        ),
        migrations.AddIndex(
            model_name="wait",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["kept_until"],
                name="guardians_waits_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_for", "")),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_for__in", ["complete", "over", "gone"]),
                    ),
                    _connector="OR",
                ),
                name="guardians_wait_end_has_a_reason",
            ),
        ),
        migrations.RunPython(protect, lift),
    ]
