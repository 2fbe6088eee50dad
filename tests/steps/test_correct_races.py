"""Two agents answer one request at the same moment: one answer holds, and the person reads it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.registers.test_races import race
from tests.steps import scene
from tests.steps.test_correct import AGENT, LATER, ask
from tests.steps.test_races import codes, gate

from soutien.registers.audit.models import Entry
from soutien.registers.corrections import queries as corrections
from soutien.registers.corrections.models import Request
from soutien.registers.people.models import Person
from soutien.steps.correct import answer_correction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def both(request: Request) -> list[Any]:
    """One accepts, the other refuses."""

    def says(*, accepted: bool) -> Any:
        return lambda: answer_correction(
            actor=AGENT,
            public_id=request.public_id,
            accepted=accepted,
            reason="Voici pourquoi.",
            at=LATER,
        )

    return [says(accepted=True), says(accepted=False)]


def answered() -> int:
    return Entry.objects.filter(event="corrections.request.answered", result="done").count()


def test_of_two_agents_one_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    who = scene.insured()
    results = race(both(ask(who)))
    assert codes(results) == {"correction_answered"}
    assert answered() == 1
    written = Person.objects.get(pk=who.pk).family_name == "Modèle"
    assert Request.objects.get().state == ("accepted" if written else "refused")


def test_twin_without_the_locks_both_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    who = scene.insured()
    answers = both(ask(who))
    monkeypatch.setattr("soutien.steps.correct._locked", lambda key: Person.objects.get(pk=key))
    monkeypatch.setattr(corrections, "lock_request", lambda key: Request.objects.get(pk=key))
    with gate(monkeypatch, corrections, "end", 2):
        results = race(answers)
    assert codes(results) == set()
    assert answered() == 2
