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

from soutien.doors.couriers.confirmations import BETWEEN, Confirmations
from soutien.registers.psychologists.models import ConfirmationRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> scene.Practice:
    return scene.practice(email="ada@example.org", confirmed_on=None)


def test_letters_are_planned_once_an_hour_at_most(who: scene.Practice) -> None:
    planner, at = Confirmations(), now()
    assert planner.plan(at) == 1
    ConfirmationRequest.objects.all().delete()
    assert planner.plan(at + BETWEEN / 2) == 0
    assert planner.plan(at + BETWEEN) == 1


def test_made_up_psychologists_are_left_in_peace(
    who: scene.Practice, settings: LazySettings
) -> None:
    settings.DEMO = True
    assert Confirmations().plan(now()) == 0


def test_the_link_of_the_mail_opens_the_page_and_one_press_confirms(
    who: scene.Practice, client: Client
) -> None:
    at = now()
    Confirmations().plan(at)
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
    Confirmations().plan(at)
    ConfirmationRequest.objects.update(answered_at=at, answer="open")
    office = Office(Clock(at + timedelta(minutes=1)))
    office.turn()
    assert not office.mail.messages
