"""An identity that one's own hand may not change is corrected by one's fund, or refused aloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests import factories as make
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.test_own_data import an_account, signed_in

from soutien.doors.couriers.writers import WRITERS
from soutien.doors.couriers.writing import Task
from soutien.registers.audit.models import Entry
from soutien.registers.corrections import queries as corrections
from soutien.registers.corrections.models import Request
from soutien.registers.outbox.models import Letter
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.steps.actor import Actor
from soutien.steps.correct import (
    Wanted,
    answer_correction,
    ask_correction,
    list_corrections,
    list_own_corrections,
    open_correction,
    withdraw_correction,
)
from soutien.steps.own_data_change import erase_own_data

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
FUND, OTHER_FUND = "019990069", "019990001"
AGENT = Actor("fund_agent", account_id=7, fund_code=FUND)
WANTED = Wanted("Ada", "Modèle", date(1990, 5, 17), explanation="acte de naissance")


@pytest.fixture
def who() -> Person:
    """Somebody whose care sheet carries their identity: their own hand changes nothing."""
    here, person = scene.practice(), scene.insured()
    scene.closed(here, scene.booked(here, person, day=scene.AUTUMN, kind="evaluation"))
    return person


def ask(person: Person, wanted: Wanted = WANTED) -> Request:
    return ask_correction(actor=signed_in(person), person_id=person.pk, wanted=wanted, at=NOW)


def answer(
    request: Request, *, accepted: bool = True, reason: str = "", actor: Actor = AGENT
) -> bool:
    return answer_correction(
        actor=actor, public_id=request.public_id, accepted=accepted, reason=reason, at=LATER
    )


def mails() -> list[str]:
    """What each letter says, in the order they were left."""
    return [
        message.body
        for letter in Letter.objects.filter(kind__startswith="corrections.").order_by("pk")
        for message in WRITERS[letter.kind](Task(letter=letter, at=LATER, channels=("mail",)))
    ]


def lines(event: str) -> list[tuple[str, str]]:
    found = Entry.objects.filter(event=f"corrections.request.{event}").order_by("at")
    return list(found.values_list("reason", "result"))


def test_what_the_fund_accepts_is_written_and_what_was_written_is_kept(who: Person):
    before = {"given_name": who.given_name, "family_name": who.family_name}
    request = ask(who)
    [seen] = list_corrections(actor=AGENT, at=NOW)
    assert {line.field: line.written for line in seen.lines} == before
    assert {line.field: line.wanted for line in seen.lines} == {
        "given_name": "Ada",
        "family_name": "Modèle",
    }
    assert open_correction(actor=AGENT, public_id=request.public_id, at=NOW).explanation
    assert answer(request)
    who.refresh_from_db()
    assert (who.given_name, who.family_name, who.birth_date) == ("Ada", "Modèle", "1990-05-17")
    assert [person.pk for person in people.alike("MODELE", "1990-05-17")] == [who.pk]
    kept = {line.field: (line.value, line.replaced_by) for line in corrections.of_person(who.pk)}
    assert kept == {name: (value, "fund_agent") for name, value in before.items()}
    [mine] = list_own_corrections(actor=signed_in(who), person_id=who.pk, at=LATER)
    assert (mine.state, mine.ended_at) == ("accepted", LATER)
    assert lines("answered") == [("accepted", "done")]
    asked, answered = mails()
    assert "correction de votre identité a été demandée" in asked
    assert "Une réponse vous attend" in answered and "Modèle" not in asked + answered


def test_what_the_fund_refuses_stays_with_its_reason(who: Person):
    request = ask(who)
    with refused("correction_reason"):
        answer(request, accepted=False, reason="  ")
    assert answer(request, accepted=False, reason=" Il manque  la pièce d’identité. ")
    assert not answer(request, accepted=False, reason="autrement dit")
    assert Person.objects.get(pk=who.pk).family_name == who.family_name
    [mine] = list_own_corrections(actor=signed_in(who), person_id=who.pk, at=LATER)
    assert (mine.state, mine.reason) == ("refused", "Il manque la pièce d’identité.")
    assert not corrections.of_person(who.pk).exists()
    assert len(mails()) == 2
    # Then another may be asked.
    ask(who, replace(WANTED, given_name="Adèle"))
    assert [view.state for view in list_corrections(actor=AGENT, at=LATER)] == ["open"]
    assert len(list_corrections(actor=AGENT, at=LATER, waiting=False)) == 1


def test_what_one_agent_answered_another_does_not_answer_otherwise(who: Person):
    request = ask(who)
    answer(request, accepted=False, reason="Non.")
    supervisor = Actor("fund_supervisor", account_id=8, fund_code=FUND)
    with refused("correction_answered"):
        answer(request, actor=supervisor)
    assert Person.objects.get(pk=who.pk).family_name == who.family_name


def test_one_request_waits_at_a_time_and_may_be_taken_back(who: Person):
    request = ask(who)
    assert ask(who).pk == request.pk
    assert len(mails()) == 1
    with refused("correction_open"):
        ask(who, replace(WANTED, given_name="Adèle"))
    take_back = {"actor": signed_in(who), "public_id": request.public_id, "at": LATER}
    assert withdraw_correction(**take_back)
    assert not withdraw_correction(**take_back)
    with refused("correction_answered"):
        answer(request)
    assert ask(who, replace(WANTED, given_name="Adèle")).pk != request.pk


def test_a_number_is_corrected_by_the_fund_and_belongs_to_one_person(who: Person):
    taken, free = scene.insured().nir, make.made_up_nir(900)
    same = Wanted(who.given_name, who.family_name, date.fromisoformat(who.birth_date))
    with refused("correction_same"):
        ask(who, replace(same, nir=who.nir))
    with refused("nir_length"):
        ask(who, replace(same, nir="290"))
    request = ask(who, replace(same, nir=taken))
    with refused("nir_of_another"):
        answer(request)
    assert Person.objects.get(pk=who.pk).nir == who.nir
    assert not corrections.of_person(who.pk).exists()
    answer(request, accepted=False, reason="Ce numéro est à quelqu’un d’autre.")
    assert answer(ask(who, replace(same, nir=free)))
    assert people.by_nir(free) == who
    assert people.by_nir(who.nir) is None
    [former] = corrections.of_person(who.pk)
    assert (former.field, former.value) == ("nir", who.nir)


def test_what_a_provider_answers_for_is_not_changed_by_a_fund_either(who: Person):
    request = ask(who)
    an_account(who)
    with refused("identity_certified"):
        answer(request)
    withdraw_correction(actor=signed_in(who), public_id=request.public_id, at=LATER)
    with refused("identity_certified"):
        ask(who)


def test_only_the_person_asks_and_only_their_own_fund_answers(who: Person):
    request = ask(who)
    strangers = [
        replace(AGENT, fund_code=OTHER_FUND),
        replace(AGENT, fund_code=""),
        Actor("administrator", account_id=9),
        signed_in(scene.insured()),
        scene.of(who),
    ]
    for stranger in strangers:
        with refused("not_allowed"):
            open_correction(actor=stranger, public_id=request.public_id, at=NOW)
        with refused("not_allowed"):
            answer(request, actor=stranger)
    assert list_corrections(actor=strangers[0], at=NOW) == ()
    for stranger in (*strangers[:4], AGENT):
        with refused("not_allowed"):
            ask_correction(actor=stranger, person_id=who.pk, wanted=WANTED, at=NOW)
        with refused("not_allowed"):
            withdraw_correction(actor=stranger, public_id=request.public_id, at=NOW)
    with refused("not_allowed"):
        # A browser that only booked.
        ask_correction(actor=scene.of(who), person_id=who.pk, wanted=WANTED, at=NOW)


def test_a_parent_asks_for_the_child_whose_fund_checks():
    child = make.person(at=NOW, birth_date="2015-03-02")
    make.affiliation(child, valid_from=scene.OPENED, fund_code=FUND)
    parent = make.person(at=NOW)
    make.guardianship(parent, child, valid_from=scene.OPENED)
    acting = Actor("guardian", account_id=1, person_id=parent.pk, on_behalf_of=child.pk)
    wanted = Wanted("Lou", "Exemple", date(2015, 3, 20))
    request = ask_correction(actor=acting, person_id=child.pk, wanted=wanted, at=NOW)
    assert open_correction(actor=AGENT, public_id=request.public_id, at=NOW).by_guardian
    answer(request)
    assert Person.objects.get(pk=child.pk).birth_date == "2015-03-20"


def test_what_cannot_be_asked_is_refused():
    nobody_s = make.person(at=NOW)
    with refused("correction_no_fund"):
        ask(nobody_s)
    make.affiliation(nobody_s, valid_from=scene.OPENED, fund_code=FUND)
    with refused("identity_missing"):
        ask(nobody_s, replace(WANTED, given_name=" "))
    with refused("birth_date_ahead"):
        ask(nobody_s, replace(WANTED, birth_date=date(2026, 11, 21)))


def test_requests_go_with_the_person(who: Person):
    ask(who)
    erase_own_data(
        actor=signed_in(who), person_id=who.pk, at=datetime(2026, 12, 20, 9, tzinfo=UTC)
    )
    assert not Request.objects.exists()
    assert list_corrections(actor=AGENT, at=LATER) == ()
