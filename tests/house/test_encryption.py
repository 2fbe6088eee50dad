"""Every column that can hold words says how it is kept, and is kept so: docs/encryption.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps
from tests.house.sources import ROOT

from soutien.sealing import BlindIndexField, SealedTextField

PAGE = ROOT / "docs" / "encryption.md"
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
ROW = re.compile(r"^\| `(\w+)` \| (`[\w`, ]+`) \| (sealed|blind index|clear) \| (.+) \|$", re.M)


def kept(field: models.Field[Any, Any]) -> str:
    """How a column is kept; empty when it holds no words."""
    if isinstance(field, SealedTextField):
        return "sealed"
    if isinstance(field, BlindIndexField):
        return "blind index"
    return "clear" if isinstance(field, WORDS) else ""


def columns(found: Iterator[type[models.Model]]) -> dict[str, str]:
    """Every column of words of these tables, and how it is kept."""
    return {
        f"{model._meta.db_table}.{field.column}": kept(field)
        for model in found
        for field in model._meta.local_concrete_fields
        if kept(field)
    }


def told() -> dict[str, str]:
    """What the page says of each column."""
    return {
        f"{table}.{column}": how
        for table, named, how, _why in ROW.findall(PAGE.read_text())
        for column in re.findall(r"`(\w+)`", named)
    }


def test_every_column_of_words_is_told_as_it_is_kept() -> None:
    there = columns(iter(apps.get_models(include_auto_created=True)))
    said = told()
    assert len(said) > 150
    assert sorted(there.items() - said.items()) == [], "Add them to docs/encryption.md."
    assert sorted(said.items() - there.items()) == [], "They are not there, or kept otherwise."


def test_what_is_clear_says_why() -> None:
    assert all(len(why) >= 5 for _table, _columns, _how, why in ROW.findall(PAGE.read_text()))


@isolate_apps("soutien.registers.people")
def test_a_new_column_would_be_noticed() -> None:
    class Diary(models.Model):
        told = models.TextField()
        secret = SealedTextField()
        written_on = models.DateField()

        class Meta:
            app_label = "people"

    assert columns(iter([Diary])) == {
        "people_diary.told": "clear",
        "people_diary.secret": "sealed",
    }
