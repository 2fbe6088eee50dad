"""A calendar elsewhere is read from the internet at large only, within bounds."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from soutien.doors.couriers import outside
from soutien.doors.couriers.outside import NotRead, fetch, is_public
from soutien.doors.outside_address import AddressRefused, checked_address

FILE = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"
Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def server() -> Iterator[dict[str, Any]]:
    """A server on this machine; ``answers`` says what each path does, ``seen`` what was asked."""
    answers: dict[str, Answer] = {}
    seen: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, dict(self.headers)))
            answers[self.path](self)

        def log_message(self, *args: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{running.server_port}"
    yield {"answers": answers, "seen": seen, "address": address, "port": running.server_port}
    running.shutdown()
    running.server_close()
    thread.join()


def gives(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def trouble(address: str, **words: Any) -> str:
    with pytest.raises(NotRead) as caught:
        fetch(address, **words)
    return str(caught.value)


def test_a_calendar_is_read_and_asked_again_by_its_etag(server: dict[str, Any]) -> None:
    server["answers"]["/a.ics"] = gives(FILE, ETag='"v1"')
    found = fetch(f"{server['address']}/a.ics", local=True)
    assert (found.content, found.etag) == (FILE, '"v1"')
    server["answers"]["/a.ics"] = gives(b"", 304)
    assert fetch(f"{server['address']}/a.ics", etag='"v1"', local=True).content is None
    assert server["seen"][-1][1]["If-None-Match"] == '"v1"'
    assert "soutien" not in str(server["seen"]).lower()


def test_nothing_of_this_machine_is_read_unless_allowed(server: dict[str, Any]) -> None:
    server["answers"]["/a.ics"] = gives(FILE)
    assert trouble(f"{server['address']}/a.ics") == "address_not_https"
    for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433", "0x7f.1"):
        assert trouble(f"https://{host}:{server['port']}/a.ics") == "address_private"
    assert server["seen"] == []


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("127.0.0.53", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fd00::1"),
        *("fe80::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
        *("64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "2002:a00:1::", "2002:7f00:1::"),
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
)
def test_private_addresses_are_private_however_they_are_wrapped(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_public(ipaddress.ip_address(address))
    entry = (2, 1, 6, "", (address, 443))
    monkeypatch.setattr(outside.socket, "getaddrinfo", lambda *a, **k: [entry])
    assert trouble("https://calendar.example/a.ics") == "address_private"


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = [(2, 1, 6, "", (host, 443)) for host in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(outside.socket, "getaddrinfo", lambda *a, **k: entries)
    assert trouble("https://calendar.example/a.ics") == "address_private"


def test_a_name_that_changes_its_answer_is_connected_to_as_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["8.8.8.8", "127.0.0.1"])
    connected = []

    def resolve(*args: Any, **words: Any) -> list[Any]:
        return [(2, 1, 6, "", (next(answers), 443))]

    def connect(address: tuple[str, int], *args: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outside.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outside.socket, "create_connection", connect)
    assert trouble("https://calendar.example/a.ics") == "server_unreachable"
    assert connected == [("8.8.8.8", 443)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("https://10.0.0.1/a.ics", "address_private"),
        ("https://169.254.169.254/latest/meta-data", "address_private"),
        ("http://example.org/a.ics", "address_not_https"),
        ("file:///etc/passwd", "server_refuses"),
        ("ftp://example.org/a.ics", "address_not_https"),
        ("gopher://127.0.0.1:25/", "server_refuses"),
        ("https://me:secret@example.org/a.ics", "address_refused"),
    ],
)
def test_a_redirect_leads_nowhere_that_could_not_be_asked_for(
    server: dict[str, Any], target: str, expected: str
) -> None:
    server["answers"]["/a.ics"] = gives(b"", 302, Location=target)
    assert trouble(f"{server['address']}/a.ics", local=True) == expected
    assert len(server["seen"]) == 1


def test_a_redirect_to_the_same_calendar_elsewhere_is_followed(server: dict[str, Any]) -> None:
    server["answers"]["/a.ics"] = gives(b"", 301, Location="/b.ics")
    server["answers"]["/b.ics"] = gives(FILE)
    assert fetch(f"{server['address']}/a.ics", local=True).content == FILE


def test_only_hosts_that_the_operator_lists_are_asked(server: dict[str, Any]) -> None:
    server["answers"]["/a.ics"] = gives(b"", 302, Location="https://example.org/a.ics")
    mine = f"{server['address']}/a.ics"
    assert trouble(mine, local=True, hosts=["example.org"]) == "address_not_listed"
    assert not server["seen"]
    assert trouble(mine, local=True, hosts=["127.0.0.1", "ample.org"]) == "address_not_listed"
    assert len(server["seen"]) == 1
    listed = checked_address("https://a.example.org/x.ics", hosts=["example.org"])
    assert listed == "https://a.example.org/x.ics"


def test_redirects_in_a_circle_end(server: dict[str, Any]) -> None:
    server["answers"]["/a.ics"] = gives(b"", 302, Location="/a.ics")
    assert trouble(f"{server['address']}/a.ics", local=True) == "server_refuses"
    assert len(server["seen"]) <= outside.REDIRECTS_MOST + 2


def test_a_calendar_that_is_too_large_is_left(server: dict[str, Any]) -> None:
    server["answers"]["/a.ics"] = gives(b"x" * (outside.LARGEST_BYTES + 1))
    assert trouble(f"{server['address']}/a.ics", local=True) == "too_large"


def test_a_compressed_answer_is_left(server: dict[str, Any]) -> None:
    server["answers"]["/a.ics"] = gives(b"\x1f\x8b", Content_Encoding="gzip")
    assert trouble(f"{server['address']}/a.ics", local=True) == "not_a_calendar"


def test_a_server_that_drips_is_left(
    server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _byte in range(40):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    server["answers"]["/a.ics"] = drip
    monkeypatch.setattr(outside, "SECONDS_IN_ALL", 0.3)
    started = time.monotonic()
    assert trouble(f"{server['address']}/a.ics", local=True) == "too_slow"
    assert time.monotonic() - started < 1.5


def test_a_silent_server_is_left(server: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    server["answers"]["/a.ics"] = lambda handler: time.sleep(0.5)
    monkeypatch.setattr(outside, "SECONDS_EACH", 0.2)
    assert trouble(f"{server['address']}/a.ics", local=True) == "too_slow"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 500, 304])
def test_a_refusal_is_told_as_one(server: dict[str, Any], status: int) -> None:
    server["answers"]["/a.ics"] = gives(b"", status)
    assert trouble(f"{server['address']}/a.ics", local=True) == "server_refuses"


def test_a_host_that_does_not_exist_is_told_as_one() -> None:
    assert trouble("https://no-such-host.invalid/a.ics") == "host_unknown"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("webcal://example.org/a.ics", "https://example.org/a.ics"),
        (" https://example.org/a b.ics?x=é ", "refused"),
        ("https://example.org/é.ics?x=1&y=2", "https://example.org/%C3%A9.ics?x=1&y=2"),
        ("https://example.org:8443/a.ics", "https://example.org:8443/a.ics"),
        ("https://example.org:25/a.ics", "refused"),
        ("https://example.org:99999/a.ics", "refused"),
        ("https://user:word@example.org/a.ics", "refused"),
        ("https://example.org\r\nHost: x/", "refused"),
        ("https://[::1", "refused"),
        ("https://", "refused"),
        ("", "refused"),
        ("x" * 5000, "refused"),
        ("javascript:alert(1)", "refused"),
        ("http://localhost/a.ics", "refused"),
        ("file:///etc/passwd", "refused"),
    ],
)
def test_what_may_be_asked_at_all(given: str, expected: str) -> None:
    if expected == "refused":
        with pytest.raises(AddressRefused):
            checked_address(given)
    else:
        assert checked_address(given) == expected
