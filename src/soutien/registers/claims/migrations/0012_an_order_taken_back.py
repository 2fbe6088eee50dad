"""An order taken back before it left is told among what happened to a claim."""

from django.db import migrations, models
from django.db.models import Q

from soutien.protections.append_only import Tables, lift, protect

TABLES: Tables = {"claims_event": ("id", "claim_id, mark, payer, reference")}
FORMERLY = (
    *("contested", "contest_answered", "ordered", "paid", "returned", "reconciled"),
    "paid_back",
)
NAME = "claims_event_words"


def words(marks: list[str]) -> models.CheckConstraint:
    """The constraint that keeps to these words."""
    return models.CheckConstraint(
        name=NAME, condition=Q(mark__in=marks) & Q(payer__in=["", "fund", "insurer"])
    )


def lifted(apps, schema_editor):
    """SQLite remakes the table, which loses its triggers."""
    if schema_editor.connection.vendor == "sqlite":
        lift(schema_editor, TABLES)


def protected(apps, schema_editor):
    """As before."""
    if schema_editor.connection.vendor == "sqlite":
        protect(schema_editor, TABLES)


class Migration(migrations.Migration):
    dependencies = [("claims", "0011_papers_keyed_in")]

    operations = [
        migrations.RunPython(lifted, protected),
        migrations.RemoveConstraint("event", NAME),
        migrations.AddConstraint("event", words([*FORMERLY, "withdrawn"])),
        migrations.RunPython(protected, lifted),
    ]
