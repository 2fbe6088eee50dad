"""The tables are what the models say, and each change is a numbered sentence."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from tests.house.sources import PACKAGE, short


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_each_migration_is_a_numbered_sentence() -> None:
    named = re.compile(r"^\d{4}_[a-z][a-z0-9_]+\.py$")
    paths = [
        path for path in PACKAGE.glob("registers/*/migrations/*.py") if path.name != "__init__.py"
    ]
    assert paths
    wrong = [short(p) for p in paths if not named.match(p.name) or "_auto_" in p.name]
    assert not wrong, "\n".join(wrong)


def test_no_migration_holds_a_set() -> None:
    """Its order is another in each process: two databases made alike would differ."""
    for path in PACKAGE.glob("registers/*/migrations/*.py"):
        assert not re.search(r"\b(frozen)?set\(", path.read_text()), path
