"""The check of the lock file against known weaknesses, against a service of our own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.house.sources import ROOT
from tools import weaknesses
from tools.weaknesses import Locked

LOCK = """
version = 1
[[package]]
name = "soutien"
version = "0.1.0"
source = { editable = "." }
[[package]]
name = "left-pad"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "right-pad"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
"""
# As osv.dev answers: one weakness under two names, one withdrawn, one on a second page.
FOUND: dict[str, list[str]] = {"left-pad": ["PYSEC-1", "GHSA-1", "PYSEC-9"], "right-pad": []}
SECOND_PAGE = {"right-pad": ["PYSEC-2"]}
TOLD: dict[str, dict[str, Any]] = {
    "PYSEC-1": {
        "aliases": ["CVE-2026-1", "GHSA-1"],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": "left-pad"},
                "ranges": [
                    {"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "abcdef"}]},
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]},
                ],
            }
        ],
    },
    "GHSA-1": {"aliases": ["CVE-2026-1"], "summary": "Pads on the wrong side", "affected": []},
    "PYSEC-9": {"withdrawn": "2026-01-01T00:00:00Z"},
    "PYSEC-2": {"summary": "Pads for ever"},
}
TOLD["GHSA-1"]["affected"] = TOLD["PYSEC-1"]["affected"]


class Service(BaseHTTPRequestHandler):
    """Answers like OSV."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.answer(
            {"results": [*map(self.result, json.loads(self.rfile.read(length))["queries"])]}
        )

    def result(self, query: dict[str, Any]) -> dict[str, Any]:
        name, later = query["package"]["name"], "page_token" in query
        ids = (SECOND_PAGE if later else FOUND)[name]
        told: dict[str, Any] = {"vulns": [{"id": one} for one in ids]} if ids else {}
        return told | ({} if later or name not in SECOND_PAGE else {"next_page_token": "more"})

    def do_GET(self) -> None:
        self.answer(TOLD[self.path.rpartition("/")[2]])

    def answer(self, told: Any) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_every_package_of_the_lock_is_asked_about_and_we_are_not() -> None:
    packages = weaknesses.locked((ROOT / "uv.lock").read_text())
    assert "django" in {package.name for package in packages}
    assert "soutien" not in {package.name for package in packages}
    assert weaknesses.locked(LOCK) == [Locked("left-pad", "1.0"), Locked("right-pad", "2.0")]


def test_what_is_known_is_told_once_with_what_mends_it(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "uv.lock").write_text(LOCK)
    assert weaknesses.main(["--service", service, "--lock", str(tmp_path / "uv.lock")]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "left-pad 1.0  CVE-2026-1, GHSA-1, PYSEC-1  mended in 1.1: Pads on the wrong side",
        "right-pad 2.0  PYSEC-2  mended in no version yet: Pads for ever",
        "2 packages, 2 known weaknesses.",
    ]


def test_nothing_known_is_code_0(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FOUND, "left-pad", [])
    monkeypatch.delitem(SECOND_PAGE, "right-pad")
    (tmp_path / "uv.lock").write_text(LOCK)
    assert weaknesses.main(["--service", service, "--lock", str(tmp_path / "uv.lock")]) == 0


def test_without_the_network_it_says_so_and_not_that_all_is_well(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert weaknesses.main(["--service", "http://127.0.0.1:1"]) == 2
    told = capsys.readouterr()
    assert "nothing is known either way" in told.err
    assert "0 known" not in told.out


@pytest.mark.parametrize("answer", [{}, {"results": []}, {"results": "none"}])
def test_an_answer_of_another_shape_is_not_taken_for_all_is_well(
    service: str, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    monkeypatch.setattr(Service, "do_POST", lambda self: Service.answer(self, answer))
    assert weaknesses.main(["--service", service]) == 2
