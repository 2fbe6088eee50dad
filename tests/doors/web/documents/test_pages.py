"""« Mes documents » and the psychologist's list: sent, listed, given back, refused."""

from __future__ import annotations

import time

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests.doors.web.documents.papers import NOW, a_jpeg, a_paper, a_pdf, a_png, segment, sent
from tests.doors.web.psychologist.practice import practice

from soutien.registers.accounts.models import Role
from soutien.registers.documents import queries as documents
from soutien.registers.documents.models import MOST_BYTES, Document
from soutien.registers.people.models import Person

pytestmark = pytest.mark.django_db
OWN = "/mes-documents"


@pytest.fixture(autouse=True)
def _friday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def who() -> Person:
    return make.person(at=NOW)


@pytest.fixture
def browser(who: Person) -> Client:
    client = Client()
    client.force_login(make.account(Role.PERSON, person=who))
    return client


def form(content: bytes, content_type: str = "application/pdf") -> dict[str, object]:
    return {"kind": "referral_letter", "file": sent(content, content_type)}


def test_a_letter_is_sent_listed_given_back_and_removed(browser: Client, who: Person):
    assert browser.post(OWN, form(a_pdf()))["Location"] == OWN
    page = browser.get(OWN).content.decode()
    assert "Courrier du médecin" in page and "Le document est ajouté." in page
    assert "Zoé" not in page
    [row] = Document.objects.all()
    answer = browser.get(f"/documents/{row.public_id}")
    assert answer.content == a_pdf()
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="document.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer["Cache-Control"]
    assert browser.post(OWN, {"remove": str(row.public_id)})["Location"] == OWN
    assert browser.get(f"/documents/{row.public_id}").status_code == 404
    page = browser.get("/en" + OWN).content.decode()
    assert "No document for now." in page


def test_a_photograph_is_kept_without_its_place(browser: Client, who: Person):
    told = a_jpeg(segment(0xE1, b"Exif\x00\x00GPS"))
    assert browser.post(OWN, form(told, "image/jpg")).status_code == 302
    [row] = documents.live(who.pk)
    assert documents.content_of(row) == a_jpeg()


@pytest.mark.parametrize(
    ("content", "content_type", "words"),
    [
        (a_pdf(b"<</S/JavaScript/JS(1)>>"), "application/pdf", "contient un programme"),
        (a_png(), "application/pdf", "ni un PDF"),
        (a_pdf(), "text/html", "ni un PDF"),
        (a_pdf()[:-9], "application/pdf", "abîmé"),
        (a_png(60_000, 60_000), "image/png", "plus grand"),
        (b"%PDF-" + b" " * MOST_BYTES, "application/pdf", "5 Mo au plus"),
        (b"", "application/pdf", "Il manque le fichier"),
    ],
)
def test_a_wrong_file_is_told_gently_and_not_kept(
    browser: Client, content: bytes, content_type: str, words: str
):
    answer = browser.post(OWN, form(content, content_type))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Document.objects.exists()


def test_a_hundred_megabytes_are_refused_at_once(browser: Client):
    before = time.perf_counter()
    answer = browser.generic(
        "POST",
        OWN,
        b"x",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(10**8),
    )
    assert answer.status_code == 413
    assert time.perf_counter() - before < 1


def test_what_is_sent_never_stands_on_a_disk():
    assert settings.FILE_UPLOAD_HANDLERS == [
        "django.core.files.uploadhandler.MemoryFileUploadHandler"
    ]
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE >= settings.FILES_MOST_BYTES


def test_a_full_file_says_so_and_a_wrong_name_is_no_paper(browser: Client, who: Person):
    for number in range(10):
        a_paper(who, b"%d" % number)
    page = browser.get(OWN).content.decode()
    assert "autant que nous pouvons en garder" in page and 'type="file"' not in page
    assert "déjà 10 documents" in browser.post(OWN, form(a_pdf())).content.decode()
    assert browser.post(OWN, {"remove": "../../etc"}).status_code == 404


def test_the_psychologist_of_the_appointment_reads_and_no_other():
    here, others = practice(NOW), make.psychologist()
    patient = here.patient()
    booked = here.booking(patient, begins_in_h=48)
    paper = a_paper(patient)
    theirs, stranger = Client(), Client()
    theirs.force_login(here.account)
    stranger.force_login(make.account(Role.PSYCHOLOGIST, psychologist=others))
    visit = reverse("close", args=[booked.public_id])
    assert f"{visit}/documents" in theirs.get(visit).content.decode()
    page = theirs.get(f"{visit}/documents").content.decode()
    assert f"/documents/{paper.public_id}" in page and "Retirer" not in page
    assert theirs.get(f"/documents/{paper.public_id}").content == a_pdf()
    for path in (f"{visit}/documents", f"/documents/{paper.public_id}"):
        assert stranger.get(path).status_code == 404
        assert Client().get(path).status_code == 302
