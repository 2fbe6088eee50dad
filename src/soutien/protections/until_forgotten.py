"""Tables that are written once, until their person is forgotten: then rows may go, never change.

Two things are let through, by the trigger itself: one sealed column, sealed again under another
key (same form, same length, another key), and the removal of a row whose person is remembered no
more. There is no switch. On SQLite a trigger is lost when a later migration remakes the table:
such a migration ends with ``protect``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import migrations


def is_remembered(person: str) -> str:
    """SQL: whether the person of a row (``OLD.person_id``, a sub-query) is not forgotten."""
    return f"EXISTS (SELECT 1 FROM people_person WHERE id = {person} AND forgotten_at IS NULL)"


class UntilForgotten(NamedTuple):
    """A table by its model, its sealed column if there is one, and its unique keys.

    ``remembered`` is SQL on the row that goes (OLD): as long as it is true, the row stays.
    """

    app: str
    model: str
    remembered: str = is_remembered("OLD.person_id")
    sealed: str = ""
    keys: tuple[str, ...] = ("id", "public_id")

    def operation(self) -> migrations.RunPython:
        """Put the protection on, or take it away backwards."""
        return migrations.RunPython(self.protect, self.lift)

    def protect(self, apps: Any, schema_editor: Any) -> None:
        """Refuse, from now on."""
        table = apps.get_model(self.app, self.model)._meta
        if schema_editor.connection.vendor == "postgresql":
            statements = self._postgresql(table.db_table)
        else:
            columns = [field.column for field in table.local_concrete_fields]
            statements = self._sqlite(table.db_table, columns)
        for statement in statements:
            schema_editor.execute(statement, params=None)

    def lift(self, apps: Any, schema_editor: Any) -> None:
        """Refuse no more: for a migration that goes back."""
        table = apps.get_model(self.app, self.model)._meta.db_table
        if schema_editor.connection.vendor == "postgresql":
            for name in ("", "_delete", "_update"):
                schema_editor.execute(f"DROP TRIGGER {table}_append_only{name} ON {table}")
            schema_editor.execute(f"DROP FUNCTION {table}_append_only()")
            return
        for event in ("update", "delete", "insert"):
            schema_editor.execute(f"DROP TRIGGER {table}_append_only_{event}")

    def _resealed(self) -> str:
        return (
            f"length(NEW.{self.sealed}) = length(OLD.{self.sealed}) "
            f"AND substr(NEW.{self.sealed}, 1, 1) = substr(OLD.{self.sealed}, 1, 1) "
            f"AND substr(NEW.{self.sealed}, 2, 4) <> substr(OLD.{self.sealed}, 2, 4)"
        )

    def _postgresql(self, table: str) -> list[str]:
        refusal, sealed = f"{table}_append_only", self.sealed
        changed = (
            f"WHEN (to_jsonb(NEW) - '{sealed}' IS DISTINCT FROM to_jsonb(OLD) - '{sealed}' "
            f"OR NOT ({self._resealed()})) "
            if sealed
            else ""
        )
        return [
            f"""
            CREATE FUNCTION {refusal}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' AND NOT {self.remembered} THEN
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
            f"{changed}EXECUTE FUNCTION {refusal}()",
        ]

    def _sqlite(self, table: str, columns: list[str]) -> list[str]:
        refused = f"BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END"
        kept = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in columns if name != self.sealed)
        changed = f"WHEN NOT ({kept} AND {self._resealed()}) " if self.sealed else ""
        # INSERT OR REPLACE would overwrite a row without an UPDATE.
        same = " OR ".join(f"{key} = NEW.{key}" for key in self.keys)
        return [
            f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
            f"{changed}{refused}",
            f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE ON {table} "
            f"WHEN {self.remembered} {refused}",
            f"CREATE TRIGGER {table}_append_only_insert BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refused}",
        ]
