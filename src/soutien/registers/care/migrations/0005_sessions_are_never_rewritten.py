"""A session is told anew by one more row: the database refuses to change or remove one.

On SQLite a trigger is lost when a later migration remakes the table: such a migration ends by
running ``protect`` again.
"""

from django.db import migrations

TABLE = "care_caresession"
POSTGRESQL = (
    f"""
    CREATE FUNCTION {TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{TABLE}_append_only'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_append_only()",
)
REFUSED = f"BEGIN SELECT RAISE(ABORT, '{TABLE}_append_only'); END"
SQLITE = (
    f"CREATE TRIGGER {TABLE}_append_only_update BEFORE UPDATE ON {TABLE} {REFUSED}",
    f"CREATE TRIGGER {TABLE}_append_only_delete BEFORE DELETE ON {TABLE} {REFUSED}",
    # INSERT OR REPLACE removes a row without a DELETE.
    f"CREATE TRIGGER {TABLE}_append_only_insert BEFORE INSERT ON {TABLE} WHEN EXISTS ("
    f"SELECT 1 FROM {TABLE} WHERE id = NEW.id OR public_id = NEW.public_id "
    f"OR corrects_id = NEW.corrects_id) {REFUSED}",
)


def protect(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL if postgresql else SQLITE:
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {TABLE}_append_only ON {TABLE}")
        schema_editor.execute(f"DROP FUNCTION {TABLE}_append_only()")
        return
    for event in ("update", "delete", "insert"):
        schema_editor.execute(f"DROP TRIGGER {TABLE}_append_only_{event}")


class Migration(migrations.Migration):
    dependencies = [("care", "0004_corrections_take_the_place")]

    operations = [migrations.RunPython(protect, lift)]
