"""Psychologists are asked by mail whether their entry is still true; its link answers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils.timezone import localdate, now
from tests import factories
from tests.doors.couriers.post_office import Clock, Office
from tests.steps import scene

from soutien.doors.jobs.table import ask_confirmations
from soutien.registers.psychologists.models import ConfirmationRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> scene.Practice:
    return scene.practice(email="ada@example.org", confirmed_on=None)


def test_who_is_no_longer_sure_is_asked_once(who: scene.Practice) -> None:
    at = now()
    assert ask_confirmations(at) == 1
    assert ask_confirmations(at) == 0


def test_made_up_psychologists_are_left_in_peace(
    who: scene.Practice, settings: LazySettings
) -> None:
    settings.DEMO = True
    assert ask_confirmations(now()) == 0


def test_the_link_of_the_mail_opens_the_page_and_one_press_confirms(
    who: scene.Practice, client: Client
) -> None:
    at = now()
    ask_confirmations(at)
    office = Office(Clock(at + timedelta(minutes=1)))
    office.turn()
    [mail] = office.mail.messages
    assert mail.to == "ada@example.org"
    [path] = re.findall(r"https?://[^/\s]+(/fiche/\S+)", mail.body)
    assert client.get(path).status_code == 200
    client.post(path, {"open": "1"})
    assert factories.reread(who.place.psychologist).confirmed_on == localdate()


def test_a_question_already_answered_is_not_mailed(who: scene.Practice) -> None:
    at = now()
    ask_confirmations(at)
    ConfirmationRequest.objects.update(answered_at=at, answer="open")
    office = Office(Clock(at + timedelta(minutes=1)))
    office.turn()
    assert not office.mail.messages
