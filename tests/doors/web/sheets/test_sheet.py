"""The care sheet: its fields in order, on the page and on paper, and its way to the fund."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice, words_of

from soutien.doors.web.sheets.fields import sections_of, spaced_nir
from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Claim
from soutien.registers.psychologists.models import Psychologist

pytestmark = pytest.mark.django_db
IN_ORDER = [
    "Numéro de facture",
    "Personne recevant les soins",
    "Assuré, si ce n’est pas cette personne",
    "Numéro RPPS",
    "Numéro FINESS",
    "Médecin ou sage-femme qui adresse",
    "Date de la lettre d’adressage",
    "Code de l’acte",
    "L’assuré n’a pas payé la part obligatoire",
    "Signatures",
]
STATE_SYMBOLS = re.compile(r"marianne|république|cerfa|ministère", re.IGNORECASE)


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def signed_in(client: Client, here: Practice) -> Client:
    client.force_login(here.account)
    return client


def test_the_fields_stand_in_the_order_of_the_form(signed_in: Client, here: Practice) -> None:
    sheet = here.sheet(here.patient())
    text = signed_in.get(f"/feuilles/{sheet.public_id}").content.decode()
    positions = [text.index(field) for field in IN_ORDER]
    assert positions == sorted(positions)


def test_it_says_that_it_is_not_the_form_of_the_state(signed_in: Client, here: Practice) -> None:
    sheet = here.sheet(here.patient())
    text = words_of(signed_in.get(f"/feuilles/{sheet.public_id}"))
    assert "à recopier ou à joindre à la feuille S 3130 fournie par la caisse" in text
    assert not STATE_SYMBOLS.search(text)


def test_on_paper_it_is_tagged_titled_and_the_same_every_time(
    signed_in: Client, here: Practice
) -> None:
    sheet = here.sheet(here.patient())
    first, again = (signed_in.get(f"/feuilles/{sheet.public_id}.pdf") for _time in range(2))
    assert first["Content-Type"] == "application/pdf"
    assert first.content == again.content
    for mark in (b"%PDF-", b"/StructTreeRoot", b"/Lang(fr)", b"pdfuaid:part", b"/Marked true"):
        assert mark in first.content
    assert f"/Title(Feuille de soins {sheet.number})".encode() in first.content
    assert b"/Count 1" in first.content, "one sheet, one page"


@pytest.mark.parametrize(
    "name",
    ["Łukasiewicz-Őrsi", "Nguyễn", "Дмитриев", "李", '#strong[x] $1$ <a> \\ "', "L" * 300],
)
def test_any_name_comes_out_on_paper(signed_in: Client, here: Practice, name: str) -> None:
    sheet = here.sheet(here.patient(family_name=name))
    paper = signed_in.get(f"/feuilles/{sheet.public_id}.pdf")
    assert paper.status_code == 200
    assert b"/StructTreeRoot" in paper.content


def test_the_english_sheet_says_its_language(signed_in: Client, here: Practice) -> None:
    sheet = here.sheet(here.patient())
    assert "Care sheet" in signed_in.get(f"/en/feuilles/{sheet.public_id}").content.decode()
    assert b"/Lang(en)" in signed_in.get(f"/en/feuilles/{sheet.public_id}.pdf").content


@pytest.mark.parametrize("ending", ["", ".pdf", ".json"])
def test_no_browser_keeps_it(signed_in: Client, here: Practice, ending: str) -> None:
    sheet = here.sheet(here.patient())
    answer = signed_in.get(f"/feuilles/{sheet.public_id}{ending}")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("ending", ["", ".pdf", ".json"])
def test_somebody_elses_sheet_reads_like_one_that_is_not_there(
    client: Client, here: Practice, ending: str
) -> None:
    sheet = here.sheet(here.patient())
    other = Psychologist.objects.exclude(pk=here.psychologist.pk).first() or make.psychologist()
    client.force_login(make.account(Role.PSYCHOLOGIST, psychologist=other))
    theirs = client.get(f"/feuilles/{sheet.public_id}{ending}")
    nothing = client.get(f"/feuilles/00000000-0000-4000-8000-000000000000{ending}")
    assert theirs.status_code == nothing.status_code == 404
    assert words_of(theirs) == words_of(nothing)


def test_the_person_reads_their_own_sheet(client: Client, here: Practice) -> None:
    who = here.patient()
    sheet = here.sheet(who)
    client.force_login(make.account(Role.PERSON, person=who))
    assert client.get(f"/feuilles/{sheet.public_id}").status_code == 200
    client.force_login(make.account(Role.PERSON, person=here.patient()))
    assert client.get(f"/feuilles/{sheet.public_id}").status_code == 404


def test_the_psychologist_sends_a_sheet_in_third_party_payment_once(
    signed_in: Client, here: Practice
) -> None:
    sheet = here.sheet(here.patient())
    page = signed_in.get(f"/feuilles/{sheet.public_id}").content.decode()
    assert "Envoyer à la caisse" in page
    for _time in range(2):
        answer = signed_in.post(f"/feuilles/{sheet.public_id}/envoyer")
        assert answer["Location"] == f"/feuilles/{sheet.public_id}"
    claim = Claim.objects.get()
    page = signed_in.get(f"/feuilles/{sheet.public_id}").content.decode()
    assert claim.reference in page
    assert "acceptée" in page
    assert "Envoyer à la caisse" not in page


def test_the_person_does_not_send_what_the_psychologist_sends(
    client: Client, here: Practice
) -> None:
    who = here.patient()
    sheet = here.sheet(who)
    client.force_login(make.account(Role.PERSON, person=who))
    page = client.get(f"/feuilles/{sheet.public_id}").content.decode()
    assert "vous n’avez rien à faire" in page
    answer = client.post(f"/feuilles/{sheet.public_id}/envoyer")
    assert answer.status_code == 409
    assert not Claim.objects.exists()


def test_a_stranger_sends_nothing(client: Client, here: Practice) -> None:
    sheet = here.sheet(here.patient())
    client.force_login(here.agent)
    assert client.post(f"/feuilles/{sheet.public_id}/envoyer").status_code == 404
    assert not Claim.objects.exists()


def test_the_number_is_written_as_on_the_certificate() -> None:
    assert spaced_nir("290050000012377") == "2 90 05 00 000 123 77"
    assert spaced_nir("") == ""


def test_boxes_that_apply_are_ticked(here: Practice) -> None:
    who = here.patient()
    sheet = here.sheet(who)
    boxes = {
        box.label: box.ticked
        for section in sections_of(json.loads(sheet.printed))
        for box in section.boxes
    }
    assert boxes["Le psychologue a signé"]
    assert not boxes["Impossibilité de signer"]
    assert boxes["L’assuré n’a pas payé la part obligatoire"] is sheet.amo_third_party


def test_sessions_are_put_on_one_sheet_that_is_read_on_paper_and_as_data(
    signed_in: Client, here: Practice
) -> None:
    sheet, form = here.two_to_gather(here.patient())
    page = words_of(signed_in.get(f"/feuilles/{sheet.public_id}"))
    assert "Réunir des séances sur une feuille" in page
    refused = signed_in.post(f"/feuilles/{sheet.public_id}/reunir", {"session": form["session"]})
    assert refused.status_code == 422
    assert "Il manque une signature" in words_of(refused)
    answer = signed_in.post(f"/feuilles/{sheet.public_id}/reunir", form)
    one = answer["Location"]
    assert "Remplacée" in words_of(signed_in.get(f"/feuilles/{sheet.public_id}"))
    told = signed_in.get(f"{one}.json").json()
    assert (told["format"], told["version"]) == ("soutien.care_sheet", 1)
    assert [act["code"] for act in told["acts"]] == ["EEP", "APS"]
    assert told["total_cents"] == sum(act["fee_cents"] for act in told["acts"])
    paper = signed_in.get(f"{one}.pdf").content
    assert b"/StructTreeRoot" in paper
    assert b"/Count 1" in paper, "one sheet, one page"
    # Each line is decided, and each decision is on the page.
    sent = signed_in.post(f"{one}/envoyer")
    assert words_of(signed_in.get(sent["Location"])).count("La demande <span") == 2
