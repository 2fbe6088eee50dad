"""The full-text index, which each database keeps by itself from the rows of ``contents_entry``.

SQLite: an FTS5 table that reads its words from there, told of each change by triggers. A later
migration that remakes ``contents_entry`` there loses them: it ends with ``keep_index``.
PostgreSQL: a computed column for each of the five, with a GIN index.
"""

from __future__ import annotations

from typing import Any

COLUMNS = ("title", "about", "body", "title_written", "body_written")
_ALL = ", ".join(COLUMNS)
_OLD = ", ".join(f"OLD.{column}" for column in COLUMNS)
_NEW = ", ".join(f"NEW.{column}" for column in COLUMNS)
_FORGET = (
    f"INSERT INTO contents_words(contents_words, rowid, {_ALL}) "
    f"VALUES ('delete', OLD.content_id, {_OLD});"
)
_KNOW = f"INSERT INTO contents_words(rowid, {_ALL}) VALUES (NEW.content_id, {_NEW});"
_SQLITE = (
    f"CREATE VIRTUAL TABLE contents_words USING fts5({_ALL}, content='contents_entry', "
    "content_rowid='content_id', tokenize='ascii', columnsize=0, prefix='3 4')",
    f"CREATE TRIGGER contents_words_insert AFTER INSERT ON contents_entry BEGIN {_KNOW} END",
    f"CREATE TRIGGER contents_words_delete AFTER DELETE ON contents_entry BEGIN {_FORGET} END",
    "CREATE TRIGGER contents_words_update AFTER UPDATE ON contents_entry "
    f"BEGIN {_FORGET} {_KNOW} END",
    "INSERT INTO contents_words(contents_words) VALUES ('rebuild')",
)


def keep_index(_apps: Any, schema_editor: Any) -> None:
    """Index what is there, and from now on whatever changes."""
    if schema_editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            schema_editor.execute(
                f"ALTER TABLE contents_entry ADD COLUMN {column}_vector tsvector "
                f"GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, {column})) STORED"
            )
            schema_editor.execute(
                f"CREATE INDEX contents_entry_{column}_vector ON contents_entry "
                f"USING gin ({column}_vector)"
            )
        return
    for statement in _SQLITE:
        schema_editor.execute(statement, params=None)


def drop_index(_apps: Any, schema_editor: Any) -> None:
    """For a migration that goes back."""
    if schema_editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            schema_editor.execute(f"ALTER TABLE contents_entry DROP COLUMN {column}_vector")
        return
    for event in ("insert", "delete", "update"):
        schema_editor.execute(f"DROP TRIGGER contents_words_{event}")
    schema_editor.execute("DROP TABLE contents_words")
