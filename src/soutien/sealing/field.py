"""A text column whose content is sealed in the database and clear in Python."""

from __future__ import annotations

import json
from typing import Any

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from soutien.sealing.box import seal, unseal


class SealedTextField(models.TextField):
    """Text that only the running product can read (see docs/decisions/0007-sealed-fields.md).

    The column holds bytes, bound to ``table.column``; ``bound_to`` keeps the former name when a
    table or a column is renamed. It cannot be searched, compared, sorted, made unique or exported
    by ``dumpdata``: only ``isnull`` is answered. To find an exact text, store ``blind_index`` too.
    """

    def __init__(self, *args: Any, bound_to: str = "", **kwargs: Any) -> None:
        self.bound_to = bound_to
        super().__init__(*args, **kwargs)

    @property
    def context(self) -> str:
        """What a text of this column is bound to."""
        return self.bound_to or f"{self.model._meta.db_table}.{self.column}"

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        if self.bound_to:
            kwargs["bound_to"] = self.bound_to
        return name, "soutien.sealing.SealedTextField", args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False):
            found.append(
                checks.Error(
                    "A sealed column differs at every writing: it cannot be unique or indexed.",
                    hint="Add a column with soutien.sealing.blind_index and index that one.",
                    obj=self,
                    id="sealing.E001",
                )
            )
        return found

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Expression):
            raise FieldError(f"{self.context} is sealed: give it a text, not an expression.")
        # Django's schema editor writes b"" as the first value of a column added later.
        if value == b"":
            return ""
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{self.context} holds a text, not {type(value).__name__}.")
        return value

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        text = value if prepared else self.get_prep_value(value)
        database: Any = connection
        return None if text is None else database.Database.Binary(seal(text, self.context))

    def from_db_value(
        self, value: Any, expression: Expression, connection: BaseDatabaseWrapper
    ) -> str | None:
        return None if value is None else unseal(bytes(value), self.context)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(
            f"{self.context} is sealed: it cannot be searched with '{lookup_name}'. Look for its "
            "blind index column, or read the rows and compare in Python."
        )

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.context} is sealed: it has no transform '{lookup_name}'.")

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(
            f"{self.context} is sealed: it is not exported in clear. Back up the database itself."
        )


class SealedJSONField(SealedTextField):
    """A JSON value that only the running product can read; sealed as its text is."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "soutien.sealing.SealedJSONField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Expression):
            raise FieldError(f"{self.context} is sealed: give it a value, not an expression.")
        # Django's schema editor writes b"" as the first value of a column added later.
        return "null" if value == b"" else json.dumps(value, ensure_ascii=False)

    def from_db_value(
        self, value: Any, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Any:
        text = super().from_db_value(value, expression, connection)
        return None if text is None else json.loads(text)

    def to_python(self, value: Any) -> Any:
        return value
