"""Each write that may change a free time leaves a line, in the same transaction.

On SQLite a trigger is lost when a later migration remakes the table: such a migration ends by
running ``protect`` again. See docs/decisions/0012-earliest-place.md.
"""

from django.db import migrations

TABLES = ("agenda_openingrule", "agenda_openingexception", "agenda_booking")
LOG = "psychologists_change"


def protect(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE TRIGGER {table}_noted AFTER INSERT OR UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION psychologists_note_psychologist_id('agenda')",
                params=None,
            )
            continue
        for event, found in (
            ("insert", "SELECT NEW.psychologist_id"),
            ("update", "SELECT NEW.psychologist_id UNION SELECT OLD.psychologist_id"),
            ("delete", "SELECT OLD.psychologist_id"),
        ):
            schema_editor.execute(
                f"CREATE TRIGGER {table}_noted_{event} AFTER {event} ON {table} BEGIN "
                f"INSERT INTO {LOG} (psychologist_id, topic, mark) "
                f"SELECT concerned.*, 'agenda', random() FROM ({found}) concerned; END",
                params=None,
            )


def lift(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_noted ON {table}")
            continue
        for event in ("insert", "update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {table}_noted_{event}")


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0002_live_bookings_never_overlap"),
        ("psychologists", "0004_changes_are_noted"),
    ]

    operations = [migrations.RunPython(protect, lift)]
