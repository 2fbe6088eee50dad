"""Each write that may change who is found leaves a line, in the same transaction.

On SQLite a trigger is lost when a later migration remakes the table: such a migration ends by
running ``protect`` again. See docs/decisions/0012-earliest-place.md.
"""

from django.db import migrations, models

# table: the column of the psychologist, and what a write of it may change.
TABLES = {
    "psychologists_psychologist": ("id", "directory"),
    "psychologists_practiceplace": ("psychologist_id", "both"),
    "psychologists_agreement": ("psychologist_id", "directory"),
    "psychologists_suspension": ("psychologist_id", "directory"),
}
# The log keeps between one and two of these; who has not read what it forgets starts afresh.
KEPT = 65536
LOG = "psychologists_change"


def _postgresql_function(column: str) -> str:
    # The argument of the trigger is the topic. A row that changes hands concerns both.
    return f"""
        CREATE FUNCTION psychologists_note_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            now_writing bigint := pg_current_xact_id()::text::bigint;
        BEGIN
            IF TG_OP <> 'DELETE' THEN
                INSERT INTO {LOG} (psychologist_id, topic, mark)
                VALUES (NEW.{column}, TG_ARGV[0], now_writing);
            END IF;
            IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.{column} <> NEW.{column}) THEN
                INSERT INTO {LOG} (psychologist_id, topic, mark)
                VALUES (OLD.{column}, TG_ARGV[0], now_writing);
            END IF;
            RETURN NULL;
        END $$
    """


def _postgresql_forgetting() -> list[str]:
    return [
        f"""
        CREATE FUNCTION {LOG}_forgets() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM {LOG} WHERE id <= NEW.id - {KEPT};
            RETURN NULL;
        END $$
        """,
        f"""
        CREATE TRIGGER {LOG}_forgets AFTER INSERT ON {LOG}
        FOR EACH ROW WHEN (NEW.id % {KEPT} = 0) EXECUTE FUNCTION {LOG}_forgets()
        """,
    ]


def _sqlite_forgetting() -> str:
    return f"""
        CREATE TRIGGER {LOG}_forgets AFTER INSERT ON {LOG} WHEN NEW.id % {KEPT} = 0
        BEGIN DELETE FROM {LOG} WHERE id <= NEW.id - {KEPT}; END
    """


def noting(vendor: str, table: str, column: str, topic: str) -> list[str]:
    """The statements that make a table leave lines."""
    if vendor == "postgresql":
        return [
            f"CREATE TRIGGER {table}_noted AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION psychologists_note_{column}('{topic}')"
        ]
    rows = {
        "insert": f"SELECT NEW.{column}",
        "update": f"SELECT NEW.{column} UNION SELECT OLD.{column}",
        "delete": f"SELECT OLD.{column}",
    }
    return [
        f"CREATE TRIGGER {table}_noted_{event} AFTER {event} ON {table} BEGIN "
        f"INSERT INTO {LOG} (psychologist_id, topic, mark) "
        f"SELECT concerned.*, '{topic}', random() FROM ({found}) concerned; END"
        for event, found in rows.items()
    ]


def silencing(vendor: str, table: str) -> list[str]:
    """The statements that make a table leave no lines."""
    if vendor == "postgresql":
        return [f"DROP TRIGGER {table}_noted ON {table}"]
    return [f"DROP TRIGGER {table}_noted_{event}" for event in ("insert", "update", "delete")]


def protect(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        statements = [_postgresql_function(column) for column in ("id", "psychologist_id")]
        statements += _postgresql_forgetting()
        mark = "pg_current_xact_id()::text::bigint"
    else:
        statements = [_sqlite_forgetting()]
        mark = "random()"
    for table, (column, topic) in TABLES.items():
        statements += noting(vendor, table, column, topic)
    # The first line: a log that has one is known to have been kept since.
    statements.append(
        f"INSERT INTO {LOG} (psychologist_id, topic, mark) VALUES (0, 'both', {mark})"
    )
    for statement in statements:
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    statements = [drop for table in TABLES for drop in silencing(vendor, table)]
    if vendor == "postgresql":
        statements += [
            f"DROP TRIGGER {LOG}_forgets ON {LOG}",
            f"DROP FUNCTION {LOG}_forgets()",
            "DROP FUNCTION psychologists_note_id()",
            "DROP FUNCTION psychologists_note_psychologist_id()",
        ]
    else:
        statements.append(f"DROP TRIGGER {LOG}_forgets")
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("psychologists", "0003_what_files_say")]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("psychologist_id", models.BigIntegerField()),
                (
                    "topic",
                    models.CharField(help_text="directory, agenda or both", max_length=9),
                ),
                ("mark", models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.RunPython(protect, lift),
    ]
