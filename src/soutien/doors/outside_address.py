"""The address of a calendar elsewhere, as a psychologist gives it: what may be asked at all.

Whether its host is on the internet at large is checked when it is read.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote, urlsplit, urlunsplit

LONGEST = 2000
HIGHEST_RESERVED_PORT = 1023
HTTPS_PORT = 443
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class AddressRefused(Exception):
    """The address may not be asked; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def checked_address(text: str, *, local: bool = False, hosts: Collection[str] = ()) -> str:
    """The address to read, ``webcal:`` made ``https:``. Raises AddressRefused.

    With ``local``, plain http to this machine is allowed, at any port. With ``hosts``, these
    alone and the names under them: whatever the operator lets us speak to.
    """
    text = text.strip()
    if not text or len(text) > LONGEST or any(ord(character) < ord("!") for character in text):
        raise AddressRefused("address_refused")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused("address_refused") from error
    scheme = "https" if parts.scheme in {"webcal", "webcals"} else parts.scheme
    if scheme not in {"http", "https"}:
        raise AddressRefused("address_not_https")
    if not host or parts.username or parts.password:
        raise AddressRefused("address_refused")
    if hosts and not any(host == one or host.endswith(f".{one}") for one in hosts):
        raise AddressRefused("address_not_listed")
    if scheme == "http" and not (local and host in THIS_MACHINE):
        raise AddressRefused("address_not_https")
    if scheme == "https" and port and port != HTTPS_PORT and port <= HIGHEST_RESERVED_PORT:
        raise AddressRefused("address_refused")
    safe = "/%:@!$&'()*+,;=~-._"
    return urlunsplit(
        (scheme, parts.netloc, quote(parts.path, safe), quote(parts.query, f"{safe}?/"), "")
    )
