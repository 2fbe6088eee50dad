"""One booking may be laid over another on purpose; absences of several days; how one books.

SQLite remakes the table of bookings here: its protections and its notes are made again. A booking
that lies over another is marked; the database still refuses a third, one laid under it later, and
a person in two chairs.
"""

from collections.abc import Iterator
from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

_before = import_module("soutien.registers.agenda.migrations.0002_live_bookings_never_overlap")
_notes = import_module("soutien.registers.psychologists.migrations.0004_changes_are_noted")

LIVE = _before.LIVE
ONCE = "agenda_booking_psychologist_once"
OVER = "agenda_booking_over_once"
PERSON = "agenda_booking_person_once"
EVENTS = (
    "INSERT",
    "UPDATE OF psychologist_id, person_id, starts_at, ends_at, status, overbooked_for",
)
# A booking that is already there stays there when another is laid over it.
ENTERS = f"""(
    OLD.status NOT IN {LIVE} OR OLD.overbooked_for <> ''
    OR OLD.psychologist_id <> NEW.psychologist_id
    OR OLD.starts_at <> NEW.starts_at OR OLD.ends_at <> NEW.ends_at
)"""
OF_AGENDA = ("agenda_absence", "agenda_agendalimits")


def _exclusion(name: str, which: str) -> str:
    return f"""
        ALTER TABLE agenda_booking ADD CONSTRAINT {name} EXCLUDE USING gist (
            psychologist_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&
        ) WHERE (status IN {LIVE} AND overbooked_for {which} '')
    """


def _postgresql() -> list[str]:
    return [
        f"ALTER TABLE agenda_booking DROP CONSTRAINT {ONCE}",
        _exclusion(ONCE, "="),
        _exclusion(OVER, "<>"),
        f"""
        CREATE FUNCTION {OVER}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT 1 FROM agenda_booking other
                WHERE other.psychologist_id = NEW.psychologist_id
                  AND other.starts_at > NEW.starts_at - interval '12 hours'
                  AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
                  AND other.status IN {LIVE} AND other.overbooked_for <> ''
                  AND other.id <> NEW.id
            ) THEN
                RAISE EXCEPTION '{OVER}' USING ERRCODE = 'exclusion_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        *(
            f"CREATE TRIGGER {OVER}_{event.split()[0].lower()} BEFORE {event} ON agenda_booking "
            f"FOR EACH ROW WHEN (NEW.status IN {LIVE} AND NEW.overbooked_for = ''{moved}) "
            f"EXECUTE FUNCTION {OVER}()"
            for event, moved in zip(EVENTS, ("", f" AND {ENTERS}"), strict=True)
        ),
    ]


def _trigger(name: str, event: str, condition: str, other: str) -> str:
    return f"""
        CREATE TRIGGER {name}_{event.split()[0].lower()} BEFORE {event} ON agenda_booking
        WHEN NEW.status IN {LIVE} AND {condition} AND EXISTS (
            SELECT 1 FROM agenda_booking other
            WHERE {other}
              AND other.starts_at > strftime('%Y-%m-%d %H:%M:%S', NEW.starts_at, '-12 hours')
              AND other.starts_at < NEW.ends_at
              AND other.ends_at > NEW.starts_at
              AND other.status IN {LIVE}
              AND other.id <> NEW.id
        )
        BEGIN SELECT RAISE(ABORT, '{name}'); END
    """


def _sqlite() -> Iterator[str]:
    own, over = "other.psychologist_id = NEW.psychologist_id", "other.overbooked_for <> ''"
    for event in EVENTS:
        enters = "1" if event == "INSERT" else ENTERS
        yield _before._sqlite_hours(event)
        yield _trigger(
            ONCE, event, "NEW.overbooked_for = ''", f"{own} AND other.overbooked_for = ''"
        )
        yield _trigger(OVER, event, f"(NEW.overbooked_for <> '' OR {enters})", f"{own} AND {over}")
        yield _trigger(PERSON, event, "1", "other.person_id = NEW.person_id")


def protect(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    statements = list(_postgresql() if vendor == "postgresql" else _sqlite())
    noted = OF_AGENDA if vendor == "postgresql" else (*OF_AGENDA, "agenda_booking")
    for table in noted:
        statements += _notes.noting(vendor, table, "psychologist_id", "agenda")
    for statement in statements:
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        statements = [
            f"DROP TRIGGER {OVER}_insert ON agenda_booking",
            f"DROP TRIGGER {OVER}_update ON agenda_booking",
            f"DROP FUNCTION {OVER}()",
            f"ALTER TABLE agenda_booking DROP CONSTRAINT {OVER}",
            f"ALTER TABLE agenda_booking DROP CONSTRAINT {ONCE}",
            _before._postgresql(ONCE, "psychologist_id"),
        ]
    else:
        statements = [
            f"DROP TRIGGER {name}_{event}"
            for name in (_before.HOURS, ONCE, OVER, PERSON)
            for event in ("insert", "update")
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def protect_as_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        return
    _before.protect(apps, schema_editor)
    for statement in _notes.noting("sqlite", "agenda_booking", "psychologist_id", "agenda"):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("agenda", "0003_changes_are_noted"),
        ("people", "0002_one_scheme_and_one_cover_at_a_time"),
        ("psychologists", "0004_changes_are_noted"),
    ]

    operations = [
        # Undone, this comes last: the table was remade, and its first protections are due again.
        migrations.RunPython(migrations.RunPython.noop, protect_as_before),
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_before", models.DateField()),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.practiceplace",
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
            name="AgendaLimits",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "buffer_minutes",
                    models.PositiveSmallIntegerField(
                        help_text="free after each appointment, before the next"
                    ),
                ),
                (
                    "notice_hours",
                    models.PositiveSmallIntegerField(help_text="the least, from booking to start"),
                ),
                (
                    "horizon_days",
                    models.PositiveSmallIntegerField(help_text="how far ahead one may book"),
                ),
                (
                    "first_sessions_kept",
                    models.PositiveSmallIntegerField(
                        help_text="starts of each week kept for first sessions"
                    ),
                ),
                (
                    "kept_until_days",
                    models.PositiveSmallIntegerField(
                        help_text="days before its Monday when a week is open to all"
                    ),
                ),
                (
                    "psychologist",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="psychologists.psychologist",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="booking",
            name="holder",
            field=models.CharField(
                blank=True,
                help_text="who holds, when no person is known: a browser's key",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="overbooked_for",
            field=models.CharField(
                blank=True,
                help_text="one of OVERBOOKING_REASONS: laid over another",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="plan",
            field=models.UUIDField(
                blank=True, help_text="the same for all that was booked as one plan", null=True
            ),
        ),
        migrations.AddField(
            model_name="booking",
            name="times_moved",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="goes up with each move: a calendar's SEQUENCE"
            ),
        ),
        migrations.AlterField(
            model_name="booking",
            name="ended_by",
            field=models.CharField(blank=True, help_text="one of ENDED_BY", max_length=20),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("holder", ""), _negated=True),
                fields=["holder", "held_until"],
                name="agenda_booking_holder",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("plan", None), _negated=True),
                fields=["plan"],
                name="agenda_booking_plan",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("overbooked_for", ""), _negated=True),
                fields=["psychologist", "starts_at"],
                name="agenda_booking_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "overbooked_for__in",
                        ["", "urgent", "agreed_with_both", "replacement", "shared_session"],
                    )
                ),
                name="agenda_booking_over_words",
            ),
        ),
        migrations.AddIndex(
            model_name="absence",
            index=models.Index(
                fields=["psychologist", "valid_before"], name="agenda_absence_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_before__gt", models.F("valid_from"))),
                name="agenda_absence_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendalimits",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("buffer_minutes__lte", 240),
                    ("notice_hours__lte", 720),
                    ("horizon_days__gte", 1),
                    ("horizon_days__lte", 400),
                    ("first_sessions_kept__lte", 50),
                    ("kept_until_days__lte", 60),
                ),
                name="agenda_limits_sensible",
            ),
        ),
        migrations.RunPython(protect, lift),
    ]
