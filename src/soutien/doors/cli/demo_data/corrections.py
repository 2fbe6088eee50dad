"""What Camille asks the fund to correct: an agent finds somebody who waits for an answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from soutien.registers.accounts import queries as accounts
from soutien.registers.people.models import Person
from soutien.steps.actor import Actor
from soutien.steps.correct import Wanted, ask_correction

WAITS = timedelta(days=2)


def store_corrections(camille: Person, at: datetime) -> None:
    """One request, made two days ago as Camille does it on her page."""
    account = accounts.of_person(camille.pk)
    assert account is not None
    ask_correction(
        actor=Actor("person", account.pk, camille.pk),
        person_id=camille.pk,
        wanted=Wanted(
            given_name=f"{camille.given_name}-Marie",
            family_name=camille.family_name,
            birth_date=date.fromisoformat(camille.birth_date),
            explanation="Sur ma carte d’identité, mon prénom a un trait d’union.",
        ),
        at=at - WAITS,
    )
