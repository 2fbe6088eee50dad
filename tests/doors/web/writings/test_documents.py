"""Documents of a psychologist on pages and on paper: drafted, signed, handed over, asked about."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests.doors.couriers.post_office import Clock, Office
from tests.doors.web.psychologist.practice import Practice, practice
from tests.doors.web.writings.test_letters import TAGGED, spoken

from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.people.models import Person
from soutien.registers.writings.models import HandOver, Writing

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
WORDS = {
    "evaluation_note": {"needs": "Parler", "plan": "Huit rencontres"},
    "end_report": {"evolution": "Dort mieux", "count": "42 séances", "conclusion": "Va bien"},
    "doctor_signal": {"observed": "Ne dort plus", "asked": "Un avis"},
    "specialist_letter": {"observed": "Ne dort plus", "asked": "Un suivi"},
}


@pytest.fixture(autouse=True)
def _friday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def here() -> Practice:
    return practice(NOW)


@pytest.fixture
def who(here: Practice) -> Person:
    return here.patient(given_name="Zoé", family_name="Zibeline")


@pytest.fixture
def theirs(here: Practice) -> Client:
    browser = Client()
    browser.force_login(here.account)
    return browser


def address(here: Practice, who: Person, kind: str) -> str:
    booked = Booking.objects.filter(person=who).first() or here.booking(who, begins_in_h=48)
    return reverse("write", args=[booked.public_id, kind])


def written(theirs: Client, here: Practice, who: Person, kind: str, **more: str) -> str:
    """The page of a document that was just written."""
    answer = theirs.post(address(here, who, kind), WORDS[kind] | {"recipient": ""} | more)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


@pytest.mark.parametrize("kind", WORDS)
def test_each_is_written_signed_read_and_printed(
    theirs: Client, here: Practice, who: Person, kind: str
):
    form = theirs.get(address(here, who, kind)).content.decode()
    assert "Zoé Zibeline" in form
    path = written(theirs, here, who, kind, recipient="Dr Alix Modèle", sign="1")
    own = Client()
    own.force_login(make.account(Role.PERSON, person=who))
    assert path in own.get("/mes-documents").content.decode()
    for browser in (theirs, own):
        page = browser.get(path).content.decode()
        for words in (*WORDS[kind].values(), "Zoé Zibeline", "Dr Alix Modèle"):
            assert words in page
        assert "<title>Soutien · Document</title>" in page
        paper = browser.get(f"{path}.pdf")
        assert all(mark in paper.content for mark in TAGGED)
        assert browser.get(f"{path}.json").json()["kind"] == kind
    if shutil.which("pdfinfo"):
        text = spoken(paper.content)
        order = ["Psychologue", "Dr Alix", "Le 20 novembre", "Concernant", *WORDS[kind].values()]
        places = [text.index(words) for words in [*order, "signature", "Signé le"]]
        assert places == sorted(places)


def test_a_draft_is_corrected_then_signed(theirs: Client, here: Practice, who: Person):
    path = written(theirs, here, who, "end_report")
    assert "Brouillon, non signé" in theirs.get(path).content.decode()
    again = f"{path}/corriger"
    assert "Dort mieux" in theirs.get(again).content.decode()
    words = WORDS["end_report"] | {"recipient": ""}
    assert theirs.post(again, words | {"count": ""}).status_code == 422
    assert theirs.post(again, words | {"scores": "PHQ-9 : 4", "sign": "1"})["Location"] == path
    page = theirs.get(path).content.decode()
    assert "PHQ-9 : 4" in page and "Signé le 20 novembre 2026" in page
    assert theirs.get(again)["Location"] == path


def test_sent_twice_it_is_one_document(theirs: Client, here: Practice, who: Person):
    told = {"sign": "1", "form_key": "one and the same"}
    first, second = (written(theirs, here, who, "evaluation_note", **told) for _time in range(2))
    assert first == second and Writing.objects.count() == 1
    over = {"to": "treating_doctor", "agreed": "on", "form_key": "another key"}
    for _time in range(2):
        assert theirs.post(f"{first}/remettre", over).status_code == 302
    assert HandOver.objects.count() == 1


def test_the_number_of_sessions_is_known_beforehand(theirs: Client, here: Practice, who: Person):
    here.was_evaluated(who)
    form = theirs.get(address(here, who, "end_report")).content.decode()
    assert re.search(r'name="count"[^>]*value="1, le |value="1, le [^>]*name="count"', form)


@pytest.mark.parametrize("wished", [{}, {"with_times": "on", "with_place": "on"}])
def test_a_certificate_says_nothing_of_why(
    theirs: Client, here: Practice, who: Person, wished: dict[str, str]
):
    here.sheet(who)
    answer = theirs.post(address(here, who, "attendance"), wished)
    own = Client()
    own.force_login(make.account(Role.PERSON, person=who))
    paper = own.get(f"{answer['Location']}.pdf").content
    assert b"Soutien" not in paper and b"sychologue" not in paper
    assert f"/Author({here.psychologist.given_name}".encode() in paper or b"/Author" in paper
    if not shutil.which("pdftotext"):
        return
    asked = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(asked, input=paper, capture_output=True, check=True).stdout.decode()
    assert "atteste avoir reçu Zoé Zibeline le 20 novembre 2026" in " ".join(text.split())
    said = " ".join(text.split()).lower()
    for word in ("psy", "soutien", "rpps", "séance", "santé", "soin"):
        assert word not in said
    assert ("10:00" in said) is bool(wished) and ("rue de l" in said) is bool(wished)


def test_no_certificate_before_the_session(theirs: Client, here: Practice, who: Person):
    answer = theirs.post(address(here, who, "attendance"), {})
    assert answer.status_code == 422
    assert "pas notée comme faite" in answer.content.decode()


def test_a_reorientation_with_the_person_s_word_and_its_reminder(
    theirs: Client, here: Practice, who: Person
):
    here.psychologist.email = "dominique@example.org"
    here.psychologist.save()
    path = written(theirs, here, who, "specialist_letter", sign="1")
    over = f"{path}/remettre"
    answer = theirs.post(over, {"to": "psychiatry"})
    assert answer.status_code == 422 and "Il faut l&#x27;accord" in answer.content.decode()
    assert theirs.post(over, {"to": "psychiatry", "agreed": "on"})["Location"] == over
    page = theirs.get(over).content.decode()
    assert "avec l’accord de la personne" in page and "A-t-elle" not in page
    office = Office(Clock(NOW))
    office.turn()
    assert not office.mail.to("psychologist")
    later = NOW + timedelta(days=21)
    with time_machine.travel(later, tick=False):
        office.clock.at = later
        office.turn()
        [mail] = office.mail.to("psychologist")
        for word in ("Zibeline", "Zoé", "psychiatr"):
            assert word not in mail.subject + mail.body
        assert over in mail.body
    assert theirs.post(over, {"answer": "1"}).status_code == 422
    assert theirs.post(over, {"answer": "1", "seen": "seen"})["Location"] == over
    page = theirs.get(over).content.decode()
    assert "la personne a été reçue" in page and "a-t-elle été reçue" not in page
    own = Client()
    own.force_login(make.account(Role.PERSON, person=who))
    assert "Un psychiatre" in own.get(path).content.decode()


def test_in_danger_nothing_waits(theirs: Client, here: Practice, who: Person):
    path = written(theirs, here, who, "doctor_signal", sign="1")
    form = theirs.get(address(here, who, "doctor_signal")).content.decode()
    assert "n’écrivez pas d’abord" in form and "3114" in form
    over = f"{path}/remettre"
    assert theirs.post(over, {"to": "emergency", "danger": "on"})["Location"] == over
    assert "pour un danger, sans attendre" in theirs.get(over).content.decode()


def test_nobody_else_writes(here: Practice, who: Person):
    path = address(here, who, "doctor_signal")
    for account in (
        make.account(Role.PERSON, person=who),
        make.account(Role.PSYCHOLOGIST, psychologist=make.psychologist()),
        here.agent,
    ):
        browser = Client()
        browser.force_login(account)
        assert browser.get(path).status_code == 404
        assert browser.post(path, WORDS["doctor_signal"]).status_code == 404
    assert not Writing.objects.exists()


@pytest.mark.parametrize("which", ["accord", "un-seul-titulaire"])
def test_a_form_to_sign_for_a_child(theirs: Client, here: Practice, who: Person, which: str):
    child = here.patient(given_name="Ada", family_name="Zibeline", birth_date="2015-03-02")
    visits = {
        child: here.booking(child, begins_in_h=60).public_id,
        who: here.booking(who, begins_in_h=90).public_id,
    }
    page = theirs.get(reverse("visit_writings", args=[visits[child]])).content.decode()
    path = reverse("blank_form_pdf", args=[visits[child], which])
    assert path in page
    paper = theirs.get(path).content
    assert all(mark in paper for mark in TAGGED) and b"/Count 1" in paper
    if shutil.which("pdfinfo"):
        text = spoken(paper)
        assert "Ada Zibeline, date de naissance 2 mars 2015" in text
        assert ("Second titulaire" in text) is (which == "accord")
    # An adult signs for themselves.
    assert (
        "formulaires"
        not in theirs.get(reverse("visit_writings", args=[visits[who]])).content.decode()
    )
    for id_, form in ((visits[who], which), (visits[child], "autre")):
        assert theirs.get(reverse("blank_form_pdf", args=[id_, form])).status_code == 404
