"""A virus scanner beside the product, in ClamAV's own words: what it refuses is not kept."""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests import factories as make
from tests.doors.web.documents.papers import NOW, a_pdf, sent

from soutien.doors import deployment_check, environment, scanner
from soutien.doors.deployment_check import GOOD, WRONG
from soutien.doors.environment import NO_SCANNER, Scanner, SettingError
from soutien.registers.accounts.models import Role
from soutien.registers.documents.models import Document
from soutien.steps.errors import Refusal

# What every scanner calls a virus, so that one may be tried: never whole in a file of ours.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(socketserver.BaseRequestHandler):
    """Reads INSTREAM and PING as clamd does; ``says`` answers something else instead."""

    says = b""
    read: list[bytes] = []

    def handle(self) -> None:
        command = self.taken(b"\0")
        if command == b"zPING\0":
            self.request.sendall(self.says or b"PONG\0")
            return
        assert command == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack(">I", self.exactly(4))[0]:
            content += self.exactly(length)
        self.read.append(content)
        found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.request.sendall(self.says or found)

    def taken(self, end: bytes) -> bytes:
        told = b""
        while not told.endswith(end):
            told += self.exactly(1)
        return told

    def exactly(self, count: int) -> bytes:
        told = b""
        while len(told) < count:
            piece = self.request.recv(count - len(told))
            assert piece
            told += piece
        return told


@contextlib.contextmanager
def clamd(path: Path, says: bytes = b"") -> Iterator[list[bytes]]:
    handler = type("Here", (Clamd,), {"says": says, "read": []})
    with socketserver.ThreadingUnixStreamServer(str(path), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler.read  # type: ignore[attr-defined]
        server.shutdown()


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> Path:
    settings.SCANNER = Scanner(str(tmp_path / "clamd"))
    return tmp_path / "clamd"


def code(content: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        scanner.scanned(content)
    return refused.value.code


def test_a_clean_file_passes_whole_and_a_virus_does_not(place: Path) -> None:
    large = bytes(range(256)) * 1000
    with clamd(place) as read:
        scanner.scanned(large)
        assert read == [large]
        assert code(b"before" + EICAR) == "document_infected"


@pytest.mark.parametrize(
    "says",
    [
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: OK but not really\0",
        b"x" * 5000,
        b"\0",
    ],
)
def test_what_is_not_a_clear_yes_lets_nothing_through(place: Path, says: bytes) -> None:
    with clamd(place, says):
        assert code(b"content") == "document_not_scanned"


def test_a_silent_scanner_lets_nothing_through(place: Path, settings: Any) -> None:
    assert code(b"content") == "document_not_scanned"
    settings.SCANNER = Scanner("", "127.0.0.1", 1)
    assert code(b"content") == "document_not_scanned"
    settings.SCANNER = NO_SCANNER
    scanner.scanned(EICAR)


@pytest.mark.django_db
def test_a_paper_with_a_virus_is_refused_and_not_kept(place: Path) -> None:
    who, browser = make.person(at=NOW), Client()
    browser.force_login(make.account(Role.PERSON, person=who))
    bad = a_pdf(b"(" + EICAR + b")")

    def add(content: bytes) -> Any:
        form = {"kind": "other", "file": sent(content, "application/pdf")}
        return browser.post("/mes-documents", form)

    refused = add(a_pdf())
    assert refused.status_code == 422
    assert "Nous ne pouvons pas vérifier ce fichier" in refused.content.decode()
    with clamd(place) as read:
        refused = add(bad)
        assert refused.status_code == 422
        assert "porte un virus" in refused.content.decode()
        assert not Document.objects.exists()
        assert add(a_pdf()).status_code == 302
        assert read == [bad, a_pdf()]
    assert Document.objects.count() == 1


def test_the_deployment_check_asks_it(place: Path, settings: Any) -> None:
    assert deployment_check.scanner_answers().state == WRONG
    with clamd(place):
        assert deployment_check.scanner_answers().state == GOOD
    with clamd(place.with_name("other"), b"no\0"):
        settings.SCANNER = Scanner(str(place.with_name("other")))
        assert deployment_check.scanner_answers().state == WRONG
    settings.SCANNER = NO_SCANNER
    assert deployment_check.scanner_answers().state == GOOD


def test_its_address_is_a_socket_or_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.scanner() == NO_SCANNER
    told = {
        "clamd:///run/clamav/clamd.ctl": Scanner("/run/clamav/clamd.ctl"),
        "clamd://scanner.internal": Scanner("", "scanner.internal", 3310),
        "clamd://10.0.0.5:9999": Scanner("", "10.0.0.5", 9999),
    }
    for url, read in told.items():
        monkeypatch.setenv("SOUTIEN_SCANNER", url)
        assert environment.scanner() == read
    for wrong in ("/run/clamd", "clamd://", "http://scanner", "clamd:"):
        monkeypatch.setenv("SOUTIEN_SCANNER", wrong)
        with pytest.raises(SettingError, match="not the address of a scanner"):
            environment.scanner()
