"""« Clés pour programmes »: a key is made, shown once, used, and ended."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests import factories as make
from tests.doors.api.program import Program
from tests.proof.pages import forms_of

from soutien.doors.web.actors import SECOND_FACTOR_AT
from soutien.doors.web.signing_in.complete import PROVED_AT
from soutien.registers.accounts.models import Account, Role
from soutien.registers.api_keys.models import ApiKey

pytestmark = pytest.mark.django_db
TEXT = re.compile(r"<code>(soutien_[\w-]+)</code>")


@pytest.fixture
def account() -> Account:
    return make.account(Role.PERSON, person=make.person(at=timezone.now()))


@pytest.fixture
def browser(account: Account) -> Client:
    found = Client()
    found.force_login(account)
    return found


def sent(browser: Client, **words: object) -> dict[str, object]:
    """The form of a new key, as the page shows it."""
    page = browser.get(reverse("security_api_keys")).content.decode()
    form = next(form for form in forms_of(page) if "make" in form.fields)
    told = {"name": "agenda", "scopes": ["read"], "days": "30"}
    return {name: value for name, value in form.fields.items() if name != "scopes"} | told | words


def test_a_key_is_shown_once_works_and_ends(browser: Client, account: Account):
    path = reverse("security_api_keys")
    page = browser.post(path, sent(browser)).content.decode()
    text = TEXT.findall(page)[0]
    assert "no-store" in browser.get(path)["Cache-Control"]
    assert text not in browser.get(path).content.decode()
    assert Program(text).get("/api/v1/me/year").status_code == 200
    row = ApiKey.objects.get()
    assert browser.post(path, {"end": str(row.public_id)}).status_code == 302
    assert Program(text).get("/api/v1/me/year").status_code == 401
    assert "agenda" not in browser.get(path).content.decode().partition("Mes clés")[2]


def test_the_form_sent_twice_makes_one_key_and_shows_it_once(browser: Client):
    path, form = reverse("security_api_keys"), sent(browser)
    first, second = (browser.post(path, form).content.decode() for _number in range(2))
    assert TEXT.findall(first) and not TEXT.findall(second)
    assert "ne se montre qu’une fois" in second
    assert ApiKey.objects.count() == 1


def test_what_is_missing_is_told_at_its_field(browser: Client):
    form = sent(browser, name="", scopes=[])
    answer = browser.post(reverse("security_api_keys"), form)
    assert answer.status_code == 422
    assert "Choisissez au moins un droit." in answer.content.decode()
    assert ApiKey.objects.count() == 0


def test_a_key_of_somebody_else_cannot_be_ended(browser: Client):
    other = make.account(Role.PERSON, person=make.person(at=timezone.now()))
    theirs = Client()
    theirs.force_login(other)
    theirs.post(reverse("security_api_keys"), sent(theirs))
    row = ApiKey.objects.get()
    for name in (str(row.public_id), "not-a-key"):
        assert browser.post(reverse("security_api_keys"), {"end": name}).status_code == 404
    assert ApiKey.objects.get().revoked_at is None


def test_the_proof_is_asked_again_when_it_is_a_while_ago(browser: Client):
    session = browser.session
    session.pop(PROVED_AT, None)
    session.save()
    answer = browser.get(reverse("security_api_keys"))
    assert answer["Location"].startswith(reverse("security_prove"))


def test_a_working_role_without_a_second_factor_makes_none():
    browser = Client()
    browser.force_login(make.account(Role.FUND_AGENT, fund_code=make.FUND))
    form = sent(browser)
    session = browser.session
    session.pop(SECOND_FACTOR_AT)
    session.save()
    assert browser.post(reverse("security_api_keys"), form).status_code == 302
    assert ApiKey.objects.count() == 0
