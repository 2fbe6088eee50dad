"""Reading another calendar by its address, without becoming anybody's way into our network.

Only https, only public addresses (and only hosts the operator lists, when there is a list),
checked for each host that a redirect names and connected to as checked (a name that answers
differently the second time gains nothing). At most 2 MB, 20 seconds, three redirects. Plain http
goes to this machine only, and only when the caller allows it.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from soutien.doors.outside_address import AddressRefused, checked_address

LARGEST_BYTES = 2 * 1024 * 1024
SECONDS_EACH = 10
SECONDS_IN_ALL = 20
REDIRECTS_MOST = 3
CHUNK = 64 * 1024
NOT_MODIFIED = 304
# Networks that carry an IPv4 address in the last 32 bits of an IPv6 one (RFC 6052).
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class NotRead(Exception):
    """The calendar could not be read: a code, to be told to the psychologist."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the server gave; ``content`` is None when it says that nothing changed."""

    content: bytes | None
    etag: str


IP = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: IP) -> bool:
    """Whether an address belongs to the internet at large, whatever wraps it."""
    inner = _unwrapped(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast


def _unwrapped(address: IP) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside an IPv6 one, when there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def resolved(host: str, port: int, *, local: bool) -> str:
    """An address of the host that we may speak to. Raises NotRead.

    All its addresses must be public: a name that mixes them is up to something. With ``local``,
    those of this machine are allowed, and only those.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotRead("host_unknown") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise NotRead("host_unknown")
    allowed = all(address.is_loopback if local else is_public(address) for address in addresses)
    if not allowed:
        raise NotRead("address_private")
    return str(addresses[0])


class _CheckedConnection(http.client.HTTPConnection):
    """Connects to the address that was checked, and to no other."""

    local = True

    def connect(self) -> None:
        address = resolved(self.host, self.port, local=self.local)
        self.sock = socket.create_connection((address, self.port), self.timeout)


class _CheckedTLSConnection(http.client.HTTPSConnection):
    """The same, with a certificate for the name that was asked for."""

    def connect(self) -> None:
        address = resolved(self.host, self.port, local=False)
        raw = socket.create_connection((address, self.port), self.timeout)
        try:
            self.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=self.host)
        except OSError:
            raw.close()
            raise


class _Handler(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_CheckedTLSConnection, req)

    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_CheckedConnection, req)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect when its address may be read too; never from https to http."""

    max_redirections = REDIRECTS_MOST
    max_repeats = REDIRECTS_MOST

    def __init__(self, *, local: bool, hosts: Collection[str]) -> None:
        self.local, self.hosts = local, hosts

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        try:
            target = _checked(urljoin(req.full_url, newurl), local=self.local, hosts=self.hosts)
            if urlsplit(req.full_url).scheme == "https" and urlsplit(target).scheme != "https":
                raise NotRead("address_refused")
        except NotRead:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, target)  # type: ignore[arg-type]


def _checked(address: str, *, local: bool, hosts: Collection[str]) -> str:
    try:
        return checked_address(address, local=local, hosts=hosts)
    except AddressRefused as refused:
        raise NotRead(refused.code) from refused


def fetch(
    address: str, *, etag: str = "", local: bool = False, hosts: Collection[str] = ()
) -> Fetched:
    """The calendar at an address. Raises NotRead.

    ``local`` allows plain http, to this machine; ``hosts`` allows these alone, when there are any.
    """
    headers: Mapping[str, str] = {
        "Accept": "text/calendar",
        "Accept-Encoding": "identity",
        "User-Agent": "agenda",
        **({"If-None-Match": etag} if etag else {}),
    }
    request = urllib.request.Request(
        _checked(address, local=local, hosts=hosts), headers=dict(headers)
    )
    # Without a proxy: what a proxy would connect to cannot be checked from here.
    opener = urllib.request.OpenerDirector()
    for handler in (
        _Handler(),
        _Redirects(local=local, hosts=hosts),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    deadline = time.monotonic() + SECONDS_IN_ALL
    try:
        with opener.open(request, timeout=SECONDS_EACH) as answer:
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise NotRead("not_a_calendar")
            return Fetched(_content(answer, deadline), answer.headers.get("ETag", "")[:200])
    except urllib.error.HTTPError as error:
        with error:
            if error.code == NOT_MODIFIED and etag:
                return Fetched(None, etag)
            raise NotRead("server_refuses") from error
    except TimeoutError as error:
        raise NotRead("too_slow") from error
    except (OSError, http.client.HTTPException) as error:
        slow = isinstance(getattr(error, "reason", None), TimeoutError)
        raise NotRead("too_slow" if slow else "server_unreachable") from error


def _content(answer: Any, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := answer.read1(CHUNK):
        size += len(part)
        if size > LARGEST_BYTES:
            raise NotRead("too_large")
        if time.monotonic() > deadline:
            raise NotRead("too_slow")
        parts.append(part)
    return b"".join(parts)
