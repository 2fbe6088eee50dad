"""``soutien retention``: what would go, and what went."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from tests import factories as make

from soutien.doors.cli.main import main
from soutien.registers.people.models import Person
from soutien.rules.retention import KEPT

pytestmark = pytest.mark.django_db


def test_the_terms_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retention", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == set(KEPT)
    assert told["care_records"]["months"] == 240
    assert main(["retention", "list"]) == 0
    assert "care_records" in capsys.readouterr().out


def test_a_dry_run_counts_and_a_run_removes(capsys: pytest.CaptureFixture[str]) -> None:
    make.person(at=datetime(2005, 1, 1, tzinfo=UTC))
    assert main(["retention", "run", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["visitors"] == 1
    assert not Person.objects.filter(forgotten_at__isnull=False).exists()
    assert main(["retention", "run", "--kind", "visitors", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"dry_run": False, "rows": {"visitors": 1}}
    assert Person.objects.filter(forgotten_at__isnull=False).count() == 1


def test_an_unknown_kind_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["retention", "run", "--kind", "everything"])
    assert stopped.value.code == 2
