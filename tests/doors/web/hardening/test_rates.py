"""One place cannot read the whole directory, nor fill agendas; a shared address can live."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from tests.proof import town
from tests.proof.pages import routes

from soutien.doors.limits import address_of
from soutien.doors.web import rates
from soutien.doors.web.access import ACCESS, Door

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATES_TIMES = 1
    monkeypatch.setattr(rates, "tally", rates.Tally())


def fewer(monkeypatch: pytest.MonkeyPatch, route: str, most: int) -> None:
    """The same limits of a route, reached sooner."""
    made = tuple(
        rate._replace(limits=tuple(replace(limit, most=most) for limit in rate.limits))
        for rate in rates.RATES[route]
    )
    monkeypatch.setattr(rates, "RATES", {**rates.RATES, route: made})


def test_every_rate_is_of_a_route_that_exists():
    assert set(rates.RATES) <= {name for name, _kinds in routes()}


def test_every_address_that_opens_something_by_a_link_has_a_rate():
    """Calendars are asked by programs, hour after hour: their token is long enough alone."""
    links = {name for name, access in ACCESS.items() if access.door is Door.LINK}
    assert links - {"calendar_feed"} <= set(rates.RATES)


def test_a_place_that_searches_without_end_is_told_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
):
    fewer(monkeypatch, "find", 20)
    browser = Client()
    answers = [browser.get("/trouver").status_code for _try in range(35)]
    assert answers[:20] == [200] * 20
    assert 429 in answers[20:31]
    refused = browser.get("/trouver")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 600
    page = refused.content.decode()
    assert "Nous reprenons à" in page
    assert "COM-12" in page
    assert "no-store" in refused["Cache-Control"]
    assert "We start again at" in browser.get("/en/trouver").content.decode()
    # Somebody elsewhere is not concerned, nor is any other page.
    assert Client(REMOTE_ADDR="203.0.113.9").get("/trouver").status_code == 200
    assert browser.get("/aide").status_code == 200


def test_without_the_rates_the_same_place_searches_without_end(
    monkeypatch: pytest.MonkeyPatch, settings: Any
):
    settings.RATES_TIMES = 0
    fewer(monkeypatch, "find", 20)
    browser = Client()
    assert {browser.get("/trouver").status_code for _try in range(35)} == {200}


def test_two_processes_count_together(monkeypatch: pytest.MonkeyPatch):
    """Each has a tally of its own: together they let through little more than one would."""
    fewer(monkeypatch, "find", 40)
    processes, answers = [rates.Tally(), rates.Tally()], []
    for turn in range(120):
        monkeypatch.setattr(rates, "tally", processes[turn % 2])
        answers.append(Client().get("/trouver").status_code)
    assert 40 <= answers.count(200) <= 40 + 2 * rates.TOGETHER
    assert set(answers[-20:]) == {429}


def test_a_place_may_not_fill_agendas(monkeypatch: pytest.MonkeyPatch):
    fewer(monkeypatch, "book_slot", 2)
    room = town.room()
    answers = [Client().post(room.path, {}).status_code for _try in range(3)]
    assert 429 not in answers[:2]
    assert answers[2] == 429


@pytest.mark.parametrize("route", ["report_availability", "call_back", "join_for_one"])
def test_reports_requests_and_waits_are_counted(monkeypatch: pytest.MonkeyPatch, route: str):
    fewer(monkeypatch, route, 1)
    path = reverse(route, kwargs={"public_id": town.room().psychologist.public_id})
    assert Client().post(path, {}).status_code != 429
    assert Client().post(path, {}).status_code == 429


def test_the_usual_limits_leave_room_for_a_whole_clinic():
    """Two hundred people behind one address, three pages each in ten minutes."""
    assert rates.SEARCHES.most >= 200 * 3
    assert rates.HOLDS.most >= 100


def where(settings: Any, said: str, remote: str, proxies: list[Any], behind: bool = True) -> str:
    settings.BEHIND_PROXY, settings.PROXIES = behind, proxies
    return address_of(
        RequestFactory().get("/", headers={"x-forwarded-for": said}, REMOTE_ADDR=remote)
    )


def test_only_a_proxy_of_ours_says_where_a_request_comes_from(settings: Any):
    from ipaddress import ip_network

    ours = [ip_network("10.0.0.0/8")]
    assert where(settings, "1.2.3.4", "203.0.113.7", ours) == "203.0.113.7"
    assert where(settings, "1.2.3.4", "10.0.0.1", ours) == "1.2.3.4"
    assert where(settings, "9.9.9.9, 1.2.3.4, 10.0.0.2", "10.0.0.1", ours) == "1.2.3.4"
    assert where(settings, "1.2.3.4", "203.0.113.7", ours, behind=False) == "203.0.113.7"


def test_a_made_up_proxy_changes_nothing(settings: Any):
    from ipaddress import ip_network

    settings.BEHIND_PROXY, settings.PROXIES = True, [ip_network("10.0.0.0/8")]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    said = {"x-forwarded-proto": "https", "x-request-id": "chosen-by-me-12345"}
    stranger = Client(REMOTE_ADDR="203.0.113.7").get("/aide", headers=said)
    assert stranger.status_code == 301
    assert stranger["X-Request-ID"] != "chosen-by-me-12345"
    proxied = Client(REMOTE_ADDR="10.0.0.1").get("/aide", headers=said)
    assert proxied.status_code == 200
    assert proxied["X-Request-ID"] == "chosen-by-me-12345"
