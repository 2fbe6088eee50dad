"""A file opened by the fund: once, of its own people, and a paper sheet can follow."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.factories import made_up_nir
from tests.registers.test_races import race
from tests.steps.refusals import refused

from soutien.registers.audit.models import Entry as Line
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.steps.actor import Actor
from soutien.steps.admit import Insured, admit_insured
from soutien.steps.entitle import find_insured, open_rights
from soutien.steps.entitled import Evidence, Right

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FUND, OTHER = "019990069", "019990001"
AGENT = Actor("fund_agent", account_id=7, fund_code=FUND)
STRANGER = Actor("fund_agent", account_id=8, fund_code=OTHER)
SEEN = Evidence("certificate", date(2026, 11, 20))
ODILE = Insured(
    made_up_nir(880_001, born_on=date(1988, 4, 3)), "Odile", "Sarrazin", date(1988, 4, 3)
)
SCHEME = Right("scheme", date(2026, 1, 1), regime="general")


def admitted(who: Insured = ODILE, actor: Actor = AGENT, scheme: Right = SCHEME) -> object:
    return admit_insured(actor=actor, insured=who, scheme=scheme, evidence=SEEN, at=NOW)


@pytest.mark.django_db
def test_the_fund_opens_a_file_and_finds_it_by_its_number() -> None:
    made = admitted()
    assert find_insured(actor=AGENT, nir=ODILE.nir, at=NOW) == made
    person = Person.objects.get()
    view = open_rights(actor=AGENT, person_public_id=person.public_id, at=NOW)
    assert [(one.right.regime, one.right.fund_code) for one in view.rights] == [("general", FUND)]
    assert view.rights[0].last is not None
    assert view.rights[0].last.evidence == "certificate"
    assert Line.objects.filter(event="people.person.admitted", person_id=person.pk).count() == 1


@pytest.mark.django_db
def test_the_same_sent_again_is_the_same_file() -> None:
    assert admitted() == admitted()
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_a_fund_admits_to_itself_alone() -> None:
    admitted(scheme=replace(SCHEME, fund_code=OTHER))
    person = people.with_rights(Person.objects.get().pk)
    assert [row.fund_code for row in person.affiliations.all()] == [FUND]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "code"),
    [
        (replace(ODILE, birth_date=date(1988, 5, 3)), "birth_differs"),
        (replace(ODILE, birth_date=date(1987, 4, 3)), "birth_differs"),
        (replace(ODILE, birth_date=date(2088, 4, 3)), "birth_date_ahead"),
        (replace(ODILE, nir=ODILE.nir[:-2] + "00"), "nir_wrong"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(who: Insured, code: str) -> None:
    with refused(code):
        admitted(who)
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_a_number_that_somebody_has_opens_nothing_and_says_nothing_of_them() -> None:
    admitted()
    for who, actor in (
        (ODILE, STRANGER),
        (replace(ODILE, family_name="Autre"), AGENT),
        (replace(ODILE, family_name="Autre"), STRANGER),
    ):
        with refused("insured_elsewhere"):
            admitted(who, actor)
    assert Person.objects.count() == 1


@pytest.mark.postgres_only
@pytest.mark.django_db(transaction=True)
def test_two_agents_together_open_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    together, add = threading.Barrier(2), people.add_person

    def after_both_have_looked(**fields: Any) -> Person:
        together.wait(timeout=30)
        return add(**fields)

    monkeypatch.setattr(people, "add_person", after_both_have_looked)
    assert race([admitted] * 2) == [Person.objects.get().public_id] * 2
