"""Visitors say that nobody answered: in two taps, counted once a browser and a day."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.timezone import localdate, now
from tests import factories
from tests.steps import scene
from time_machine import travel

from soutien.registers.psychologists.models import AvailabilityReports, ConfirmationRequest
from soutien.steps.vouch import REPORTS_THAT_ASK

pytestmark = pytest.mark.django_db


@pytest.fixture
def where() -> scene.Practice:
    return scene.practice(
        given_name="Ada", family_name="Exemple", confirmed_on=localdate(), email="a@example.org"
    )


def path_of(where: scene.Practice) -> str:
    return f"/psychologues/{where.place.psychologist.public_id}/signaler"


def counted() -> int:
    return sum(AvailabilityReports.objects.values_list("times", flat=True))


def test_the_page_of_a_psychologist_leads_to_the_report(
    client: Client, where: scene.Practice
) -> None:
    page = client.get(f"/psychologues/{where.place.psychologist.public_id}")
    assert f'action="{path_of(where)}"' in page.content.decode()
    assert not page.cookies
    asked = client.get(f"{path_of(where)}?kind=no_answer").content.decode()
    assert "Vous n’avez pas eu de réponse ?" in asked
    assert asked.count('name="kind"') == 1
    assert client.get(path_of(where)).content.decode().count('name="kind"') == 2


def test_reading_the_page_counts_nothing(client: Client, where: scene.Practice) -> None:
    client.get(f"{path_of(where)}?kind=no_place")
    client.head(f"{path_of(where)}?kind=no_place")
    assert counted() == 0


def test_one_browser_counts_once_a_day(client: Client, where: scene.Practice) -> None:
    for kind in ("no_answer", "no_answer", "no_place"):
        answer = client.post(path_of(where), {"kind": kind}, follow=True)
        assert "Merci de l’avoir dit." in answer.content.decode()
    assert counted() == 1
    Client().post(path_of(where), {"kind": "no_place"})
    assert counted() == 2
    with travel(now() + timedelta(hours=25)):
        client.post(path_of(where), {"kind": "no_place"})
    assert counted() == 3


def test_enough_browsers_make_the_entry_ask(where: scene.Practice) -> None:
    for _ in range(REPORTS_THAT_ASK):
        Client().post(path_of(where), {"kind": "no_answer"})
    assert ConfirmationRequest.objects.get().reason == "reports"
    page = Client().get("/trouver?place=lyon").content.decode()
    assert "disponibilité confirmée aujourd’hui" in page


def test_the_session_does_not_say_whom_it_was_about(client: Client, where: scene.Practice) -> None:
    client.post(path_of(where), {"kind": "no_answer"})
    kept = Session.objects.get().get_decoded()
    assert set(kept) == {"reported"}
    assert not re.search(str(where.place.psychologist.public_id)[:8], str(kept))


@pytest.mark.parametrize("kind", ["", "rude", "%00", "é" * 5000])
def test_a_forged_report_asks_again(client: Client, where: scene.Practice, kind: str) -> None:
    answer = client.post(path_of(where), {"kind": kind})
    assert answer.status_code == 200
    assert "Que s’est-il passé ?" in answer.content.decode()
    assert counted() == 0


def test_who_is_not_in_the_directory_cannot_be_reported(
    client: Client, where: scene.Practice
) -> None:
    factories.suspension(where.place.psychologist, valid_from=localdate())
    for path in (path_of(where), f"/psychologues/{uuid.uuid4()}/signaler"):
        assert client.post(path, {"kind": "no_place"}).status_code == 404
        assert client.get(path).status_code == 404
    assert counted() == 0


def test_a_report_sent_from_another_site_is_refused(where: scene.Practice) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path_of(where), {"kind": "no_answer"}).status_code == 403
    assert counted() == 0
