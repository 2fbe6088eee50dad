"""The outermost of what surrounds a page: its reference, its line in the log, what it cost."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from soutien.doors import counters
from soutien.doors.limits import from_trusted_proxy
from soutien.doors.logs import Asked, asked

log = logging.getLogger("soutien.access")

GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
# What a proxy says of who asks; from anybody else it is made up.
SAID_BY_PROXIES = (
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"),
    *("HTTP_X_FORWARDED_PORT", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_REQUEST_ID"),
)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Queries:
    """Counts what a request asks of the database, and how long it waits for it."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: Any, values: Any, many: Any, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, values, many, context)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - began


class RequestLog:
    """Gives each request a reference, and says when it ends: route, status, time, role."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not from_trusted_proxy(request):
            for name in SAID_BY_PROXIES:
                request.META.pop(name, None)
        given = request.headers.get("X-Request-ID", "")
        at_hand = Asked(given if GIVEN.fullmatch(given) else secrets.token_hex(8))
        token, began, queries = asked.set(at_hand), time.perf_counter(), Queries()
        try:
            with connection.execute_wrapper(queries):
                response = self.answer(request)
            self.close(request, response, time.perf_counter() - began, queries)
        finally:
            asked.reset(token)
        response["X-Request-ID"] = at_hand.reference
        return response

    def close(
        self, request: HttpRequest, response: HttpResponse, seconds: float, queries: Queries
    ) -> None:
        """Its line, and its part of the measures."""
        route = request.resolver_match.url_name if request.resolver_match else None
        method = request.method if request.method in METHODS else "other"
        if route is None:
            route = "static" if request.path.startswith(settings.STATIC_URL) else "none"
        counters.add_request(route, str(method), response.status_code, seconds)
        counters.add("soutien_database_queries_total", queries.count)
        counters.add("soutien_database_seconds_total", queries.seconds)
        measured = {
            "route": route,
            "method": method,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "database_ms": round(queries.seconds * 1000, 1),
            "role": role_of(request),
        }
        log.info("request", extra={"measured": measured})


def role_of(request: HttpRequest) -> str:
    """The role of who asked, when the page had to know it; never who."""
    user = getattr(request, "_cached_user", None)
    return str(getattr(user, "role", "") or "anonymous")
