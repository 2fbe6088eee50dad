"""On any day a person has one compulsory scheme and one complementary cover at most.

The messages hold the same constraint names on both engines. On SQLite a trigger is lost when a
later migration remakes the table: such a migration ends by running ``protect`` again.
"""

from django.db import migrations

# constraint: (table, owner)
PERIODS = {
    "people_affiliation_once": ("people_affiliation", "person_id"),
    "people_cover_once": ("people_cover", "person_id"),
}


def _postgresql(name: str, table: str, owner: str) -> str:
    return f"""
        ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist (
            {owner} WITH =, daterange(valid_from, valid_before, '[)') WITH &&
        )
    """


def _sqlite(name: str, table: str, owner: str, event: str) -> str:
    return f"""
        CREATE TRIGGER {name}_{event.split()[0].lower()} BEFORE {event} ON {table}
        WHEN EXISTS (
            SELECT 1 FROM {table} other
            WHERE other.{owner} = NEW.{owner}
              AND (NEW.valid_before IS NULL OR other.valid_from < NEW.valid_before)
              AND (other.valid_before IS NULL OR other.valid_before > NEW.valid_from)
              AND other.id <> NEW.id
        )
        BEGIN SELECT RAISE(ABORT, '{name}'); END
    """


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for name, (table, owner) in PERIODS.items():
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_postgresql(name, table, owner), params=None)
            continue
        for event in ("INSERT", f"UPDATE OF {owner}, valid_from, valid_before"):
            schema_editor.execute(_sqlite(name, table, owner, event), params=None)


def lift(apps, schema_editor):
    for name, (table, _owner) in PERIODS.items():
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        else:
            schema_editor.execute(f"DROP TRIGGER {name}_insert")
            schema_editor.execute(f"DROP TRIGGER {name}_update")


class Migration(migrations.Migration):
    dependencies = [("people", "0001_people_and_their_rights")]

    operations = [migrations.RunPython(protect, lift)]
