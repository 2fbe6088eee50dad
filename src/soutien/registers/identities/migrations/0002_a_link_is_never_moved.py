"""A link keeps its account and its issuer: it is made or removed, never moved.

Sealing its subject again with another key stays possible.
"""

from django.db import migrations

TABLE = "identities_externalidentity"
NAME = "identities_link_stays"
MOVED = "NEW.account_id <> OLD.account_id OR NEW.issuer <> OLD.issuer"


def _statements(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f"""
            CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{NAME}' USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """,
            f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} FOR EACH ROW "
            f"WHEN ({MOVED}) EXECUTE FUNCTION {NAME}()",
        ]
    return [
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} WHEN {MOVED} "
        f"BEGIN SELECT RAISE(ABORT, '{NAME}'); END",
    ]


def protect(apps, schema_editor):
    for statement in _statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {NAME} ON {TABLE}")
        schema_editor.execute(f"DROP FUNCTION {NAME}()")
        return
    schema_editor.execute(f"DROP TRIGGER {NAME}")


class Migration(migrations.Migration):
    dependencies = [("identities", "0001_identities_elsewhere")]

    operations = [migrations.RunPython(protect, lift)]
