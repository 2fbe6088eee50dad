"""Questionnaires by pages: answered by a link, help before all else, read by the pair alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice, words_of

from soutien.doors.booking_links import booking_path
from soutien.doors.measure_links import questions_path
from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.measures.models import Outcome, Questionnaire, Review
from soutien.registers.people.models import Person
from soutien.steps.measure import ask_questionnaire, enter_on_paper

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
LINES = ("tel:3114", "tel:15", "tel:112")
CALM = (1, 1, 1, 1, 1, 1, 1, 1, 0)


@pytest.fixture(autouse=True)
def _friday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def here() -> Practice:
    return practice(NOW)


@pytest.fixture
def who(here: Practice) -> Person:
    return here.patient()


@pytest.fixture
def booked(here: Practice, who: Person) -> Booking:
    return here.booking(who, begins_in_h=72)


@pytest.fixture
def asked(here: Practice, booked: Booking) -> Questionnaire:
    return ask_questionnaire(actor=here.actor, booking_id=booked.public_id, scale="phq-9", at=NOW)


def browser(account: Any) -> Client:
    client = Client()
    client.force_login(account)
    return client


def sheet(*answers: int | None) -> dict[str, str]:
    told = {f"q{n}": str(given) for n, given in enumerate(answers, 1) if given is not None}
    return told | {"count": str(len(answers))}


def helps(answer: HttpResponse) -> bool:
    """Whether help stands before anything else of the page's main part."""
    words = words_of(answer)
    return all(line in words for line in LINES) and words.index("3114") < 900


def on_paper(here: Practice, booked: Booking, answers: tuple[int | None, ...], days: int = 0):
    return enter_on_paper(
        actor=here.actor,
        booking_id=booked.public_id,
        scale="phq-9",
        answers=answers,
        filled_on=here.today - timedelta(days=days),
        at=NOW,
    )


def test_the_questions_need_neither_an_account_nor_a_script(asked: Questionnaire):
    path = questions_path(asked.public_id)
    answer = Client().get(path)
    words = words_of(answer)
    assert words.count("<fieldset") == 9 and "<script" not in words
    assert "Peu d’intérêt ou de plaisir" in words and "phq" not in path.lower()
    assert "<title>Soutien · Quelques questions</title>" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    english = words_of(Client().get(f"/en{path}"))
    assert "Little interest or pleasure" in english


def test_the_answers_are_kept_once_and_never_shown_again_by_the_link(asked: Questionnaire):
    client, path = Client(), questions_path(asked.public_id)
    told = words_of(client.post(path, sheet(*CALM)))
    assert "vos réponses sont arrivées" in told and not re.search(r"\b8\b", told)
    assert words_of(client.post(path, sheet(*CALM))) == told
    again = words_of(client.get(path))
    assert "Vos réponses sont arrivées" in again and "fieldset" not in again
    other = client.post(path, sheet(*(2,) * 8, 0))
    assert other.status_code == 409 and "déjà répondu" in words_of(other)
    [row] = Outcome.objects.all()
    assert row.told["answers"] == list(CALM)


@pytest.mark.parametrize("given", [1, 2, 3])
@pytest.mark.parametrize("others", [0, 3, None])
def test_a_danger_shows_help_before_anything_whatever_the_total(
    asked: Questionnaire, given: int, others: int | None
):
    answer = Client().post(questions_path(asked.public_id), sheet(*(others,) * 8, given))
    assert answer.status_code == 200 and helps(answer)
    assert "Parlez à quelqu’un maintenant" in words_of(answer)
    assert Outcome.objects.get().told["danger"] == "yes"


def test_a_danger_shows_help_even_when_the_answers_cannot_be_kept(
    asked: Questionnaire, booked: Booking
):
    path, danger = questions_path(asked.public_id), sheet(*(0,) * 8, 1)
    Client().post(path, sheet(*CALM))
    answer = Client().post(path, danger)
    assert answer.status_code == 409 and helps(answer)
    with time_machine.travel(asked.valid_before, tick=False):
        assert helps(Client().post(path, danger))
    Booking.objects.update(status="cancelled", ended_at=NOW, ended_by="person")
    assert helps(Client().post(path, danger))


def test_left_blank_the_danger_is_asked_gently_once_more_then_left_to_a_person(
    asked: Questionnaire,
):
    client, path = Client(), questions_path(asked.public_id)
    first = client.post(path, sheet(*CALM[:8], None))
    words = words_of(first)
    assert first.status_code == 422 and "La question 9 est restée vide" in words
    assert words.count(" checked") == 8 and not Outcome.objects.exists()
    told = words_of(client.post(path, sheet(*CALM[:8], None) | {"again": "1"}))
    assert "vous la posera de vive voix" in told
    assert Outcome.objects.get().told["danger"] == "unanswered"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"count": "9"},
        {"count": "99999999999"},
        {"count": "9", "q1": "7"},
        {"count": "9", "q1": "١", "q9": "0"},
        {"count": "8", "q1": "1"},
    ],
)
def test_what_is_no_answer_is_told_and_not_kept(asked: Questionnaire, sent: dict[str, str]):
    answer = Client().post(questions_path(asked.public_id), sent)
    assert answer.status_code == 422
    assert not Outcome.objects.exists()


def test_a_wrong_or_foreign_address_opens_nothing(asked: Questionnaire, booked: Booking):
    path = questions_path(asked.public_id)
    token = booking_path(booked.public_id).rsplit("/", 1)[1]
    for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), f"/questions/{token}"):
        assert Client().get(wrong).status_code == 404


def test_over_it_says_so(asked: Questionnaire):
    with time_machine.travel(asked.valid_before, tick=False):
        answer = Client().get(questions_path(asked.public_id))
    assert answer.status_code == 410 and "ne sont plus ouvertes" in words_of(answer)


def test_the_page_of_the_appointment_leads_there(asked: Questionnaire, booked: Booking):
    path = questions_path(asked.public_id)
    assert path in words_of(Client().get(booking_path(booked.public_id)))
    Client().post(path, sheet(*CALM))
    assert path not in words_of(Client().get(booking_path(booked.public_id)))


def test_the_person_sees_their_curve_and_where_it_comes_from(
    here: Practice, booked: Booking, who: Person
):
    for days, each in ((20, 2), (10, 1), (0, 0)):
        on_paper(here, booked, (each,) * 9, days)
    mine = browser(make.account(Role.PERSON, person=who))
    words = words_of(mine.get("/mes-questionnaires"))
    assert words.count('class="total"') == 3 and 'role="img"' in words
    assert "18 sur 27" in words and "Le dernier total est plus bas que le premier" in words
    assert "ni la mesure de ce que font les séances" in words
    for inputs in ("Premier total", "Dernier total", "Changement au-delà du hasard"):
        assert inputs in words
    row = Outcome.objects.earliest("filled_on")
    page = words_of(mine.get(f"/mes-questionnaires/{row.public_id}"))
    assert page.count("Plus de la moitié des jours") == 9 and "<form" not in page
    assert "Mes questionnaires" in words_of(mine.get("/mon-annee"))
    assert "It is not a diagnosis" in words_of(mine.get("/en/mes-questionnaires"))


def test_one_total_alone_is_not_compared(here: Practice, booked: Booking, who: Person):
    on_paper(here, booked, CALM)
    mine = browser(make.account(Role.PERSON, person=who))
    assert "pas encore assez de réponses" in words_of(mine.get("/mes-questionnaires"))


def test_the_psychologist_asks_enters_reads_and_says_what_was_done(
    here: Practice, booked: Booking, who: Person
):
    theirs = browser(here.account)
    visit = reverse("visit_measures", args=[booked.public_id])
    assert visit in words_of(theirs.get(reverse("close", args=[booked.public_id])))
    assert theirs.post(visit, {}).status_code == 422
    assert theirs.post(visit, {"scale": "phq-9"})["Location"] == visit
    assert "pas encore remplis" in words_of(theirs.get(visit))
    asked = Questionnaire.objects.get()
    Client().post(questions_path(asked.public_id), sheet(*(0,) * 8, 2))
    day = words_of(theirs.get("/cabinet"))
    assert "Une réponse demande que vous la lisiez maintenant." in day
    listed = words_of(theirs.get("/cabinet/questionnaires"))
    assert "Une réponse parle d’un danger." in listed and who.family_name in listed
    row = Outcome.objects.get()
    page = reverse("review", args=[row.public_id])
    assert "Qu’avez-vous fait ?" in words_of(theirs.get(page))
    for wrong in ({}, {"done": "read"}, {"done": "nothing"}):
        assert theirs.post(page, wrong).status_code == 422
    assert theirs.post(page, {"done": "talked"})["Location"] == "/cabinet/questionnaires"
    assert "J’en ai parlé avec la personne." in words_of(theirs.get(page))
    assert "Vous avez tout lu." in words_of(theirs.get("/cabinet/questionnaires"))
    assert "demande que vous" not in words_of(theirs.get("/cabinet"))


def test_a_sheet_of_paper_is_entered_also_without_its_questions(here: Practice, booked: Booking):
    theirs, paper = browser(here.account), reverse("paper", args=[booked.public_id])
    assert "AUDIT" in words_of(theirs.get(paper))
    assert theirs.post(paper, {"scale": "diary"}).status_code == 422
    entry = words_of(theirs.post(paper, {"scale": "audit"}))
    assert "Question 10" in entry and "leur licence" in entry and "Femme" in entry
    form = sheet(*(1,) * 7, 0, 0, 0) | {"scale": "audit", "filled_on": "2026-11-19"}
    for wrong in ({"filled_on": "2026-11-21"}, {"filled_on": "hier"}, {"q9": "1"}):
        answer = theirs.post(paper, form | wrong)
        assert answer.status_code == 422 and answer.content.count(b" checked") >= 8
    page = theirs.post(paper, form | {"sex": "female"})["Location"]
    [row] = Outcome.objects.all()
    assert (row.told["band"], row.way) == ("hazardous", "paper")
    assert "7 sur 40" in words_of(theirs.get(page)) and Review.objects.count() == 1
    assert "audit" not in page


def test_nobody_else_opens_a_page_of_the_pair(here: Practice, booked: Booking, who: Person):
    row = on_paper(here, booked, CALM)
    stranger = browser(make.account(Role.PERSON, person=make.person(at=NOW)))
    colleague = browser(make.account(Role.PSYCHOLOGIST, psychologist=make.psychologist()))
    for client in (stranger, colleague, browser(here.agent)):
        for path in (
            reverse("outcome", args=[row.public_id]),
            reverse("review", args=[row.public_id]),
            reverse("visit_measures", args=[booked.public_id]),
            reverse("paper", args=[booked.public_id]),
        ):
            assert client.get(path).status_code == 404
            assert client.post(path).status_code in (404, 405)
