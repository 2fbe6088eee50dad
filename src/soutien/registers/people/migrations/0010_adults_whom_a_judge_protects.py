"""A judge names somebody for an adult too: such a guardianship always has its end."""

from typing import Any

from django.db import migrations, models

from soutien.protections.periods import Once, protect

ONCE = Once("people_guardianship_once", "people_guardianship", ("guardian_id", "child_id"))
CHILDREN = ["parent", "sole_authority", "tutor", "judge"]
ADULTS = ["adult_tutor", "adult_curator"]


def protect_again(_apps: Any, schema_editor: Any) -> None:
    # SQLite remade the table: its triggers went with the former one.
    if schema_editor.connection.vendor == "sqlite":
        protect(schema_editor, ONCE)


class Migration(migrations.Migration):
    dependencies = [("people", "0009_who_comes_of_age")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, protect_again),
        migrations.RemoveConstraint("guardianship", "people_guardianship_kind_known"),
        migrations.AlterField(
            model_name="guardianship",
            name="kind",
            field=models.CharField(
                choices=[
                    ("parent", "holds parental authority with the other parent"),
                    ("sole_authority", "holds parental authority alone"),
                    ("tutor", "is the child's tutor"),
                    ("judge", "was named by a judge"),
                    ("adult_tutor", "represents an adult (tutelle)"),
                    ("adult_curator", "assists an adult (curatelle)"),
                ],
                max_length=14,
            ),
        ),
        migrations.AddConstraint(
            "guardianship",
            models.CheckConstraint(
                condition=models.Q(("kind__in", [*CHILDREN, *ADULTS])),
                name="people_guardianship_kind_known",
            ),
        ),
        migrations.AddConstraint(
            "guardianship",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", tuple(ADULTS)), _negated=True),
                    ("valid_before__isnull", False),
                    _connector="OR",
                ),
                name="people_guardianship_of_an_adult_ends",
            ),
        ),
        migrations.RunPython(protect_again, migrations.RunPython.noop),
    ]
