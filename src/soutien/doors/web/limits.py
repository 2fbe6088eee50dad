"""How often something may be tried: counted in the database, so for all processes together.

A limit never locks anybody out: it says when to try again, and a try that came too early does
not make the wait longer. Keys are digests: the counters hold no address and no account.

    @limited(SEARCHES)
    def find(request): ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from soutien.doors.days import clock, in_french
from soutien.registers.limits import queries as limits
from soutien.steps.errors import Refusal

View = Callable[..., HttpResponse]
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

    Behind a proxy, what the proxy itself wrote last; anything before may be made up.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        said = request.headers.get("X-Forwarded-For", said).rpartition(",")[2].strip()
    try:
        address = ip_address(said)
    except ValueError:
        return said
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return str(address)


def limited(limit: Limit, *, methods: tuple[str, ...] = ("GET", "HEAD", "POST")) -> Any:
    """A view that one address may ask for so often; then a page says when to try again."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method in methods:
                try:
                    spend(limit, address_of(request), at=timezone.now())
                except Refusal as refusal:
                    return too_often(request, refusal)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def too_often(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page that says when to try again, and machines in a header."""
    lang = "fr" if in_french() else "en"
    answer = render(
        request,
        "soutien/signing_in/too_often.html",
        {
            "sentence": refusal.sentence(lang),
            "remedy": refusal.remedy(lang),
            "reference": refusal.reference,
        },
        status=refusal.http_status,
    )
    answer["Retry-After"] = str(refusal.context["seconds"])
    return answer


def _key(limit: Limit, who: str) -> str:
    return salted_hmac(f"soutien.limits.{limit.name}", who, algorithm="sha256").hexdigest()


def _next_minute(moment: datetime) -> datetime:
    """A minute that has begun by then: nobody comes back some seconds too early."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)
