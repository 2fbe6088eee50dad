"""What a monitor reads, in the text form of Prometheus: counts and lengths, about nobody.

Counts are summed over this machine's processes; what waits is asked of the database. Labels are
routes, statuses and events of our own code: their number is known beforehand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from soutien.doors import counters
from soutien.doors.limits import address_of
from soutien.registers.agenda import holds
from soutien.registers.outbox import queries as outbox

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = "soutien_request_seconds_bucket"
HELP = {
    "soutien_requests_total": "Requests answered, by route, method and status.",
    "soutien_request_seconds": "How long answers take, by route.",
    "soutien_database_queries_total": "Questions asked of the database.",
    "soutien_database_seconds_total": "Time spent waiting for the database.",
    "soutien_events_total": "What was done, looked at or refused, as the journal calls it.",
}


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for a monitor that gives the token or asks from a network of the settings; else 404.

    A database that does not answer is said too: the monitor must hear of it.
    """
    if not _may_read(request):
        raise Http404
    return HttpResponse("".join([*_counted(counters.summed()), *_asked()]), CONTENT_TYPE)


def _may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    token = settings.METRICS_TOKEN
    if token and compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    try:
        address = ip_address(address_of(request).partition("/")[0])
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_FROM)


def _counted(found: dict[str, float]) -> Iterator[str]:
    """Counts under their help; what is a histogram as one, its buckets adding up."""
    families: dict[str, list[tuple[str, float]]] = defaultdict(list)
    buckets: dict[str, dict[str, float]] = defaultdict(dict)
    for name, number in found.items():
        family = name.partition("{")[0]
        if family == BUCKETS:
            route, bound = name.split('"')[1::2]
            buckets[route][bound] = number
        elif family in HELP:
            families[family].append((name, number))
    for family in sorted(families):
        yield f"# HELP {family} {HELP[family]}\n# TYPE {family} counter\n"
        yield from (f"{name} {number:.10g}\n" for name, number in sorted(families[family]))
    yield from _histogram(buckets, found)


def _histogram(buckets: dict[str, dict[str, float]], found: dict[str, float]) -> Iterator[str]:
    family = BUCKETS.removesuffix("_bucket")
    yield f"# HELP {family} {HELP[family]}\n# TYPE {family} histogram\n"
    for route in sorted(buckets):
        total = 0.0
        for bound in (*map(str, counters.BOUNDS), "+Inf"):
            total += buckets[route].get(bound, 0)
            yield f'{family}_bucket{{route="{route}",le="{bound}"}} {total:.10g}\n'
        seconds = found.get(f'{family}_sum{{route="{route}"}}', 0)
        yield f'{family}_sum{{route="{route}"}} {seconds:.10g}\n'
        yield f'{family}_count{{route="{route}"}} {total:.10g}\n'


def _asked() -> Iterator[str]:
    """What waits just now, for all machines together."""
    at = timezone.now()
    try:
        waiting = outbox.waiting().filter(deliver_after__lte=at)
        oldest = waiting.order_by("deliver_after").values_list("deliver_after", flat=True).first()
        gauges = {
            "soutien_outbox_due": (waiting.count(), "Letters due and not delivered."),
            "soutien_outbox_oldest_seconds": (
                (at - oldest).total_seconds() if oldest else 0,
                "How long the oldest of them has been due.",
            ),
            "soutien_outbox_parked": (len(outbox.parked()), "Letters nobody tries any more."),
            "soutien_holds": (holds.live_holds(at), "Times kept for people who are booking."),
        }
        up = 1
    except Error:
        gauges, up = {}, 0
    yield "# HELP soutien_database_up Whether the database answers.\n"
    yield f"# TYPE soutien_database_up gauge\nsoutien_database_up {up}\n"
    for name, (number, words) in gauges.items():
        yield f"# HELP {name} {words}\n# TYPE {name} gauge\n{name} {number:.10g}\n"
