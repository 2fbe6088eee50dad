"""Who does a psychologist's daily work: named before it is opened, once, and ended at any time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice

from soutien.registers.accounts.models import Role
from soutien.registers.psychologists.models import Psychologist, Replacement

pytestmark = pytest.mark.django_db
PATH, DAY = "/cabinet/remplacements", timedelta(days=1)


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now())


@pytest.fixture
def colleague() -> Psychologist:
    return make.psychologist(given_name="Inès", family_name="Relève")


@pytest.fixture
def theirs(here: Practice) -> Client:
    browser = Client()
    browser.force_login(here.account)
    return browser


def days(**more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "first_day": (today + DAY).isoformat(),
        "last_day": (today + 7 * DAY).isoformat(),
    } | more


def test_the_name_is_shown_first_then_it_is_recorded_once(
    theirs: Client, here: Practice, colleague: Psychologist
):
    spaced = f"{colleague.rpps[:5]} {colleague.rpps[5:]}"
    page = theirs.post(PATH, days(rpps=spaced)).content.decode()
    assert "Inès Relève" in page and not Replacement.objects.exists()
    told = days(rpps=spaced, sure=str(colleague.public_id), form_key="one and the same")
    for _time in range(2):
        assert theirs.post(PATH, told)["Location"] == PATH
    [row] = Replacement.objects.all()
    assert (row.replaced_id, row.replacing_id) == (here.psychologist.pk, colleague.pk)
    assert (row.valid_before - row.valid_from).days == 7
    assert "Inès Relève" in theirs.get(PATH).content.decode()


def test_another_number_with_the_name_of_before_asks_again(
    theirs: Client, colleague: Psychologist
):
    other = make.psychologist(given_name="Paul", family_name="Passage")
    page = theirs.post(PATH, days(rpps=other.rpps, sure=str(colleague.public_id)))
    assert "Paul Passage" in page.content.decode() and not Replacement.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"rpps": "00000000000"}, {"last_day": "2020-01-01"}, {"first_day": ""}]
)
def test_what_is_wrong_is_told(theirs: Client, colleague: Psychologist, wrong: dict[str, str]):
    told = days(rpps=colleague.rpps, sure=str(colleague.public_id)) | wrong
    assert theirs.post(PATH, told).status_code == 422
    assert not Replacement.objects.exists()


def test_nobody_replaces_themselves(theirs: Client, here: Practice):
    own = here.psychologist
    answer = theirs.post(PATH, days(rpps=own.rpps, sure=str(own.public_id)))
    assert answer.status_code == 422 and not Replacement.objects.exists()


def test_it_is_ended_and_gone_from_the_page(
    theirs: Client, here: Practice, colleague: Psychologist
):
    today = timezone.localdate()
    row = make.replacement(
        here.psychologist, colleague, valid_from=today + DAY, valid_before=today + 8 * DAY
    )
    assert re.search(rf'value="{row.public_id}"', theirs.get(PATH).content.decode())
    assert theirs.post(PATH, {"end": str(row.public_id)})["Location"] == PATH
    assert "Inès Relève" not in theirs.get(PATH).content.decode()
    assert theirs.post(PATH, {"end": "no name"}).status_code == 404


def test_no_other_ends_it(here: Practice, colleague: Psychologist):
    today = timezone.localdate()
    row = make.replacement(
        here.psychologist, colleague, valid_from=today + DAY, valid_before=today + 8 * DAY
    )
    browser = Client()
    browser.force_login(make.account(Role.PSYCHOLOGIST, psychologist=colleague))
    assert browser.post(PATH, {"end": str(row.public_id)}).status_code == 404
    assert make.reread(row).valid_before > row.valid_from
