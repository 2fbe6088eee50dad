"""Rights have names of their own, covers say whose member; each ground stands once on a day.

Of two periods of one ground that overlapped, what they cover together stays as it was. SQLite
remakes the tables of schemes and covers here: their protections are made again.
"""

import uuid
from itertools import groupby
from typing import Any

from django.db import migrations, models

import soutien.sealing
from soutien.protections.periods import Once, lift, protect
from soutien.sealing.box import blind_index

FORMER = (
    Once("people_affiliation_once", "people_affiliation", ("person_id",)),
    Once("people_cover_once", "people_cover", ("person_id",)),
)
EXEMPTION = Once("people_exemption_once", "people_exemption", ("same_index",))
PURPOSE = "people.exemption.same"


def _settle(schema_editor: Any) -> None:
    """PostgreSQL changes no table while foreign keys wait to be checked."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def name_rows(apps, schema_editor):
    for name in ("Affiliation", "Cover"):
        model = apps.get_model("people", name)
        for key in model.objects.values_list("pk", flat=True).iterator():
            model.objects.filter(pk=key).update(public_id=uuid.uuid4())
    _settle(schema_editor)


def index_grounds(apps, schema_editor):
    model = apps.get_model("people", "Exemption")
    rows = model.objects.select_related("person").order_by("person_id", "valid_from", "pk")
    for _person, theirs in groupby(rows, key=lambda row: row.person_id):
        kept: dict[str, Any] = {}
        for row in theirs:
            _stand_once(model, kept, row)
    _settle(schema_editor)


def _before(end: Any, day: Any) -> bool:
    """Whether a period that ends so is over on a day; None is without end."""
    return end is not None and (day is None or end < day or end == day)


def _stand_once(model: Any, kept: dict[str, Any], row: Any) -> None:
    former = kept.get(row.kind)
    if former is not None and not _before(former.valid_before, row.valid_from):
        if not _before(former.valid_before, row.valid_before):
            model.objects.filter(pk=row.pk).delete()
            return
        if former.valid_from == row.valid_from:
            model.objects.filter(pk=former.pk).delete()
        else:
            model.objects.filter(pk=former.pk).update(valid_before=row.valid_from)
    index = blind_index(f"{row.person.public_id}\0{row.kind}\0", PURPOSE)
    model.objects.filter(pk=row.pk).update(same_index=index)
    kept[row.kind] = row


def protect_again(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        protect(schema_editor, *FORMER)


def protect_all(apps, schema_editor):
    protect_again(apps, schema_editor)
    protect(schema_editor, EXEMPTION)


def lift_all(apps, schema_editor):
    lift(schema_editor, EXEMPTION)
    if schema_editor.connection.vendor == "sqlite":
        lift(schema_editor, *FORMER)


class Migration(migrations.Migration):
    dependencies = [("people", "0007_people_who_asked_to_be_erased")]

    operations = [
        # On the way back the tables are remade before this.
        migrations.RunPython(migrations.RunPython.noop, protect_again),
        migrations.AddField(
            "affiliation", "public_id", models.UUIDField(null=True, editable=False)
        ),
        migrations.AddField("cover", "public_id", models.UUIDField(null=True, editable=False)),
        migrations.AddField(
            "cover", "declared_by", models.CharField(default="person", max_length=20)
        ),
        migrations.AddField(
            "cover", "insurer_code", models.CharField(blank=True, default="", max_length=10)
        ),
        migrations.AddField(
            "cover",
            "member_index",
            models.CharField(blank=True, db_index=True, default="", editable=False, max_length=64),
        ),
        migrations.AddField("cover", "member_number", soutien.sealing.SealedTextField(blank=True)),
        migrations.AddField("exemption", "reference", soutien.sealing.SealedTextField(blank=True)),
        migrations.AddField(
            "exemption",
            "same_index",
            models.CharField(default="", editable=False, max_length=64),
        ),
        migrations.RunPython(name_rows, migrations.RunPython.noop),
        migrations.RunPython(index_grounds, migrations.RunPython.noop),
        *(
            migrations.AlterField(
                name,
                "public_id",
                models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
            )
            for name in ("affiliation", "cover")
        ),
        migrations.AlterField(
            "cover", "insurer_code", models.CharField(blank=True, max_length=10)
        ),
        migrations.AlterField(
            "cover",
            "member_index",
            models.CharField(blank=True, db_index=True, editable=False, max_length=64),
        ),
        migrations.AlterField(
            "exemption", "same_index", models.CharField(editable=False, max_length=64)
        ),
        migrations.AddIndex(
            "cover",
            models.Index(fields=["insurer_code", "person"], name="people_cover_insurer"),
        ),
        migrations.AddConstraint(
            "exemption",
            models.CheckConstraint(
                condition=models.Q(("same_index", ""), _negated=True),
                name="people_exemption_indexed",
            ),
        ),
        migrations.RunPython(protect_all, lift_all),
    ]
