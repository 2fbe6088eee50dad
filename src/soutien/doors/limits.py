"""How often something may be tried: counted in the database, so for all processes together.

A limit never locks anybody out: it says when to try again, and a try that came too early does
not make the wait longer. Keys are digests: the counters hold no address and no account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from soutien.doors.days import clock
from soutien.registers.limits import queries as limits
from soutien.steps.errors import Refusal

# One household has one such network.
IPV6_PREFIX = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many tries in each stretch of ``period``."""

    name: str
    most: int
    period: timedelta


def spend(limit: Limit, who: str, *, at: datetime) -> None:
    """Count a try. Raises Refusal(too_often), with when to try again, when it is one too many."""
    if limits.count(limit.name, _key(limit, who), period=limit.period, at=at) > limit.most:
        _began_at, ends_at = limits.stretch(limit.period, at)
        seconds = int((ends_at - at).total_seconds()) + 1
        raise Refusal("too_often", again=clock(_next_minute(ends_at)), seconds=seconds)


def forgive(limit: Limit, who: str) -> None:
    """Forget the tries: they turned out to be their owner's."""
    limits.forget(limit.name, _key(limit, who))


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as far as we can tell: its address, or its IPv6 network.

    Behind proxies of ours, what the last of them that is not ours was told; anything before may
    be made up.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if from_trusted_proxy(request):
        told = [part.strip() for part in request.headers.get("X-Forwarded-For", said).split(",")]
        said = next((part for part in reversed(told) if not is_proxy(part)), told[0])
    try:
        address = ip_address(said)
    except ValueError:
        return said
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)


def from_trusted_proxy(request: HttpRequest) -> bool:
    """Whether a proxy of ours handed the request over: only then its headers are believed."""
    if not settings.BEHIND_PROXY:
        return False
    return not settings.PROXIES or is_proxy(request.META.get("REMOTE_ADDR", ""))


def is_proxy(said: str) -> bool:
    """Whether an address is one of SOUTIEN_PROXY_ADDRESSES."""
    try:
        address = ip_address(said)
    except ValueError:
        return False
    return any(address in network for network in settings.PROXIES)


def _key(limit: Limit, who: str) -> str:
    return salted_hmac(f"soutien.limits.{limit.name}", who, algorithm="sha256").hexdigest()


def _next_minute(moment: datetime) -> datetime:
    """A minute that has begun by then: nobody comes back some seconds too early."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
