"""« Mes données »: read, taken away, agreed to, by whoever signed in and by nobody else."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from tests import factories as make
from tests.doors.web.person.practice import person_with_account, practice
from tests.steps.test_own_data import NOW, signed_in, somebody  # noqa: F401

from soutien.doors.couriers.writers import WRITERS
from soutien.doors.couriers.writing import Task
from soutien.doors.web.actors import VISITOR_PERSON
from soutien.doors.web.own_data.pages import KINDS
from soutien.doors.web.own_data.paper import SECTIONS, on_paper
from soutien.doors.web.signing_in.complete import PROVED_AT
from soutien.registers.accounts.models import Account
from soutien.registers.consents import queries as consents
from soutien.registers.outbox import queries as outbox
from soutien.registers.people.models import Person
from soutien.steps import own_data_shape as shape
from soutien.steps.own_data import download_own_data
from soutien.steps.permissions import RULES

pytestmark = pytest.mark.django_db
PAGES = (
    *("own_data", "own_consents", "own_data_json", "own_data_pdf", "own_data_zip"),
    *("own_contact", "own_identity", "own_erase"),
)


@pytest.fixture
def now() -> Iterator[datetime]:
    friday = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    with time_machine.travel(friday, tick=False):
        yield friday


@pytest.fixture
def ada(now: datetime) -> tuple[Person, Account, Client]:
    who, account = person_with_account(now)
    browser = Client()
    browser.force_login(account)
    return who, account, browser


def test_the_page_tells_what_is_kept(ada: tuple[Person, Account, Client]) -> None:
    who, _account, browser = ada
    text = browser.get(reverse("own_data")).content.decode()
    assert who.family_name in text and who.email in text
    assert who.nir == "" or who.nir not in text
    assert reverse("own_accesses") in text and reverse("own_data_json") in text


@pytest.mark.parametrize("route", PAGES)
def test_nobody_else_is_let_in(now: datetime, route: str) -> None:
    visitor = Client()
    session = visitor.session
    session[VISITOR_PERSON] = make.person(at=now).pk
    session.save()
    for browser in (Client(), visitor):
        answer = browser.get(reverse(route))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("sign_in"))


def test_everything_is_a_file_that_a_program_reads(ada: tuple[Person, Account, Client]) -> None:
    who, _account, browser = ada
    answer = browser.get(reverse("own_data_json"))
    assert answer["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    assert "no-store" in answer["Cache-Control"]
    export = json.loads(b"".join(answer.streaming_content))
    assert export["version"] == 1
    assert export["identity"][0]["family_name"] == who.family_name


def test_a_proof_of_long_ago_is_asked_again(ada: tuple[Person, Account, Client]) -> None:
    _who, _account, browser = ada
    session = browser.session
    session[PROVED_AT] = datetime(2026, 11, 19, 8, 0, tzinfo=UTC).isoformat()
    session.save()
    answer = browser.get(reverse("own_data_json"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("security_prove"))


def answer(browser: Client, purpose: str, said: str, version: str = "1") -> str:
    form = {"purpose": purpose, "version": version, "answer": said}
    told = browser.post(reverse("own_consents"), form, follow=True)
    assert told.status_code == 200
    return told.content.decode()


def test_an_answer_counts_at_once(ada: tuple[Person, Account, Client]) -> None:
    who, _account, browser = ada
    assert "Vous n’avez rien dit" in browser.get(reverse("own_consents")).content.decode()
    assert "C’est noté." in answer(browser, "research", "yes")
    assert consents.allows(who.pk, "research")
    answer(browser, "research", "no")
    assert not consents.allows(who.pk, "research")


@pytest.mark.parametrize("version", ["2", "0", "", "x", "٣", "9" * 500])
def test_a_text_that_was_not_read_is_shown_again(
    ada: tuple[Person, Account, Client], version: str
) -> None:
    _who, _account, browser = ada
    assert "Ce texte a changé" in answer(browser, "research", "yes", version)


def test_an_unknown_purpose_is_not_found(ada: tuple[Person, Account, Client]) -> None:
    _who, _account, browser = ada
    form = {"purpose": "everything", "version": "1", "answer": "yes"}
    assert browser.post(reverse("own_consents"), form).status_code == 404


@pytest.mark.parametrize(
    ("refused", "ways"),
    [
        ((), {"mail", "text"}),
        (("reminder_text",), {"mail"}),
        (("reminder_mail",), {"text"}),
        (("reminder_mail", "reminder_text"), set()),
    ],
)
def test_a_refused_reminder_is_not_written(
    now: datetime, refused: tuple[str, ...], ways: set[str]
) -> None:
    who = make.person(at=now)
    booking = make.booking(practice().place, starts_at=now + timedelta(hours=30), who=who)
    for purpose in refused:
        consents.say(who.pk, purpose, given=False, text_version=1, said_by="person", at=now)
    letter = outbox.announce(
        kind="agenda.reminder.due", payload={"booking": booking.pk, "moved": 0}, at=now
    )
    task = Task(letter=letter, at=now, channels=("mail", "text"))
    written = WRITERS["agenda.reminder.due"](task)
    assert {message.channel for message in written} == ways


def test_only_a_person_and_who_acts_for_them_may() -> None:
    for step in ("open_own_data", "download_own_data", "open_consents", "say_consent"):
        assert set(RULES[step].roles) == {"person", "guardian"}


def test_a_way_to_be_reached_is_changed(ada: tuple[Person, Account, Client]) -> None:
    who, _account, browser = ada
    path = reverse("own_contact")
    wrong = browser.post(path, {"email": "nowhere", "phone": "12", "language": "de"})
    assert wrong.status_code == 422
    right = {"email": "after@example.org", "phone": "", "language": "en", "discreet": "on"}
    text = browser.post(path, right, follow=True).content.decode()
    assert "after@example.org" in text and "jusqu’au 20 novembre 2026" in text
    who.refresh_from_db()
    assert (who.email, who.language, who.discreet) == ("after@example.org", "en", True)


def test_an_identity_is_corrected(ada: tuple[Person, Account, Client]) -> None:
    who, _account, browser = ada
    path = reverse("own_identity")
    wrong = browser.post(path, {"given_name": "", "family_name": "x", "birth_date": "31 02 1990"})
    assert wrong.status_code == 422
    ahead = {"given_name": "Ada", "family_name": "Autre", "birth_date": "21 11 2026"}
    assert browser.post(path, ahead).status_code == 422
    right = ahead | {"birth_date": "17 05 1990"}
    assert browser.post(path, right).status_code == 302
    who.refresh_from_db()
    assert who.family_name == "Autre"


def test_once_erased_the_browser_knows_nobody(ada: tuple[Person, Account, Client]) -> None:
    who, _account, browser = ada
    path = reverse("own_erase")
    assert "Effacer, pour toujours" in browser.get(path).content.decode()
    answer = browser.post(path)
    assert answer.status_code == 200
    assert "Plus rien ici ne dit qui vous êtes." in answer.content.decode()
    who.refresh_from_db()
    assert who.forgotten_at is not None
    assert browser.get(reverse("own_data")).status_code == 302


def test_with_an_appointment_ahead_nothing_is_erased(
    ada: tuple[Person, Account, Client], now: datetime
) -> None:
    who, _account, browser = ada
    make.booking(practice().place, starts_at=now + timedelta(hours=30), who=who)
    answer = browser.post(reverse("own_erase"))
    assert answer.status_code == 409
    assert "Annulez-le d&#x27;abord" in answer.content.decode()
    who.refresh_from_db()
    assert who.forgotten_at is None


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_paper_is_tagged_and_says_who_and_what(
    somebody: Person,  # noqa: F811
    lang: str,
) -> None:
    export = download_own_data(actor=signed_in(somebody), person_id=somebody.pk, at=NOW)
    with override(lang):
        paper = on_paper(export)
        lines = [line for _title, told in SECTIONS for line in told(export)]
    assert paper.startswith(b"%PDF-") and b"pdfuaid" in paper
    assert b"/StructTreeRoot" in paper
    text = " ".join(lines)
    assert somebody.family_name in text and somebody.nir in text
    assert ("Demande " if lang == "fr" else "Claim ") in text
    assert not re.search(r"[a-z]+\.[a-z_]+\.[a-z_]+|%\(", text), "no code is shown"
    # No message has left yet.
    empty = [title for title, told in SECTIONS if not list(told(export))]
    assert empty == ["Nos messages"], "every other part has its lines"


def test_every_table_of_the_export_is_counted_under_a_kind() -> None:
    named = [table for _title, _what, tables in KINDS for table in tables]
    assert len(named) == len(set(named))
    # Who one is stands on the page by itself.
    assert set(named) | {"identity"} == {section.name for section in shape.SECTIONS}


def test_both_are_in_one_file(ada: tuple[Person, Account, Client]) -> None:
    who, _account, browser = ada
    answer = browser.get(reverse("own_data_zip"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as together:
        assert together.namelist() == ["mes-donnees.json", "mes-donnees.pdf"]
        export = json.loads(together.read("mes-donnees.json"))
        assert together.read("mes-donnees.pdf").startswith(b"%PDF-")
    assert export["identity"][0]["family_name"] == who.family_name
