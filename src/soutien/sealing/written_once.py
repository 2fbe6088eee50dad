"""Tables that are written once: the database refuses to change or remove a row of theirs.

Two things are let through, by the trigger itself: one sealed column, sealed again under another
key (same form, same length, another key), and the removal of a row whose person was forgotten.
There is no switch. On SQLite a trigger is lost when a later migration remakes the table: such a
migration ends by ``operation`` again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import migrations


class WrittenOnce(NamedTuple):
    """A table, its sealed column, its unique keys, and in SQL whose a row (OLD) is."""

    app: str
    model: str
    sealed: str
    person: str = "OLD.person_id"
    keys: tuple[str, ...] = ("id", "public_id")

    def operation(self) -> migrations.RunPython:
        """Put the protection on, or take it away backwards."""
        return migrations.RunPython(self.protect, self.lift)

    def protect(self, apps: Any, schema_editor: Any) -> None:
        table = apps.get_model(self.app, self.model)._meta
        if schema_editor.connection.vendor == "postgresql":
            statements = self._postgresql(table.db_table)
        else:
            columns = [field.column for field in table.local_concrete_fields]
            statements = self._sqlite(table.db_table, columns)
        for statement in statements:
            schema_editor.execute(statement, params=None)

    def lift(self, apps: Any, schema_editor: Any) -> None:
        table = apps.get_model(self.app, self.model)._meta.db_table
        if schema_editor.connection.vendor == "postgresql":
            for name in ("", "_delete", "_update"):
                schema_editor.execute(f"DROP TRIGGER {table}_append_only{name} ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_append_only()")
            return
        for event in ("update", "delete", "insert"):
            schema_editor.execute(f"DROP TRIGGER {table}_append_only_{event}")

    def _remembered(self) -> str:
        return (
            f"EXISTS (SELECT 1 FROM people_person WHERE id = {self.person} "
            "AND forgotten_at IS NULL)"
        )

    def _resealed(self) -> str:
        return (
            f"length(NEW.{self.sealed}) = length(OLD.{self.sealed}) "
            f"AND substr(NEW.{self.sealed}, 1, 1) = substr(OLD.{self.sealed}, 1, 1) "
            f"AND substr(NEW.{self.sealed}, 2, 4) <> substr(OLD.{self.sealed}, 2, 4)"
        )

    def _postgresql(self, table: str) -> list[str]:
        refusal, sealed = f"{table}_append_only", self.sealed
        return [
            f"""
            CREATE FUNCTION {refusal}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' AND NOT {self._remembered()} THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION '{refusal}' USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """,
            f"CREATE TRIGGER {refusal} BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {refusal}()",
            f"CREATE TRIGGER {refusal}_delete BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {refusal}()",
            f"CREATE TRIGGER {refusal}_update BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN (to_jsonb(NEW) - '{sealed}' IS DISTINCT FROM to_jsonb(OLD) - '{sealed}' "
            f"OR NOT ({self._resealed()})) EXECUTE FUNCTION {refusal}()",
        ]

    def _sqlite(self, table: str, columns: list[str]) -> list[str]:
        refused = f"BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END"
        kept = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in columns if name != self.sealed)
        # INSERT OR REPLACE would overwrite a row without an UPDATE.
        same = " OR ".join(f"{key} = NEW.{key}" for key in self.keys)
        return [
            f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
            f"WHEN NOT ({kept} AND {self._resealed()}) {refused}",
            f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE ON {table} "
            f"WHEN {self._remembered()} {refused}",
            f"CREATE TRIGGER {table}_append_only_insert BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refused}",
        ]
