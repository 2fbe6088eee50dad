"""The database itself refuses two live bookings at one time, for a psychologist or a person.

The messages hold the same constraint names on both engines. On SQLite a trigger is lost when a
later migration remakes the table: such a migration ends by running ``protect`` again.
"""

from django.db import migrations

LIVE = "('held', 'confirmed', 'fulfilled', 'missed')"
OWNERS = {
    "agenda_booking_psychologist_once": "psychologist_id",
    "agenda_booking_person_once": "person_id",
}
HOURS = "agenda_booking_twelve_hours"


def _postgresql(name: str, owner: str) -> str:
    return f"""
        ALTER TABLE agenda_booking ADD CONSTRAINT {name} EXCLUDE USING gist (
            {owner} WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&
        ) WHERE (status IN {LIVE})
    """


def _sqlite(name: str, owner: str, event: str) -> str:
    # No booking lasts longer than twelve hours, so only those of the last twelve can overlap.
    return f"""
        CREATE TRIGGER {name}_{event.split()[0].lower()} BEFORE {event} ON agenda_booking
        WHEN NEW.status IN {LIVE} AND EXISTS (
            SELECT 1 FROM agenda_booking other
            WHERE other.{owner} = NEW.{owner}
              AND other.starts_at > strftime('%Y-%m-%d %H:%M:%S', NEW.starts_at, '-12 hours')
              AND other.starts_at < NEW.ends_at
              AND other.ends_at > NEW.starts_at
              AND other.status IN {LIVE}
              AND other.id <> NEW.id
        )
        BEGIN SELECT RAISE(ABORT, '{name}'); END
    """


def _sqlite_hours(event: str) -> str:
    return f"""
        CREATE TRIGGER {HOURS}_{event.split()[0].lower()} BEFORE {event} ON agenda_booking
        WHEN NEW.ends_at > strftime('%Y-%m-%d %H:%M:%S', NEW.starts_at, '+12 hours')
        BEGIN SELECT RAISE(ABORT, '{HOURS}'); END
    """


EVENTS = ("INSERT", "UPDATE OF psychologist_id, person_id, starts_at, ends_at, status")


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        statements = [
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
            f"ALTER TABLE agenda_booking ADD CONSTRAINT {HOURS} "
            "CHECK (ends_at <= starts_at + interval '12 hours')",
            *(_postgresql(name, owner) for name, owner in OWNERS.items()),
        ]
    else:
        statements = [
            *(_sqlite_hours(event) for event in EVENTS),
            *(_sqlite(name, owner, event) for name, owner in OWNERS.items() for event in EVENTS),
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    for name in (HOURS, *OWNERS):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE agenda_booking DROP CONSTRAINT {name}")
        else:
            schema_editor.execute(f"DROP TRIGGER {name}_insert")
            schema_editor.execute(f"DROP TRIGGER {name}_update")


class Migration(migrations.Migration):
    dependencies = [("agenda", "0001_openings_and_bookings")]

    operations = [migrations.RunPython(protect, lift)]
