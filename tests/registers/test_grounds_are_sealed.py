"""Which exemption and which psychiatric situation somebody has is sealed, from before too."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tests import factories

from soutien.registers.people.models import Exemption, PsychiatricSituation

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
BEFORE = ("people", "0004_guardianships")
STORED = {"people_exemption": Exemption, "people_psychiatricsituation": PsychiatricSituation}


@pytest.mark.django_db
def test_a_word_that_is_not_one_of_them_is_refused():
    who = factories.person(at=AT)
    with pytest.raises(ValueError, match="takes one of css, ame"):
        factories.exemption(who, "cold", valid_from=AT.date())
    with pytest.raises(ValueError, match="takes one of psychiatric_ald"):
        factories.psychiatric_situation(who, "cold", valid_from=AT.date())


@pytest.mark.django_db(transaction=True)
def test_what_was_written_before_is_sealed_on_the_way_and_opens_on_the_way_back():
    who = factories.person(at=AT)
    for kind in ("css", "ald"):
        factories.exemption(who, kind, valid_from=AT.date())
    factories.psychiatric_situation(who, "psychiatric_ald", valid_from=AT.date())
    try:
        MigrationExecutor(connection).migrate([BEFORE])
        assert stored("people_exemption") == ["ald", "css"]
        assert stored("people_psychiatricsituation") == ["psychiatric_ald"]
    finally:
        # To the last of all, not only the one under test: other tests go on here.
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert sorted(row.kind for row in Exemption.objects.all()) == ["ald", "css"]
    assert [row.kind for row in PsychiatricSituation.objects.all()] == ["psychiatric_ald"]
    for table, model in STORED.items():
        assert not any(b"ald" in bytes(kept) for kept in stored(table))
        names = [row.public_id for row in model._default_manager.all()]
        assert len({name for name in names if isinstance(name, UUID)}) == len(stored(table))


def stored(table: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT kind FROM {table} ORDER BY kind")
        return [kind for (kind,) in cursor.fetchall()]
