"""At the last moment somebody objects and somebody finishes: one of the two holds, never both."""

from __future__ import annotations

from typing import Any

import pytest
from tests.registers.test_races import race
from tests.steps.test_races import codes
from tests.steps.test_recover import READY, begin, finish, owner  # noqa: F401

from soutien.registers.accounts import factors, recoveries
from soutien.registers.accounts.models import Account, Recovery
from soutien.registers.audit.models import Entry
from soutien.steps.actor import ANONYMOUS
from soutien.steps.recover import stop_recovery

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def objects(recovery: Recovery) -> Any:
    return lambda: stop_recovery(actor=ANONYMOUS, public_id=recovery.public_id, at=READY)


def ended() -> int:
    events = ("accounts.recovery.done", "accounts.recovery.stopped")
    return Entry.objects.filter(event__in=events, result="done").count()


def test_it_is_stopped_or_done(owner: Account) -> None:  # noqa: F811
    recovery = begin(owner)
    stopped, finished = race([objects(recovery), lambda: finish(recovery)])
    assert ended() == 1
    assert (stopped is True) != isinstance(finished, Account)
    assert factors.has_any(owner.pk) == (stopped is True)


def test_of_many_who_finish_one_does(owner: Account) -> None:  # noqa: F811
    recovery = begin(owner)
    results = race([lambda: finish(recovery)] * 4)
    assert sum(isinstance(result, Account) for result in results) == 1
    assert codes(results) == {"link_over"}


def test_twin_without_the_one_statement_both_hold(
    owner: Account,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recovery = begin(owner)

    def trusting(recovery_id: int, **_told: Any) -> bool:
        return Recovery.objects.get(pk=recovery_id).state in recoveries.OPEN

    monkeypatch.setattr(recoveries, "take", trusting)
    monkeypatch.setattr(recoveries, "stop", trusting)
    race([objects(recovery), lambda: finish(recovery)])
    assert ended() == 2
