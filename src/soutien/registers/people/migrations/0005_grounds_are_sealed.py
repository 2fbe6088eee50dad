"""Which exemption, which psychiatric situation: sealed, and bound to its row.

What is there is sealed on the way. No constraint can read a sealed word: the field knows them.
"""

import uuid
from typing import Any

from django.db import migrations, models

import soutien.sealing

MODELS = ("Exemption", "PsychiatricSituation")
CHECKS = {
    "Exemption": "people_exemption_kind_known",
    "PsychiatricSituation": "people_psychiatric_kind_known",
}


def _settle(schema_editor: Any) -> None:
    """PostgreSQL changes no table while foreign keys wait to be checked."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def name_rows(apps, schema_editor):
    for name in MODELS:
        model = apps.get_model("people", name)
        for row in model.objects.all().iterator():
            model.objects.filter(pk=row.pk).update(public_id=uuid.uuid4())
    _settle(schema_editor)


def seal_words(apps, schema_editor):
    for name in MODELS:
        model = apps.get_model("people", name)
        for key, public_id, word in model.objects.values_list(
            "pk", "public_id", "word"
        ).iterator():
            model.objects.filter(pk=key).update(kind=soutien.sealing.ForRow(word, public_id))
    _settle(schema_editor)


def open_words(apps, schema_editor):
    for name in MODELS:
        model = apps.get_model("people", name)
        for key, word in model.objects.values_list("pk", "kind").iterator():
            model.objects.filter(pk=key).update(word=word)
    _settle(schema_editor)


def _sealed(name):
    former = models.CharField(max_length=32, default="")
    return [
        migrations.RemoveConstraint(model_name=name, name=CHECKS[name]),
        migrations.AddField(name, "public_id", models.UUIDField(null=True, editable=False)),
        migrations.RenameField(name, "kind", "word"),
        migrations.AlterField(name, "word", former),
        migrations.AddField(name, "kind", soutien.sealing.SealedTextField(null=True)),
    ]


def _finished(name):
    named = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    return [
        migrations.AlterField(name, "kind", soutien.sealing.SealedTextField()),
        migrations.RemoveField(name, "word"),
        migrations.AlterField(name, "public_id", named),
    ]


class Migration(migrations.Migration):
    dependencies = [("people", "0004_guardianships")]

    operations = [
        *(operation for part in map(_sealed, MODELS) for operation in part),
        migrations.RunPython(name_rows, migrations.RunPython.noop),
        migrations.RunPython(seal_words, open_words),
        *(operation for part in map(_finished, MODELS) for operation in part),
    ]
