"""From outside: what one place asks of two processes is counted together."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.proof import town
from tests.proof.clients import Browser
from tests.proof.served import FULL, Product, environment_of

from soutien.doors.limits import Limit
from soutien.doors.web.rates import REQUESTS, SEARCHES, TOGETHER
from soutien.registers.limits.queries import stretch

pytestmark = pytest.mark.race
TOO_MANY = 429


@pytest.fixture
def counted(new_product: Callable[..., Product], monkeypatch: pytest.MonkeyPatch) -> Product:
    """Two processes that count, over one database."""
    monkeypatch.setattr(
        "tests.proof.served.environment_of",
        lambda url, home: environment_of(url, home) | {"SOUTIEN_RATES": "1"},
    )
    product = new_product()
    product.start()
    product.start()
    return product


def one_stretch(product: Product, limit: Limit, ask: Callable[[Browser], int]) -> list[int]:
    """What both processes answer in turn, all within one stretch of the limit's counting."""
    for _try in range(2):
        began = stretch(limit.period, timezone.now())
        browsers = [Browser(port) for port in product.ports]
        for browser in browsers:
            browser.take_token()
        more = 4 * TOGETHER if limit is SEARCHES else 6
        said = [ask(browsers[turn % 2]) for turn in range(limit.most + more)]
        for browser in browsers:
            browser.close()
        if stretch(limit.period, timezone.now()) == began:
            return said
    raise AssertionError("Two stretches in a row ended meanwhile.")


def test_requests_sent_to_two_processes_are_refused_together(counted: Product):
    path = reverse("call_back", kwargs={"public_id": town.room().psychologist.public_id})
    said = one_stretch(counted, REQUESTS, lambda browser: browser.post(path, {}).status)
    assert TOO_MANY not in said[: REQUESTS.most]
    assert set(said[REQUESTS.most :]) == {TOO_MANY}


@pytest.mark.skipif(not FULL, reason="a minute: SOUTIEN_PROOF=full")
def test_a_reader_without_end_gets_little_more_from_two_processes_than_from_one(
    counted: Product,
):
    path = f"/psychologues/{town.room().psychologist.public_id}"
    said = one_stretch(counted, SEARCHES, lambda browser: browser.get(path).status)
    assert SEARCHES.most <= said.count(200) <= SEARCHES.most + 2 * TOGETHER
    assert said[-1] == TOO_MANY
