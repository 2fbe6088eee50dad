"""The product as its users get it: granian, real settings, hashed and compressed files."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from soutien.doors.cli.serve import free_port

SOUTIEN = [sys.executable, "-m", "soutien.doors.cli.main"]
START_SECONDS = 30


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A served product on an empty SQLite database; it must stop when told to."""
    home = tmp_path_factory.mktemp("served")
    environment = {
        "PATH": os.environ["PATH"],
        "SOUTIEN_HOME": str(home),
        "SOUTIEN_SECRET_KEY": "x" * 50,
        "SOUTIEN_SEALING_KEY": "y" * 50,
        "SOUTIEN_HTTPS": "0",
        "SOUTIEN_LOG_LEVEL": "INFO",
    }
    for words in (["migrate", "-v", "0"], ["collectstatic", "--noinput", "-v", "0"]):
        subprocess.run([*SOUTIEN, "manage", *words], env=environment, cwd=home, check=True)
    port = free_port("127.0.0.1", 0)
    log = home / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [*SOUTIEN, "serve", "--port", str(port), "--workers", "1"],
            env=environment,
            cwd=home,
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, log)
        yield url
        wait_for_agendas(log)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(15)
    assert "Traceback" not in log.read_text(), log.read_text()


def wait_for(url: str, log: Path) -> None:
    """Returns when the server answers; fails with its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urlopen(f"{url}/health").close()
            return
        except URLError:
            time.sleep(0.1)
    pytest.fail(f"No answer within {START_SECONDS} s:\n{log.read_text()}")


def wait_for_agendas(log: Path) -> None:
    """The process that serves has read the agendas ahead, and says so."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if "Agendas of 0 places of 0 are ready" in log.read_text():
            return
        time.sleep(0.1)
    pytest.fail(f"No agendas within {START_SECONDS} s:\n{log.read_text()}")


def test_the_served_product_is_well(address: str) -> None:
    with urlopen(f"{address}/health") as response:
        answer = json.load(response)
    assert answer["status"] == "ok"
    assert answer["database"]["engine"] == "sqlite"


def test_the_style_sheet_is_hashed_compressed_and_kept_for_a_year(address: str) -> None:
    with urlopen(f"{address}/") as response:
        page = response.read().decode()
        assert response.headers["Content-Security-Policy"]
    [sheet] = set(re.findall(r'href="(/static/[^"]+\.css)"', page))
    asked = Request(f"{address}{sheet}", headers={"Accept-Encoding": "br"})
    with urlopen(asked) as response:
        assert response.headers["Content-Encoding"] == "br"
        assert "immutable" in response.headers["Cache-Control"]
    assert re.search(r"\.[0-9a-f]{12}\.css$", sheet)
