"""The page behind a confirmation mail: opening it changes nothing, one press answers."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate, now
from tests import factories
from tests.steps import scene
from time_machine import travel

from soutien.doors.entry_links import entry_path, entry_token, request_id_of
from soutien.registers.psychologists.models import ConfirmationRequest, Psychologist
from soutien.steps.vouch import LINK_LASTS, plan_confirmations

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def who() -> Psychologist:
    return scene.practice(
        given_name="Ada", family_name="Exemple", email="ada@example.org"
    ).place.psychologist


@pytest.fixture
def path(who: Psychologist) -> str:
    plan_confirmations(at=now())
    return entry_path(ConfirmationRequest.objects.get(psychologist=who).public_id)


def test_opening_the_page_changes_nothing_and_is_kept_nowhere(
    client: Client, path: str, who: Psychologist
) -> None:
    answer = client.get(path)
    page = answer.content.decode()
    assert "Ada Exemple" in page
    assert "C’est toujours vrai" in page
    assert "Elle n’a pas encore été confirmée" in page
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in page
    assert client.head(path).status_code == 200
    assert factories.reread(who).confirmed_on is None


def test_one_press_confirms(client: Client, path: str, who: Psychologist) -> None:
    page = client.post(path, {"open": "1"}, follow=True).content.decode()
    assert "Merci, c’est noté." in page
    assert factories.reread(who).confirmed_on == localdate()


def test_no_place_until_a_day(client: Client, path: str, who: Psychologist) -> None:
    until = localdate() + 30 * DAY
    page = client.post(path, {"full": "1", "full_until": str(until)}, follow=True)
    assert "plus de place jusqu’au" in page.content.decode()
    assert factories.reread(who).full_until == until
    assert "J’accueille de nouveau" in page.content.decode()
    client.post(path, {"open": "1"})
    assert factories.reread(who).accepts_new_patients


@pytest.mark.parametrize(
    "until", ["", "2026-02-31", "hier", "%", "2020-01-01", "9999-12-31", "9" * 5000, "\0"]
)
def test_a_day_that_cannot_be_used_is_said_at_the_field(
    client: Client, path: str, who: Psychologist, until: str
) -> None:
    answer = client.post(path, {"full": "1", "full_until": until})
    assert answer.status_code == 422
    assert 'href="#id_full_until"' in answer.content.decode()
    assert factories.reread(who).accepts_new_patients


def test_a_form_without_a_button_answers_nothing(
    client: Client, path: str, who: Psychologist
) -> None:
    assert client.post(path, {"other": "1"}).status_code == 200
    assert factories.reread(who).confirmed_on is None


@pytest.mark.parametrize("token", ["x", "x.y", "é", "a" * 3000, "%00", "AAAA.BBBB"])
def test_a_forged_link_is_not_found(client: Client, token: str) -> None:
    assert client.get(f"/fiche/{token}").status_code == 404
    assert client.post(f"/fiche/{token}", {"open": "1"}).status_code == 404


def test_a_token_opens_its_own_request_only() -> None:
    request_id = uuid.uuid4()
    token = entry_token(request_id)
    assert request_id_of(token) == request_id
    assert str(request_id) not in token
    assert request_id_of(entry_token(uuid.uuid4())[:22] + token[22:]) is None


def test_an_old_link_says_what_to_do(client: Client, path: str, who: Psychologist) -> None:
    with travel(now() + LINK_LASTS + DAY):
        answer = client.get(path)
    assert answer.status_code == 404
    assert "Ouvrez le courriel le plus récent" in answer.content.decode()


def test_who_has_left_has_no_page(client: Client, path: str, who: Psychologist) -> None:
    factories.suspension(who, valid_from=localdate())
    assert client.get(path).status_code == 404


def test_the_page_speaks_english_too(client: Client, path: str) -> None:
    page = client.get(f"/en{path}").content.decode()
    assert "Is it still true?" in page
    assert "It is still true" in page


def test_an_answer_sent_from_another_site_is_refused(path: str, who: Psychologist) -> None:
    assert Client(enforce_csrf_checks=True).post(path, {"open": "1"}).status_code == 403
    assert factories.reread(who).confirmed_on is None
