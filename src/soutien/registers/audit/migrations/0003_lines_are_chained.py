"""Every line is linked to the one before it; the lines written so far are chained in lane 0.

On SQLite a trigger is lost when a later migration remakes a table: such a migration ends by running
``protect`` again. There is no switch: see docs/decisions/0009-append-only-tables.md.
"""

from collections.abc import Iterator

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from soutien.protections import append_only
from soutien.sealing import chain

LANES, LANES_MAX = 16, 256
ROWS_AT_ONCE = 1000
COLUMNS = (
    "at",
    "actor_role",
    "actor_account",
    "event",
    "object_kind",
    "object_id",
    "person_id",
    "reason",
    "result",
)
# table: its unique keys, which INSERT OR REPLACE of SQLite would use to overwrite a row.
TABLES = {"audit_entry": ("id",), "audit_named": ("entry_id, person_id",)}


def lift_former(apps, schema_editor):
    append_only.lift(schema_editor, {"audit_entry": ("id",)})


def chain_what_was_written(apps, schema_editor):
    from soutien.registers.audit.queries import Line, content

    former, entry, head = (apps.get_model("audit", name) for name in ("Former", "Entry", "Head"))
    key = chain.chain_key(settings.JOURNAL_KEY)
    last, sequence, rows = chain.BEGINNING, 0, []
    for values in former.objects.order_by("id").values(*COLUMNS).iterator(ROWS_AT_ONCE):
        sequence += 1
        last = chain.link(key, last, content(0, sequence, Line(**values), key.key_id))
        rows.append(
            entry(
                id=sequence * LANES_MAX, key_id=key.key_id, link=last, on_behalf_of=None, **values
            )
        )
        if len(rows) == ROWS_AT_ONCE:
            entry.objects.bulk_create(rows)
            rows = []
    entry.objects.bulk_create(rows)
    for lane in range(LANES):
        ends = (sequence, last) if lane == 0 else (0, chain.BEGINNING)
        head.objects.create(
            lane=lane,
            sequence=ends[0],
            link=ends[1],
            key_id=key.key_id,
            seal=chain.seal_of_head(key, lane, *ends),
        )


def _postgresql() -> Iterator[str]:
    yield """
        CREATE FUNCTION audit_head_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND NEW.lane = OLD.lane AND NEW.sequence > OLD.sequence THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'audit_head_append_only'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """
    yield """
        CREATE TRIGGER audit_head_append_only_row BEFORE UPDATE ON audit_head
        FOR EACH ROW EXECUTE FUNCTION audit_head_append_only()
        """
    yield """
        CREATE TRIGGER audit_head_append_only BEFORE DELETE OR TRUNCATE ON audit_head
        FOR EACH STATEMENT EXECUTE FUNCTION audit_head_append_only()
        """


def _sqlite() -> Iterator[str]:
    refused = "BEGIN SELECT RAISE(ABORT, 'audit_head_append_only'); END"
    yield (
        "CREATE TRIGGER audit_head_append_only_update BEFORE UPDATE ON audit_head "
        f"WHEN NEW.lane <> OLD.lane OR NEW.sequence <= OLD.sequence {refused}"
    )
    yield f"CREATE TRIGGER audit_head_append_only_delete BEFORE DELETE ON audit_head {refused}"
    yield (
        "CREATE TRIGGER audit_head_append_only_insert BEFORE INSERT ON audit_head "
        f"WHEN EXISTS (SELECT 1 FROM audit_head WHERE lane = NEW.lane) {refused}"
    )


def protect(apps, schema_editor):
    append_only.protect(schema_editor, TABLES)
    for statement in (
        _postgresql() if schema_editor.connection.vendor == "postgresql" else _sqlite()
    ):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_nothing_is_rewritten")]

    operations = [
        migrations.RunPython(lift_former, migrations.RunPython.noop),
        migrations.RemoveIndex("Entry", "audit_entry_person"),
        migrations.RenameModel("Entry", "Former"),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        help_text="sequence * 256 + lane", primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_role", models.CharField(max_length=20)),
                ("actor_account", models.BigIntegerField(blank=True, null=True)),
                (
                    "on_behalf_of",
                    models.BigIntegerField(blank=True, help_text="a person", null=True),
                ),
                ("event", models.CharField(help_text="register.object.verb", max_length=60)),
                ("object_kind", models.CharField(max_length=40)),
                ("object_id", models.CharField(max_length=40)),
                ("person_id", models.BigIntegerField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=120)),
                (
                    "result",
                    models.CharField(default="done", help_text="done or refused", max_length=20),
                ),
                (
                    "key_id",
                    models.BinaryField(
                        editable=False, help_text="the key of the link", max_length=4
                    ),
                ),
                ("link", models.BinaryField(editable=False, max_length=32)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person_id", "at"], name="audit_entry_person"),
                    models.Index(fields=["object_kind", "object_id"], name="audit_entry_object"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id__gte", LANES_MAX)), name="audit_entry_numbered"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Named",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "entry_id",
                        "person_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="named",
                        to="audit.entry",
                    ),
                ),
                ("person_id", models.BigIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["person_id"], name="audit_named_person")],
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "lane",
                    models.PositiveSmallIntegerField(primary_key=True, serialize=False),
                ),
                ("sequence", models.BigIntegerField()),
                ("link", models.BinaryField(editable=False, max_length=32)),
                ("key_id", models.BinaryField(editable=False, max_length=4)),
                ("seal", models.BinaryField(editable=False, max_length=32)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("lane__lt", LANES_MAX), ("sequence__gte", 0)),
                        name="audit_head_known",
                    )
                ],
            },
        ),
        migrations.RunPython(chain_what_was_written, migrations.RunPython.noop),
        migrations.DeleteModel("Former"),
        migrations.RunPython(protect, migrations.RunPython.noop),
    ]
