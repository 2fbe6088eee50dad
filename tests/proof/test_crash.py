"""Killed at any moment, nothing that was acknowledged is lost, and nothing is half done.

The database server, web processes and the worker are killed with SIGKILL while people book, close
sessions, send claims and mails leave. See docs/proofs.md; ``SOUTIEN_PROOF=full`` asks for 200.
"""

from __future__ import annotations

import http.client
import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone
from tests.migrated_once import PostgresCopy, SqliteCopy
from tests.proof import town
from tests.proof.clients import Browser, account_session
from tests.proof.crashing import (
    READY_SECONDS,
    DatabaseServer,
    Parts,
    Promised,
    kill_whole,
    own_server,
    post_office,
)
from tests.proof.invariants import wrong_with
from tests.proof.served import FULL
from tests.proof.town import DAY, HELD, WHO, Room

from soutien.registers.agenda.models import Booking
from soutien.registers.audit import reading
from soutien.registers.care.models import CareSession
from soutien.registers.claims.models import Claim, Decision
from soutien.registers.outbox.models import Dispatch, Letter

ROUNDS = 200 if FULL else 20
# A twin fails by chance, soon; after so many rounds it has not failed, and the test does.
TRIES = 40
BOOKERS, TO_CLOSE_EACH = 2, 2
FOUND, AWAY, TOO_BAD = 302, 503, 500
ANSWER_SECONDS = 30.0
DEAD = (OSError, http.client.HTTPException)
VICTIMS = ("database", "web", "database", "worker", "web process", "database")


class Town:
    """Who books, closes and claims meanwhile; and what they were promised."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.promised = parts, Promised()
        self.rooms = [town.room() for _ in range(BOOKERS)]
        reach = town.DAYS_AHEAD_MAX - 10
        self.free = [room.free(timezone.now() + DAY, reach) for room in self.rooms]
        self.practice = town.room()
        self.session = account_session(self.practice.account())
        self.past = iter(self.practice.free(timezone.now() - 300 * DAY, 300))
        self.to_close: Queue[str] = Queue()
        self.browsers: list[Browser] = []
        self.over = threading.Event()
        self.paused = threading.Event()
        self.idle = [threading.Event() for _ in range(BOOKERS + 1)]
        # What each browser asked for last, and when.
        self.asked: dict[Browser, tuple[str, float]] = {}
        self.threads = [
            threading.Thread(target=self._goes_on, args=(n, self._booker(n)))
            for n in range(BOOKERS)
        ]
        self.threads.append(threading.Thread(target=self._goes_on, args=(BOOKERS, self._closer())))

    def prepare(self, number: int) -> None:
        """Appointments of the past, to be closed."""
        for _ in range(number):
            slot = next(self.past)
            at = slot.starts_at - 9 * DAY
            made = town.booked(self.practice, town.insured(), slot, "evaluation", at)
            self.to_close.put(str(made.public_id))

    def _browser(self, number: int, *, session: str = "") -> Browser:
        ports = [*self.parts.web]
        browser = Browser(ports[number % len(ports)], session=session)
        browser.connection.timeout = ANSWER_SECONDS
        self.browsers.append(browser)
        return browser

    def _goes_on(self, number: int, acts: Iterator[None]) -> None:
        """One act after the other; what a dead process leaves open is not counted."""
        while not self.over.is_set():
            if self.paused.is_set():
                self.idle[number].set()
                time.sleep(0.01)
                continue
            self.idle[number].clear()
            try:
                next(acts)
            except StopIteration:
                self.promised.wrong.append(f"client {number} has no time left to ask for")
                self.idle[number].set()
                return

    def _asked(self, browser: Browser, path: str, form: dict[str, str]) -> Any:
        """An answer, or None when whoever should answer is dead or away."""
        self.asked[browser] = path, time.monotonic()
        try:
            if not browser.cookies:
                browser.take_token()
            answer = browser.post(path, form)
        except DEAD:
            browser.close()
            time.sleep(0.02)
            return None
        except KeyError:
            # A page without a form: the database was away when it was asked for.
            browser.cookies.clear()
            time.sleep(0.02)
            return None
        if answer.status >= TOO_BAD and answer.status != AWAY:
            self.promised.wrong.append(f"{path}: {answer.status}")
        if answer.status >= TOO_BAD:
            time.sleep(0.02)
            return None
        return answer

    def _booker(self, number: int) -> Iterator[None]:
        where: Room = self.rooms[number]
        browser = self._browser(number)
        for slot in self.free[number]:
            held = None
            while held is None:
                # Asked again after a lost answer: nobody there to answer costs no time.
                browser.forget_session()
                held = self._asked(browser, where.path, where.asked(slot))
                yield
            if held.status != FOUND:
                continue
            self.promised.held.append((where.psychologist.pk, slot.starts_at))
            check = self._asked(browser, held.location, WHO)
            yield
            if check is None or check.status != FOUND:
                continue
            done = self._asked(browser, check.location, {})
            if done is not None and done.location.startswith("/rendez-vous/"):
                self.promised.booked.append(f"{where.psychologist.pk} {slot.starts_at}")
            yield

    def _closer(self) -> Iterator[None]:
        browser = self._browser(BOOKERS, session=self.session)
        for _ in count():
            try:
                booking = self.to_close.get(timeout=0.05)
            except Empty:
                yield
                continue
            answer = None
            while answer is None and not self.over.is_set():
                # Asked again after a lost answer, it is done once.
                answer = self._asked(browser, reverse("close", args=[booking]), HELD)
                yield
            if answer is None or answer.status != FOUND:
                continue
            self.promised.closed.append(booking)
            [sheet] = re.findall(r"/feuilles/([0-9a-f-]{36})", answer.location) or [""]
            sent = self._asked(browser, f"/feuilles/{sheet}/envoyer", {}) if sheet else None
            if sent is not None and sent.status == FOUND:
                self.promised.claimed.append(sheet)
            yield

    @contextmanager
    def at_work(self) -> Iterator[None]:
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in self.threads:
                thread.join(timeout=2 * ANSWER_SECONDS)
            for browser in self.browsers:
                browser.close()

    def rest(self) -> None:
        """Return when nobody asks for anything."""
        self.paused.set()
        for idle in self.idle:
            assert idle.wait(2 * ANSWER_SECONDS), self.hanging()

    def hanging(self) -> str:
        """What the browsers wait for, and what the processes say."""
        now = time.monotonic()
        waits = [f"{path} for {now - since:.0f} s" for path, since in self.asked.values()]
        wrong = [*self.promised.wrong, *waits]
        return "\n".join(["a client hangs", *wrong, self.parts.log.read_text()[-3000:]])

    def go_on(self) -> None:
        for idle in self.idle:
            idle.clear()
        self.paused.clear()


def lost(promised: Promised) -> list[str]:
    """What people were told is done and is not there."""
    live = Booking.objects.exclude(status="cancelled")
    there = {f"{who} {at}": status for who, at, status in live.values_list(
        "psychologist_id", "starts_at", "status")}  # fmt: skip
    gone = [f"held: {who} {at}" for who, at in promised.held if f"{who} {at}" not in there]
    gone += [f"booked: {name}" for name in promised.booked if there.get(name) != "confirmed"]
    closed = set(map(str, CareSession.objects.values_list("booking__public_id", flat=True)))
    gone += [f"closed: {name}" for name in promised.closed if name not in closed]
    claimed = set(map(str, Claim.objects.values_list("care_sheet__public_id", flat=True)))
    return gone + [f"claimed: {name}" for name in promised.claimed if name not in claimed]


def half_done() -> list[str]:
    """Claims without their decision, letters without their act."""
    wrong = []
    undecided = Claim.objects.exclude(pk__in=Decision.objects.values("claim"))
    if undecided.exists():
        wrong.append("a claim without a decision")
    told = set(
        Letter.objects.filter(kind="agenda.booking.confirmed").values_list("about", flat=True)
    )
    acts = {f"booking:{pk}" for pk in Booking.objects.filter(
        status__in=("confirmed", "fulfilled")).values_list("pk", flat=True)}  # fmt: skip
    if told ^ acts:
        wrong.append(f"letters and bookings differ: {sorted(told ^ acts)[:5]}")
    decided = {f"claim:{pk}" for pk in Claim.objects.values_list("pk", flat=True)}
    letters = set(
        Letter.objects.filter(kind="claims.claim.decided").values_list("about", flat=True)
    )
    if decided ^ letters:
        wrong.append(f"letters and claims differ: {sorted(decided ^ letters)[:5]}")
    return wrong


def everything_holds(parts: Parts, promised: Promised) -> None:
    connections.close_all()
    assert promised.wrong == []
    assert lost(promised) == []
    assert wrong_with(parts.url) == []
    assert half_done() == []
    found = reading.verify()
    assert found.damages == ()


def kill(parts: Parts, victim: str, server: DatabaseServer | None, dice: random.Random) -> None:
    """Kill one part and start it again, as the machine's own supervisor does."""
    if victim == "database":
        assert server is not None
        server.kill()
        server.start()
    elif victim == "worker":
        assert parts.worker is not None
        kill_whole(parts.worker)
        parts.start_worker()
    elif victim == "web":
        port = dice.choice([*parts.web])
        kill_whole(parts.web[port])
        parts.start_web(port)
    else:
        parts.wound()


def rounds(
    there: Town,
    victims: tuple[str, ...],
    server: DatabaseServer | None = None,
    *,
    number: int = ROUNDS,
) -> Iterator[tuple[str, float]]:
    """People at work, one part killed, all of it ready again, nobody asking; each time another.

    Tells which part, and after how many seconds people could be sent to every web process.
    """
    parts, dice = there.parts, random.Random(int(os.environ.get("SOUTIEN_PROOF_SEED", "20261122")))
    with there.at_work():
        for turn in range(number):
            there.prepare(TO_CLOSE_EACH)
            there.go_on()
            time.sleep(dice.uniform(0.1, 0.8))
            victim = victims[turn % len(victims)]
            started = time.monotonic()
            kill(parts, victim, server, dice)
            for port in parts.web:
                parts.ready(port, within=READY_SECONDS - (time.monotonic() - started))
            seconds = time.monotonic() - started
            there.rest()
            connections.close_all()
            yield victim, seconds


def crash_again_and_again(
    parts: Parts, victims: tuple[str, ...], server: DatabaseServer | None = None
) -> None:
    """All rounds; after each everything is there, and at the end every mail has left."""
    there = Town(parts)
    times: dict[str, list[float]] = {}
    for victim, seconds in rounds(there, victims, server):
        times.setdefault(victim, []).append(seconds)
        everything_holds(parts, there.promised)
    drained(parts)
    worst = {victim: f"{max(found):.1f} s" for victim, found in times.items()}
    mails = mails_left_once(parts, ROUNDS)
    promised = there.promised.count()
    print(f"promised {promised}; ready again at worst {worst}; mails {mails}")
    assert all(number >= ROUNDS // 2 for number in promised.values()), promised
    assert "The journal is whole" in parts.command("audit", "verify")


def drained(parts: Parts) -> None:
    """All letters that are due leave. Leases of the dead end, as if their minutes had passed."""
    kill_whole(parts.worker)  # type: ignore[arg-type]
    now = timezone.now()
    Letter.objects.filter(leased_until__isnull=False).update(leased_until=now)
    Letter.objects.filter(delivered_at=None).exclude(trouble="").update(deliver_after=now)
    parts.command("worker", "--once")
    # What comes due meanwhile leaves with the next turn.
    left = Letter.objects.filter(delivered_at=None, deliver_after__lte=now)
    assert not left.exists(), list(left.values_list("kind", "trouble", "parked_at")[:5])


def mails_left_once(parts: Parts, kills: int) -> dict[str, int]:
    """Each message left; as many times as there are doubts, and no more.

    A mail server does not say whether it took a message when whoever sent it died before noting
    so: that one is sent once more, under the same Message-ID.
    """
    keys = {str(key) for key in Dispatch.objects.filter(channel="mail", sent_at__isnull=False)
            .values_list("key", flat=True)}  # fmt: skip
    taken = {key.strip("<>").partition("@")[0]: n for key, n in parts.office.taken.items()}
    assert keys == set(taken), "what is noted as sent, and what left, differ"
    again = {key: n for key, n in taken.items() if n > 1}
    assert all(n <= 2 for n in again.values()), again
    assert len(again) <= kills
    return {"messages": len(taken), "left twice": len(again), "kills": kills}


@contextmanager
def over_own_database(url_parts: dict[str, Any]) -> Iterator[None]:
    """The tests' own connection uses this database meanwhile."""
    connections.close_all()
    before = {name: connection.settings_dict[name] for name in url_parts}
    connection.settings_dict.update(url_parts)
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict.update(before)


@pytest.fixture
def parts_over(
    tmp_path: Path, django_db_blocker: Any, tables_kept: SqliteCopy | PostgresCopy
) -> Iterator[Callable[..., Parts]]:
    """Makes a migrated product of its own, with a mail server, two web processes and a worker."""
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())

        def make(url: str, mine: dict[str, Any], *, without: str = "") -> Parts:
            home = tmp_path / "home"
            home.mkdir()
            stack.enter_context(over_own_database(mine))
            parts = Parts(url, home, stack.enter_context(post_office()))
            if not tables_kept.fill(url):
                parts.command("manage", "migrate", "-v", "0")
            parts.command("manage", "collectstatic", "--noinput", "-v", "0")
            parts.without = without
            stack.callback(parts.stop)
            ports = [parts.start_web() for _ in range(2)]
            parts.start_worker()
            for port in ports:
                parts.ready(port, within=60)
            return parts

        yield make


def of_server(server: DatabaseServer) -> dict[str, Any]:
    return {
        "NAME": "soutien",
        "USER": "soutien",
        "PASSWORD": "",
        "HOST": str(server.home),
        "PORT": "",
    }


@pytest.mark.race
def test_killed_at_any_moment_nothing_acknowledged_is_lost(
    parts_over: Callable[..., Parts],
) -> None:
    with own_server() as server:
        parts = parts_over(server.address(), of_server(server))
        crash_again_and_again(parts, VICTIMS, server)


@pytest.mark.race
def test_twin_acknowledged_before_it_is_kept_it_is_lost(parts_over: Callable[..., Parts]) -> None:
    with own_server(synchronous_commit="off", wal_writer_delay="10s") as server:
        there = Town(parts_over(server.address(), of_server(server)))
        for _part, _seconds in rounds(there, ("database",), server, number=TRIES):
            gone = lost(there.promised)
            if gone:
                break
        assert gone


@pytest.mark.race
def test_twin_with_letters_outside_the_act_one_is_never_written(
    parts_over: Callable[..., Parts],
) -> None:
    with own_server() as server:
        there = Town(parts_over(server.address(), of_server(server), without="letters"))
        for _part, _seconds in rounds(there, ("web",), server, number=TRIES):
            wrong = half_done()
            if wrong:
                break
        assert any("letters and bookings differ" in said for said in wrong)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="runs on SQLite: pytest tests/proof")
def test_killed_at_any_moment_a_file_loses_nothing_either(
    parts_over: Callable[..., Parts], tmp_path: Path
) -> None:
    file = tmp_path / "soutien.sqlite3"
    parts = parts_over(f"sqlite:///{file}", {"NAME": str(file)})
    crash_again_and_again(parts, ("web", "worker", "web process"))
