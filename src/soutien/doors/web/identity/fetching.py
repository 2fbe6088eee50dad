"""Asking a provider: its own hosts only, https only, one answer, small and soon.

No redirect is followed and no proxy is used: what was checked is what is connected to. An answer
has a length and an hour beyond which it is not waited for, whatever it drips.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity.wrong import WrongAnswer

LARGEST_BYTES = 64 * 1024
SECONDS_IN_ALL = 5.0
OK = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: its status, its kind without parameters, and its bytes."""

    status: int
    kind: str
    body: bytes


def checked_endpoint(provider: Provider, address: str) -> str:
    """The address, when it is on one of the provider's hosts. Raises WrongAnswer."""
    parts = urlsplit(address)
    plain = parts.scheme == "http" and provider.local
    if (
        (parts.scheme != "https" and not plain)
        or parts.netloc.lower() not in provider.netlocs
        or parts.fragment
        or not address.isascii()
        or any(character <= " " for character in address)
    ):
        raise WrongAnswer("endpoint_elsewhere")
    return address


def fetch(
    provider: Provider,
    method: str,
    address: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    seconds: float | None = None,
) -> Reply:
    """One request, one answer. Raises WrongAnswer; what the provider says is not judged here."""
    seconds = SECONDS_IN_ALL if seconds is None else seconds
    parts = urlsplit(checked_endpoint(provider, address))
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, seconds)
    sent = {"Accept-Encoding": "identity", "User-Agent": "soutien", "Connection": "close"}
    try:
        with _ended_after(connection, seconds) as ended:
            connection.connect()
            ended.line = connection.sock
            connection.request(method, path or "/", body=body, headers={**sent, **headers})
            answer = connection.getresponse()
            content = answer.read(LARGEST_BYTES + 1)
            if ended.came:
                raise WrongAnswer("too_slow", silent=True)
    except TimeoutError as error:
        raise WrongAnswer("too_slow", silent=True) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if ended.came:
            raise WrongAnswer("too_slow", silent=True) from error
        raise WrongAnswer("unreachable", silent=True) from error
    finally:
        connection.close()
    if len(content) > LARGEST_BYTES:
        raise WrongAnswer("too_large")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise WrongAnswer("encoded")
    return Reply(answer.status, answer.headers.get_content_type(), content)


def _connection(
    scheme: str, host: str, port: int | None, seconds: float
) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    return http.client.HTTPConnection(host, port, timeout=seconds)


@dataclass(slots=True)
class _End:
    """Whether the time is over; ``line`` is what is cut then."""

    line: socket.socket | None = None
    came: bool = False


@contextlib.contextmanager
def _ended_after(connection: http.client.HTTPConnection, seconds: float) -> Iterator[_End]:
    """Cut the line after so many seconds: one byte at a time never outlasts it."""
    end = _End()

    def cut() -> None:
        end.came = True
        line = end.line or connection.sock
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield end
    finally:
        timer.cancel()
