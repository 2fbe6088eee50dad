"""A guardianship points to the paper that was sent, where one was."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from soutien.protections.periods import Once, protect

ONCE = Once("people_guardianship_once", "people_guardianship", ("guardian_id", "child_id"))


def protect_again(_apps: Any, schema_editor: Any) -> None:
    # On the way back SQLite remakes the table: its triggers went with the former one.
    if schema_editor.connection.vendor == "sqlite":
        protect(schema_editor, ONCE)


class Migration(migrations.Migration):
    dependencies = [
        ("guardians", "0003_papers_of_holders"),
        ("people", "0010_adults_whom_a_judge_protects"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, protect_again),
        migrations.AddField(
            model_name="guardianship",
            name="paper",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="guardians.paper",
            ),
        ),
    ]
