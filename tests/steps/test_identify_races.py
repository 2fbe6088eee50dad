"""Two sign-ins at the same moment: one answer is believed once, one person has one account."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from tests import factories as make

from soutien.registers.accounts.models import Account
from soutien.registers.identities import queries as identities
from soutien.registers.identities.models import ExternalIdentity, Held
from soutien.rules.traits import Traits
from soutien.steps import identify
from soutien.steps.actor import ANONYMOUS
from soutien.steps.presented import Presented

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
CONTENDERS = 12
CITIZEN = Presented(
    "person",
    "citizens",
    "https://identity.example.org",
    "sub-camille",
    traits=Traits("EXEMPLE", ("Camille",), "1990-05-17", sex="female", birth_place="00004"),
)
KEY = {"key": "state", "browser": "browser", "kind": "asked"}


def at_once(runners: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment, each on a connection of its own; what each gave or raised."""
    start = threading.Barrier(len(runners))
    results: list[Any] = [None] * len(runners)

    def run(position: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            results[position] = runners[position]()
        except Exception as error:
            results[position] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(runners))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def held() -> None:
    ends_at = AT + timedelta(minutes=15)
    identities.hold(**KEY, content={"nonce": "n"}, at=AT, ends_at=ends_at)


def test_of_many_who_bring_one_answer_one_is_believed() -> None:
    held()
    found = at_once([lambda: identities.take(**KEY, at=AT)] * CONTENDERS)
    assert sorted(map(str, found)) == ["None"] * (CONTENDERS - 1) + ["{'nonce': 'n'}"]


def test_twin_who_trusts_what_was_read_believes_it_more_than_once() -> None:
    held()
    all_have_read = threading.Barrier(CONTENDERS)

    def trusting() -> Any:
        content = identities.peek(**KEY, at=AT)
        all_have_read.wait(timeout=30)
        Held.objects.all().delete()
        return content

    assert at_once([trusting] * CONTENDERS).count({"nonce": "n"}) == CONTENDERS


@pytest.fixture
def opening_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is about to open an account waits a while for the other who is, too."""
    together = threading.Barrier(2)
    opened = identify._opened

    def slowly(*args: Any, **more: Any) -> Account:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(timeout=1)
        return opened(*args, **more)

    monkeypatch.setattr(identify, "_opened", slowly)


def sign_in_by_two_providers() -> None:
    make.person(at=AT, family_name="Exemple", nir=make.made_up_nir(4321))
    other = replace(CITIZEN, issuer="https://other.example.org", subject="another")

    def sign_in(presented: Presented) -> int:
        return identify.sign_in_with_identity(
            actor=ANONYMOUS, presented=presented, on=date(2026, 11, 3), at=AT
        )

    at_once([lambda: sign_in(CITIZEN), lambda: sign_in(other)])


@pytest.mark.usefixtures("opening_together")
def test_one_person_gets_one_account_by_two_providers_at_once() -> None:
    sign_in_by_two_providers()
    assert Account.objects.count() == 1
    assert ExternalIdentity.objects.count() == 2


@pytest.mark.usefixtures("opening_together")
def test_twin_without_the_lock_they_get_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows.all())
    sign_in_by_two_providers()
    assert Account.objects.count() == 2
