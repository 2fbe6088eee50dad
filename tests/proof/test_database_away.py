"""The database goes away and comes back: people are told at once, and nothing is restarted."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from django.utils import timezone
from tests.proof import town
from tests.proof.clients import Answer, Browser
from tests.proof.crashing import DatabaseServer, Parts, children_of, own_server
from tests.proof.test_crash import of_server, parts_over  # noqa: F401
from tests.proof.town import DAY, WHO

from soutien.registers.outbox.models import Letter

pytestmark = pytest.mark.race

QUICK_SECONDS, BACK_SECONDS = 5.0, 10.0
AWAY, FOUND, GOOD = 503, 302, 200


@contextmanager
def browser_at(parts: Parts) -> Iterator[Browser]:
    browser = Browser(next(iter(parts.web)))
    browser.connection.timeout = 30
    try:
        yield browser
    finally:
        browser.close()


def assert_told_quickly(answer: Answer) -> None:
    assert answer.status == AWAY, answer.body[:500]
    assert answer.seconds < QUICK_SECONDS
    assert "<h1" in answer.body
    assert answer.body.rstrip().endswith("</html>")
    assert "Error" not in answer.body


def test_pages_say_so_at_once_and_are_back_by_themselves(
    parts_over: Callable[..., Parts],  # noqa: F811
) -> None:
    with own_server() as server:
        parts = parts_over(server.address(), of_server(server))
        where = town.room()
        slots = iter(where.free(timezone.now() + DAY, 3))
        with browser_at(parts) as browser:
            browser.take_token()
            held = browser.post(where.path, where.asked(next(slots)))
            assert held.status == FOUND
            connections.close_all()
            before = {port: process.pid for port, process in parts.web.items()}
            assert parts.worker is not None
            for _turn in range(2):
                away(server)
                for _try in range(3):
                    assert_told_quickly(browser.get("/connexion"))
                    assert_told_quickly(browser.post(held.location, WHO))
                assert parts.worker.poll() is None
                server.start()
                for port in parts.web:
                    parts.ready(port, within=BACK_SECONDS)
                assert browser.get("/connexion").status == GOOD
            check = browser.post(held.location, WHO)
            done = browser.post(check.location, {})
            assert done.location.startswith("/rendez-vous/"), done.body
            assert {port: process.pid for port, process in parts.web.items()} == before
        # The worker was not restarted either, and goes on: the mail of that booking leaves.
        assert parts.worker.poll() is None
        wait_until(lambda: bool(parts.office.taken))
        left = Letter.objects.filter(kind="agenda.booking.confirmed", delivered_at=None)
        wait_until(lambda: not left.exists())


def away(server: DatabaseServer) -> None:
    """The server ends, and its socket with it."""
    server.kill()


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.1)


def test_a_server_that_takes_nobody_is_told_too(
    parts_over: Callable[..., Parts],  # noqa: F811
) -> None:
    """Frozen, it takes connections and answers none: whoever connects gives up in time."""
    with own_server() as server:
        parts = parts_over(server.address(), of_server(server))
        page = f"/psychologues/{town.room().psychologist.public_id}"
        with browser_at(parts) as browser:
            browser.take_token()
            connections.close_all()
            # What web processes had open is dead: they must connect anew.
            server.kill()
            server.start()
            assert server.process is not None
            frozen = [server.process.pid, *children_of(server.process.pid)]
            freeze(frozen, signal.SIGSTOP)
            try:
                assert_told_quickly(browser.get(page))
            finally:
                freeze(frozen, signal.SIGCONT)
            for port in parts.web:
                parts.ready(port, within=BACK_SECONDS)
            assert browser.get(page).status < AWAY


def freeze(pids: list[int], how: signal.Signals) -> None:
    for pid in pids:
        # One that started the server may have ended meanwhile.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
