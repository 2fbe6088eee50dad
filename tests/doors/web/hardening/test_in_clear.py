"""Without HTTPS a reader is sent to the right address; a program is refused, and learns why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.api.program import key_of
from tests.proof import town

from soutien.registers.accounts.models import Role
from soutien.registers.api_keys.models import ApiKey
from soutien.registers.calendars import queries as calendars

pytestmark = pytest.mark.django_db
MOVED, CLOSED, OK = 301, 403, 200


@pytest.fixture(autouse=True)
def https(settings: Any) -> None:
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = True


def asked(path: str, *, secure: bool, **headers: str) -> HttpResponse:
    return Client().get(path, headers=headers, secure=secure)


@pytest.mark.parametrize("path", ["/", "/en/", "/connexion", "/trouver"])
def test_a_reader_is_sent_to_the_same_page_by_https(path: str) -> None:
    answer = asked(path, secure=False)
    assert (answer.status_code, answer["Location"]) == (MOVED, f"https://testserver{path}")


@pytest.mark.parametrize(
    "path", ["/api/v1/openapi.json", "/api/v1/places?q=lyon", "/api/v1/nothing", "/api/v1/me/year"]
)
def test_a_program_is_refused_in_its_own_words(path: str) -> None:
    answer = asked(path, secure=False, **{"accept-language": "en"})
    told = json.loads(answer.content)
    assert (answer.status_code, told["code"]) == (CLOSED, "in_clear")
    assert "Location" not in answer
    assert "replace it" in told["remedy"]
    assert asked(path, secure=True).status_code != CLOSED


def test_a_key_sent_in_clear_opens_and_does_nothing() -> None:
    account = make.account(Role.PERSON, person=town.insured())
    bearer = {"authorization": f"Bearer {key_of(account)}"}
    assert asked("/api/v1/me/year", secure=False, **bearer).status_code == CLOSED
    assert ApiKey.objects.get().last_used_on is None
    assert asked("/api/v1/me/year", secure=True, **bearer).status_code == OK


def test_a_calendar_read_in_clear_gives_nothing() -> None:
    token, person = "a-token-long-enough-for-a-test", town.insured()
    calendars.open_feed(token=token, at=timezone.now(), language="fr", person_id=person.pk)
    answer = asked(f"/calendriers/{token}.ics", secure=False)
    assert answer.status_code == CLOSED
    assert "Location" not in answer
    assert b"VCALENDAR" not in answer.content
    assert b"BEGIN:VCALENDAR" in asked(f"/calendriers/{token}.ics", secure=True).content


def test_without_https_at_all_nothing_of_this_is_asked(settings: Any) -> None:
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = False
    assert asked("/api/v1/openapi.json", secure=False).status_code == OK
