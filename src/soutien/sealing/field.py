"""A text column whose content is sealed in the database and clear in Python."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from django.core import checks
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import IntegrityError, connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

from soutien.sealing.box import (
    INDEX_DIGITS,
    Row,
    blind_index,
    blind_indexes,
    seal,
    several_keys,
    unseal,
)
from soutien.sealing.keyfile import SealingError

# A row's name as the database writes it before the sealed bytes; their first byte is none of it.
_NAME_OF_ROW = re.compile(rb"[0-9a-f/]*")


class ForRow(NamedTuple):
    """A text and the row it will be sealed for: what ``QuerySet.update`` needs to be told."""

    text: Any
    row: Row


class SealedTextField(models.TextField):
    """Text that only the running product can read (see docs/decisions/0007-sealed-fields.md).

    The column holds bytes, bound to ``table.column`` and to its row. ``row`` names what tells the
    row apart before the database gave it a key: a unique column of the same table known when the
    row is made (or several, joined by commas), which never changes. ``bound_to`` keeps the former
    name when a table or a column is renamed; ``one_of`` are the only words it takes, since no
    constraint of the database can read them. It cannot be searched, compared, sorted, made unique
    or exported by ``dumpdata``: only ``isnull`` is answered. To find an exact text, add a
    ``BlindIndexField``. Rows are written by ``save``, ``create`` and ``bulk_create``; with
    ``update``, give a ``ForRow``.
    """

    # Nothing of it is in the database: a migration that changes it remakes no table.
    non_db_attrs = (*models.Field.non_db_attrs, "bound_to")

    def __init__(
        self,
        *args: Any,
        row: str = "public_id",
        bound_to: str = "",
        one_of: Collection[str] = (),
        **kwargs: Any,
    ) -> None:
        self.row = row
        self.one_of = one_of
        self.bound_to = bound_to
        super().__init__(*args, **kwargs)

    @property
    def context(self) -> str:
        """What a text of this column is bound to, beside its row."""
        return self.bound_to or f"{self.model._meta.db_table}.{self.column}"

    @property
    def row_fields(self) -> list[models.Field[Any, Any]]:
        """The columns that name the row."""
        table: Any = self.model._meta
        return [table.get_field(name) for name in self.row.split(",")]

    def row_of(self, instance: models.Model) -> Row:
        """What names the row of an instance, saved or not."""
        return tuple(
            field.to_python(getattr(instance, field.attname)) for field in self.row_fields
        )

    def sealed_for(self, value: Any, row: Row) -> bytes | None:
        """What the column holds for a value, for who writes rows in plain SQL."""
        text = self.get_prep_value(value)
        return None if text is None else seal(text, self.context, row)

    def opened(self, sealed: bytes, row: Row) -> str:
        """The text of the column's bytes, for who reads rows in plain SQL."""
        if not sealed and self.blank:
            # A column added later to rows that were there.
            return ""
        return unseal(sealed, self.context, row)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        if self.bound_to:
            kwargs["bound_to"] = self.bound_to
        # ``row`` and ``one_of`` are not in the table, and of no use to a migration.
        return name, "soutien.sealing.SealedTextField", args, kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False):
            found.append(
                checks.Error(
                    "A sealed column differs at every writing: it cannot be unique or indexed.",
                    hint="Add a soutien.sealing.BlindIndexField and index that one.",
                    obj=self,
                    id="sealing.E001",
                )
            )
        if not self._row_is_unique():
            found.append(
                checks.Error(
                    f"A sealed column is bound to its row, and {self.row!r} does not name one.",
                    hint="Give row= a unique column of UUIDs, numbers or digests that is never "
                    "empty, or the columns of a unique constraint without condition.",
                    obj=self,
                    id="sealing.E002",
                )
            )
        return found

    def _row_is_unique(self) -> bool:
        try:
            fields = self.row_fields
        except FieldDoesNotExist:
            return False
        named = (models.UUIDField, models.IntegerField, models.ForeignKey, models.CharField)
        if any(field.null or not isinstance(field, named) for field in fields):
            return False
        if len(fields) == 1 and fields[0].unique:
            return not fields[0].primary_key or isinstance(fields[0], models.UUIDField)
        return any(
            {field.name for field in fields} == set(constraint.fields)
            for constraint in self.model._meta.constraints
            if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None
        )

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Expression):
            raise FieldError(f"{self.context} is sealed: give it a text, not an expression.")
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{self.context} holds a text, not {type(value).__name__}.")
        if self.one_of and value not in self.one_of:
            raise ValueError(f"{self.context} takes one of {', '.join(self.one_of)} only.")
        return value

    def pre_save(self, model_instance: models.Model, add: bool) -> ForRow:
        return ForRow(getattr(model_instance, self.attname), self.row_of(model_instance))

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        database: Any = connection
        # Django's schema editor writes b"" as the first value of a column added later.
        if value is None or value == b"":
            return value if value is None else database.Database.Binary(b"")
        if not isinstance(value, ForRow):
            raise FieldError(
                f"{self.context} is sealed for one row: save the row itself, or give update() a "
                "soutien.sealing.ForRow(text, row). bulk_update() cannot tell the rows apart."
            )
        sealed = self.sealed_for(*value)
        return None if sealed is None else database.Database.Binary(sealed)

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        """The row's name goes before the bytes, so that whatever reads them can check it."""
        column = compiler.quote_name_unless_alias(self.column)
        if not sql.endswith(column) or sql.removesuffix(column).count('"') not in (0, 2):
            raise FieldError(f"{self.context} is sealed: it is read as it is, in no expression.")
        table = sql.removesuffix(column)
        names = [
            f"{table}{compiler.quote_name_unless_alias(field.column)}" for field in self.row_fields
        ]
        if compiler.connection.vendor == "postgresql":
            name = " || '/' || ".join(f"replace({name}::text, '-', '')" for name in names)
            return f"(convert_to({name}, 'UTF8') || {sql})", params
        name = " || '/' || ".join(names)
        return f"CAST({name} || {sql} AS BLOB)", params

    def from_db_value(
        self, value: Any, expression: Expression, connection: BaseDatabaseWrapper
    ) -> str | None:
        if value is None:
            return None
        found = bytes(value)
        end = _NAME_OF_ROW.match(found).end()  # type: ignore[union-attr]
        if not end:
            raise SealingError(
                f"{self.context} was read without its row: ask by the ORM, or open it with "
                "unseal and its row."
            )
        return self.opened(found[end:], found[:end].decode())

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
            f"{self.context} is sealed: it is not exported in clear. Use `soutien backup`."
        )


class SealedJSONField(SealedTextField):
    """A JSON value that only the running product can read; sealed as its text is.

    ``padded``: the sealed text is as long as a whole number of so many bytes, where its length
    would tell one value from another.
    """

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def __init__(self, *args: Any, padded: int = 0, **kwargs: Any) -> None:
        self.padded = padded
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "soutien.sealing.SealedJSONField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Expression):
            raise FieldError(f"{self.context} is sealed: give it a value, not an expression.")
        text = json.dumps(value, ensure_ascii=False)
        # Spaces after it are nothing to JSON.
        return text + " " * (-len(text.encode()) % self.padded) if self.padded else text

    def from_db_value(
        self, value: Any, expression: Expression, connection: BaseDatabaseWrapper
    ) -> Any:
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else None

    def to_python(self, value: Any) -> Any:
        return value


def as_it_is(text: str) -> str:
    return text


class BlindIndexField(models.CharField):
    """The fingerprint of a sealed text, to find it: an ordinary column of 64 digits.

    ``of`` is the sealed column, through a foreign key if need be (``wait__email``), or several
    joined by commas; ``purpose`` keeps two columns apart; ``normal`` brings the texts to the one
    form that is compared. Of an empty form there is no index: "" or NULL, as the column allows.
    """

    def __init__(
        self,
        *args: Any,
        of: str = "",
        purpose: str = "",
        normal: Callable[..., str] = as_it_is,
        **kwargs: Any,
    ) -> None:
        self.of, self.purpose, self.normal = of, purpose, normal
        kwargs.setdefault("editable", False)
        super().__init__(*args, **{"max_length": INDEX_DIGITS} | kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        # To the database and to the history of the tables it is what it looks like.
        return name, "django.db.models.CharField", args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if not self.of or not self.purpose:
            found.append(
                checks.Error(
                    "A blind index says of what it is (of=) and for what (purpose=).",
                    obj=self,
                    id="sealing.E003",
                )
            )
        return found

    def index(self, *texts: str) -> str | None:
        """What the column holds for these texts."""
        written = self.normal(*texts)
        if not written:
            return None if self.null else ""
        return blind_index(written, self.purpose)

    def indexes(self, *texts: str) -> list[str]:
        """What the column may hold while a key is replaced; none for an empty form."""
        written = self.normal(*texts)
        return blind_indexes(written, self.purpose) if written else []

    def refuse_another(self, *texts: str, but: int | None = None) -> None:
        """Raises IntegrityError when another row than ``but`` has these texts, under any key.

        With one key the unique constraint says it alone. While a key is replaced, two indexes
        stand for one text: the same text is then written by one after the other.
        """
        indexes = sorted(self.indexes(*texts)) if several_keys() else []
        if indexes and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [indexes[0]]
                )
        held = self.model._default_manager.filter(**{f"{self.name}__in": indexes})
        if indexes and held.exclude(pk=but or 0).exists():
            raise IntegrityError(f"{self.model._meta.db_table}_{self.name}: another row has it")


def index_field(model: type[models.Model], name: str) -> BlindIndexField:
    """A blind index column of a model. Raises FieldError for another."""
    field = model._meta.get_field(name)
    if not isinstance(field, BlindIndexField):
        raise FieldError(f"{name} of {model.__name__} is no blind index.")
    return field


def sealed_field(model: type[models.Model], name: str) -> SealedTextField:
    """A sealed column of a model, for who writes plain SQL. Raises FieldError for another."""
    field = model._meta.get_field(name)
    if not isinstance(field, SealedTextField):
        raise FieldError(f"{name} of {model.__name__} is not sealed.")
    return field
