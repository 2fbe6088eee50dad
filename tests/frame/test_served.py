"""The product as its users get it: granian, real settings, hashed and compressed files."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.migrated_once import PostgresCopy, SqliteCopy

from soutien.doors.cli.serve import free_port

pytestmark = pytest.mark.own_file
SOUTIEN = [sys.executable, "-m", "soutien.doors.cli.main"]
START_SECONDS = 30


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, tables_kept: SqliteCopy | PostgresCopy
) -> Iterator[str]:
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
    todo = [["collectstatic", "--noinput", "-v", "0"]]
    if not tables_kept.fill(f"sqlite:///{home}/soutien.sqlite3"):
        todo.append(["migrate", "-v", "0"])
    for words in todo:
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


def answered(address: str, message: bytes) -> bytes:
    """Everything that one connection is answered until the server closes it."""
    host, _colon, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 10) as line:
        line.sendall(message)
        return b"".join(iter(lambda: line.recv(65_536), b""))


HOST = b"Host: localhost\r\n"
SECOND = b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"Content-Length: 6\r\nContent-Length: 5",
        b"Content-Length: +6",
        b"Content-Length: 6,6",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: chunked, identity",
        b"X: a\rb",
    ],
)
def test_a_message_without_one_clear_end_is_refused(address: str, said: bytes) -> None:
    message = b"POST /connexion HTTP/1.1\r\n" + HOST + said + b"\r\n\r\n0\r\n\r\n" + SECOND
    answer = answered(address, message)
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1


def test_chunks_go_before_a_length_and_nothing_after_them_is_answered(address: str) -> None:
    """With both, what a proxy took for the body's end may be the start of somebody's request."""
    both = b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    answer = answered(address, b"POST /connexion HTTP/1.1\r\n" + HOST + both + SECOND)
    assert answer.count(b"HTTP/1.1 ") == 1, answer


def test_two_requests_on_one_line_are_answered_when_each_has_its_end(address: str) -> None:
    last = b"GET /health HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert answered(address, SECOND + last).count(b"HTTP/1.1 200") == 2


def test_trace_gives_nothing_back_and_no_directory_is_listed(address: str) -> None:
    end = b"X-Secret: abc123\r\nConnection: close\r\n\r\n"
    traced = answered(address, b"TRACE /aide HTTP/1.1\r\n" + HOST + end)
    assert traced.startswith(b"HTTP/1.1 405")
    assert b"abc123" not in traced
    for folder in (b"/static/", b"/static/soutien/", b"/static/soutien/fonts/"):
        listed = answered(address, b"GET " + folder + b" HTTP/1.1\r\n" + HOST + end)
        assert listed.startswith(b"HTTP/1.1 404"), folder
        assert b"woff2" not in listed.partition(b"<body")[2]


def test_a_hundred_megabytes_are_refused_within_a_second_and_not_read(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        began = time.monotonic()
        with socket.create_connection((host, int(port)), timeout=10) as direct:
            direct.sendall(
                b"POST /connexion HTTP/1.1\r\nHost: localhost\r\n"
                + f"Content-Type: {kind}\r\nContent-Length: {100 * 1024 * 1024}\r\n\r\n".encode()
                + b"x" * 65_536
            )
            answer = direct.recv(65_536)
        assert b" 413 " in answer.splitlines()[0]
        assert time.monotonic() - began < 1


def test_an_endless_body_without_a_length_is_not_waited_for(address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=10) as direct:
        direct.sendall(
            b"POST /connexion HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + b"400\r\n" + b"x" * 1024
        )
        answer = direct.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 4")
    assert time.monotonic() - began < 2


def own_certificate(home: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    files = home / "web.crt", home / "web.key"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def test_to_a_proxy_on_another_machine_nothing_is_said_in_clear(tmp_path: Path) -> None:
    certificate, key = own_certificate(tmp_path)
    environment = {
        "PATH": os.environ["PATH"],
        "SOUTIEN_HOME": str(tmp_path),
        "SOUTIEN_SECRET_KEY": "x" * 50,
        "SOUTIEN_SEALING_KEY": "y" * 50,
        "SOUTIEN_WARM_SECONDS": "0",
        "SOUTIEN_CERTIFICATE": str(certificate),
        "SOUTIEN_CERTIFICATE_KEY": str(key),
    }
    port = free_port("127.0.0.1", 0)
    assert port is not None
    process = subprocess.Popen(
        [*SOUTIEN, "serve", "--port", str(port), "--workers", "1"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"Soutien listens on https://127.0.0.1:{port}\n"
        url, trusting = f"https://127.0.0.1:{port}/robots.txt", ssl.create_default_context()
        with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
            answered_over_tls(url, trusting)
        trusting.load_verify_locations(certificate)
        # What the proxy said of the reader's address is HTTPS: our own line is, too.
        assert "User-agent" in answered_over_tls(url, trusting)
        with pytest.raises((OSError, HTTPException)):
            urlopen(url.replace("https", "http"), timeout=5)
        trusting.maximum_version = ssl.TLSVersion.TLSv1_2
        with pytest.raises(URLError):
            answered_over_tls(url, trusting)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=15)


def answered_over_tls(url: str, context: ssl.SSLContext) -> str:
    """The page, once the process answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(url, timeout=10, context=context) as response:
                return str(response.read().decode())
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
