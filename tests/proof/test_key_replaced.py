"""A sealing key is replaced by the commands while two web processes go on, none restarted.

Every page answers, shows the names it must, and what is booked meanwhile is there at the end.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests import factories
from tests.proof import served, town
from tests.proof.clients import Browser, account_session
from tests.proof.served import SOUTIEN, Product

from soutien.registers.audit import reading
from soutien.registers.audit.models import Entry
from soutien.registers.people.models import Person
from soutien.sealing import chain, keyring, rotation
from soutien.sealing.columns import uses
from soutien.sealing.keyfile import KeyFile, read_key_file, write_key_file

pytestmark = pytest.mark.postgres_only

FORMER = "the key of the first day, long enough"
DAY = timedelta(days=1)
BOOKED_BEFORE, BOOKED_MEANWHILE, PEOPLE = 3, 12, 300
NEW = "Nouvelle"


def key_id(secret: str) -> str:
    return keyring.key_of(secret).key_id.hex()


@pytest.fixture
def key_file(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One key file for the web processes, the commands and the test itself."""
    path = tmp_path / "keys"
    write_key_file(path, KeyFile([FORMER], []))
    settings.SEALING_KEY_FILE = str(path)
    environment_of = served.environment_of

    def with_file(url: str, home: Path) -> dict[str, str]:
        given = environment_of(url, home) | {"SOUTIEN_SEALING_KEY_FILE": str(path)}
        # What the tests chained before is still proved; from now on the journal follows the file.
        given["SOUTIEN_JOURNAL_KEYS_OLD"] = given.pop("SOUTIEN_SEALING_KEY")
        return given

    monkeypatch.setattr(served, "environment_of", with_file)
    return path


def keys(product: Product, *words: str) -> str:
    """One of the commands on keys, as an operator calls it."""
    done = subprocess.run(
        [*SOUTIEN, "keys", *words],
        env=served.environment_of(product.url, product.home) | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Practice:
    """A psychologist with appointments, some made before and some to make meanwhile."""

    def __init__(self) -> None:
        self.where, self.now = town.room(), timezone.now()
        self.names = [f"Prénom{number}" for number in range(BOOKED_BEFORE + BOOKED_MEANWHILE)]
        self.people = [self._insured(name) for name in self.names]
        for _number in range(PEOPLE):
            factories.person(at=self.now)
        self.slots = [
            self.where.free(self.now + (1 + number) * DAY, 1)[0]
            for number in range(len(self.people))
        ]
        for number in range(BOOKED_BEFORE):
            self.book(number)

    def _insured(self, name: str) -> Person:
        who = factories.person(at=self.now, given_name=name, with_nir=True)
        factories.affiliation(who, valid_from=town.OPENED)
        factories.cover(who, valid_from=town.OPENED)
        return who

    def book(self, number: int) -> None:
        town.booked(self.where, self.people[number], self.slots[number], "evaluation", self.now)

    @property
    def pages(self) -> list[tuple[str, str]]:
        """Pages of the psychologist, each with a name it must show."""
        days = [f"/cabinet/{slot.starts_at:%Y-%m-%d}" for slot in self.slots[:BOOKED_BEFORE]]
        return list(zip(days, self.names, strict=False))


class Meanwhile:
    """Pages read at both processes, and appointments made, until it is told to stop."""

    def __init__(self, practice: Practice, browsers: list[Browser]) -> None:
        self.practice, self.browsers = practice, browsers
        self.until, self.read, self.wrong = threading.Event(), 0, list[str]()
        self.reader = threading.Thread(target=self._reads)
        self.booker = threading.Thread(target=self._books)

    def _reads(self) -> None:
        for browser, (page, name) in zip(
            cycle(self.browsers), cycle(self.practice.pages), strict=False
        ):
            if self.until.is_set():
                return
            answer = browser.get(page)
            self.read += 1
            if answer.status != 200 or name not in answer.body:
                self.wrong.append(f"{page}: {answer.status}")

    def _books(self) -> None:
        try:
            for number in range(BOOKED_BEFORE, len(self.practice.people)):
                self.practice.book(number)
                added = factories.person(at=self.practice.now, given_name=NEW, with_nir=True)
                if factories.reread(added).given_name != NEW:
                    self.wrong.append(f"{added.pk} is not who it was")
        except Exception as error:
            self.wrong.append(repr(error))
        finally:
            connection.close()

    def read_more(self, pages: int) -> None:
        """Return when so many more pages were read, or one was wrong."""
        before = self.read
        while self.read < before + pages and not self.wrong:
            time.sleep(0.05)


@contextmanager
def in_use(product: Product, practice: Practice) -> Iterator[Meanwhile]:
    """Two processes that are read from, and written beside, while the block runs."""
    session = account_session(practice.where.account())
    browsers = [Browser(product.start(), session=session) for _process in range(2)]
    meanwhile = Meanwhile(practice, browsers)
    for browser in browsers:
        browser.take_token()
    meanwhile.reader.start()
    meanwhile.booker.start()
    try:
        yield meanwhile
    finally:
        meanwhile.until.set()
        meanwhile.reader.join(timeout=60)
        meanwhile.booker.join(timeout=300)
        for browser in browsers:
            browser.close()


def test_a_key_is_replaced_while_two_processes_answer(
    new_product: Callable[..., Product], key_file: Path
):
    product = new_product()
    practice = Practice()
    with in_use(product, practice) as meanwhile:
        keys(product, "new", "--file", str(key_file))
        later = read_key_file(key_file).live[1]
        keys(product, "use", key_id(later))
        keys(product, "rotate", "--json")
        meanwhile.booker.join(timeout=300)
        keys(product, "rotate", "--json")
        keys(product, "retire", key_id(FORMER))
        meanwhile.read_more(6)
    assert meanwhile.wrong == []
    assert meanwhile.read > 10
    assert {use.key_id.hex() for use in uses()} == {key_id(later)}
    assert sum(rotation.to_do().values()) == 0
    assert reading.verify().damages == ()
    chained = set(map(bytes, Entry.objects.values_list("key_id", flat=True)))
    assert {chain.chain_key(secret).key_id for secret in (FORMER, later)} <= chained
    told = {person.given_name for person in Person.objects.all()}
    assert {*practice.names, NEW} <= told
    assert Person.objects.count() == len(practice.people) + PEOPLE + BOOKED_MEANWHILE


def test_twin_with_the_former_key_gone_too_early_pages_fail(
    new_product: Callable[..., Product], key_file: Path
):
    product = new_product(may_fail=True)
    practice = Practice()
    with in_use(product, practice) as meanwhile:
        meanwhile.booker.join(timeout=300)
        write_key_file(key_file, KeyFile(["another key altogether, long enough"], [FORMER]))
        deadline = time.monotonic() + 60
        while not meanwhile.wrong and time.monotonic() < deadline:
            time.sleep(0.05)
    assert any(said.endswith(": 500") for said in meanwhile.wrong)
