"""A doctor's letters on pages and on paper: written, printed, fetched, read as data."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice

from soutien.registers.accounts.models import Role
from soutien.registers.people.models import Person
from soutien.registers.writings.models import Deposit, Writing

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PAGE, PRINTED = "/medecins/courrier", "/medecins/courrier.pdf"
TYPED = {
    "given_name": "Zoé",
    "family_name": "Zibeline",
    "birth_date": "17 mai 1990",
    "doctor": "Alix  Modèle",
    "referrer": "gp",
    "number": "0 19 99 00 01",
    "structure": "",
    "linked_to": "maternity",
    "reasons": "Dort mal\n\nMange peu",
    "context": "",
    "findings": "",
    "scores": "",
    "page_key": "the key of this very page",
}
CODE = re.compile(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>")
TAGGED = (b"/StructTreeRoot", b"/Lang(fr)", b"pdfuaid:part", b"/Marked true", b"/H1", b"/P")


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


def written(browser: Client | None = None, **more: str) -> str:
    """The code of a letter that was just written."""
    page = (browser or Client()).post(PAGE, TYPED | more).content.decode()
    [code] = CODE.findall(page)
    return str(code)


def spoken(paper: bytes) -> str:
    """The structure of a PDF as a reader aloud follows it, by poppler."""
    asked = ["pdfinfo", "-struct-text", "-"]
    # Titles of headings are written in UTF-16, as they stand in the file; the words follow.
    told = subprocess.run(asked, input=paper, capture_output=True, check=True).stdout
    return " ".join(re.findall(r'^ *"(.+)"$', told.decode(errors="replace"), re.MULTILINE))


def test_the_page_asks_little_and_keeps_nothing_in_its_address():
    answer = Client().get(PAGE)
    page = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    required = set(re.findall(r'name="(\w+)"[^>]*required', page))
    assert required <= {"page_key", *("given_name", "family_name", "birth_date", "doctor")} | {
        *("referrer", "number")
    }
    assert "3114" in page and "<title>Soutien · Courrier</title>" in page
    assert "Refer somebody to a psychologist" in Client().get("/en" + PAGE).content.decode()


def test_written_it_shows_its_code_and_prints_two_papers():
    browser = Client()
    answer = browser.post(PAGE, TYPED)
    page = answer.content.decode()
    assert answer.status_code == 200 and CODE.search(page)
    assert "20 mai 2027 compris" in page and "no-store" in answer["Cache-Control"]
    for which in ("both", "referral", "accompaniment"):
        paper = browser.post(PRINTED, TYPED | {"which": which})
        assert paper["Content-Type"] == "application/pdf"
        assert "no-store" in paper["Cache-Control"]
        assert b"/Count 2" in paper.content if which == "both" else b"/Count 1" in paper.content
        assert all(mark in paper.content for mark in TAGGED), which
    assert Deposit.objects.count() == 1


@pytest.mark.parametrize("key", [{}, {"page_key": "short"}, {"page_key": "x" * 65}])
def test_what_no_page_of_ours_sent_is_read_again_with_a_key_then_sent(key: dict[str, str]):
    browser = Client()
    told = {name: value for name, value in TYPED.items() if name != "page_key"} | key
    page = browser.post(PAGE, told)
    assert page.status_code == 422 and not Deposit.objects.exists()
    assert "Relisez cette page, puis envoyez-la." in page.content.decode()
    given = re.search(r'name="page_key" value="([^"]{16,64})"', page.content.decode())
    assert given
    assert browser.post(PAGE, told | {"page_key": given[1]}).status_code == 200
    assert Deposit.objects.count() == 1


@pytest.mark.skipif(not shutil.which("pdfinfo"), reason="poppler is not there")
def test_on_paper_each_is_read_in_order_and_the_fund_reads_no_word_of_care():
    browser = Client()
    code = written(browser)
    fund, own = (
        spoken(browser.post(PRINTED, TYPED | {"which": which}).content)
        for which in ("referral", "accompaniment")
    )
    for text, order in (
        (fund, ["Alix Modèle", "caisse", "adressage", "relève", "maternité : oui", "signature"]),
        (own, ["Alix Modèle", "psychologue", "accompagnement", "Motif", "Dort mal", code]),
    ):
        places = [text.index(words) for words in order]
        assert places == sorted(places)
    assert "ALD) : non" in fund and "20 mai 2027" in fund
    assert code not in fund and "Dort mal" not in fund and "maternité" not in own


def test_sent_again_the_page_shows_the_same_code():
    assert written() == written()
    assert Deposit.objects.count() == 1
    assert written() != written(reasons="Dort mieux")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("birth_date", "17 mai 2027", "Vérifiez l’année"),
        ("birth_date", "hier", "Nous ne reconnaissons pas ce jour"),
        ("number", "12345", "un RPPS a onze chiffres"),
        ("doctor", " ", "Il manque votre nom"),
        ("reasons", "x" * 4_001, "trop long"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    name: str, value: str, words: str
):
    answer = Client().post(PAGE, TYPED | {name: value})
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and "Zibeline" in page
    assert not Deposit.objects.exists()
    printed = Client().post(PRINTED, TYPED | {name: value})
    assert printed.status_code == 422 and words in printed.content.decode()
    assert f'action="{PAGE}"' in printed.content.decode()


def test_papers_that_nobody_has_are_both_of_them():
    paper = Client().post(PRINTED, TYPED | {"which": "none"})
    assert paper["Content-Type"] == "application/pdf" and b"/Count 2" in paper.content


def test_a_name_is_never_markup_and_any_letter_is_printed():
    odd = {"family_name": '#strong[x] $1$ <a> "', "given_name": "李 Łukasz"}
    page = Client().post(PAGE, TYPED | odd).content.decode()
    assert "&lt;a&gt;" in page
    paper = Client().post(PRINTED, TYPED | odd)
    assert paper.status_code == 200 and b"/StructTreeRoot" in paper.content


def test_the_psychologist_fetches_it_by_its_code_once_and_the_person_reads_it(
    here: Practice, who: Person
):
    code = written()
    visit = reverse("visit_writings", args=[here.booking(who, begins_in_h=48).public_id])
    theirs, own = Client(), Client()
    theirs.force_login(here.account)
    own.force_login(make.account(Role.PERSON, person=who))
    assert theirs.post(visit, {"code": "abcd"}).status_code == 422
    sent = {"code": f" {code.upper()} ", "form_key": "one and the same"}
    # A double click is told the same.
    for _time in range(2):
        assert theirs.post(visit, sent)["Location"] == visit
    again = theirs.post(visit, {"code": code})
    assert again.status_code == 422 and "déjà utilisé" in again.content.decode()
    page = theirs.get(visit).content.decode()
    assert "Courrier d’adressage" in page and "Courrier d’accompagnement" in page
    listed = own.get("/mes-documents").content.decode()
    for kind, words in (("referral", "maternité"), ("accompaniment", "Mange peu")):
        row = Writing.objects.get(kind=kind)
        path = reverse("letter" if kind == "referral" else "writing", args=[row.public_id])
        assert path in page and path in listed
        for browser in (theirs, own):
            assert words in browser.get(path).content.decode()
            assert browser.get(f"{path}.pdf").content.startswith(b"%PDF-")
            told = browser.get(f"{path}.json").json()
            assert (told["format"], told["kind"]) == ("soutien.writing", kind)
        assert Client().get(path).status_code == 302


def test_a_letter_of_somebody_else_asks_to_be_sure(here: Practice):
    other = here.patient(family_name="Xylophone")
    visit = reverse("visit_writings", args=[here.booking(other, begins_in_h=48).public_id])
    browser = Client()
    browser.force_login(here.account)
    code = written()
    answer = browser.post(visit, {"code": code})
    page = answer.content.decode()
    assert answer.status_code == 422 and "un autre nom" in page and 'name="sure"' in page
    assert "Zibeline" not in page
    assert browser.post(visit, {"code": code, "sure": "on"}).status_code == 302


def test_the_fund_reads_the_letter_from_the_claim(here: Practice, who: Person):
    visit = reverse("visit_writings", args=[here.booking(who, begins_in_h=48).public_id])
    theirs, fund = Client(), Client()
    theirs.force_login(here.account)
    theirs.post(visit, {"code": written()})
    claim = here.claim(here.sheet(who))
    fund.force_login(here.agent)
    page = fund.get(reverse("fund_claim", args=[claim.public_id])).content.decode()
    [path] = re.findall(r'href="(/courriers/[^"]+)"', page)
    assert "Zibeline" in fund.get(path).content.decode()
    words = Writing.objects.get(kind="accompaniment")
    for ending in ("", ".pdf", ".json"):
        assert fund.get(f"/ecrits/{words.public_id}{ending}").status_code == 404


def test_a_doctor_with_an_account_finds_their_letters_and_themselves_again(
    here: Practice, who: Person
):
    doctor = Client()
    doctor.force_login(make.account(Role.DOCTOR, display_name="Alix Modèle"))
    assert "Alix Modèle" in doctor.get(PAGE).content.decode()
    code = written(doctor, structure="Maison de santé")
    page = doctor.get("/medecin/courriers").content.decode()
    assert "Zibeline" in page and "en attente" in page
    assert "Maison de santé" in doctor.get(PAGE).content.decode()
    [again] = re.findall(r'href="(/medecin/courriers/[^"]+.pdf)"', page)
    assert doctor.get(again).content.startswith(b"%PDF-")
    theirs = Client()
    theirs.force_login(here.account)
    visit = reverse("visit_writings", args=[here.booking(who, begins_in_h=48).public_id])
    theirs.post(visit, {"code": code})
    page = doctor.get("/medecin/courriers").content.decode()
    assert "Zibeline" not in page and "reçu par un psychologue" in page
    assert doctor.get(again).status_code == 404
