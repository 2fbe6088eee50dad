"""One request, one line of the journal for each person it showed or touched.

``web/access.py`` says which steps an address takes. Those that touch somebody's data leave lines
by themselves; here they are gathered and written before the answer leaves. A test walks the
addresses: one that touches somebody's data and leaves no line fails it, and one that leaves two.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from soutien.doors import counters
from soutien.doors.web.access import ACCESS
from soutien.doors.web.actors import actor_of
from soutien.steps import trace

REFUSED_BY_STATUS = {403, 404}


def event_of(route: str) -> str:
    """What an address asks of somebody's data, as the journal calls it; nothing when nothing."""
    access = ACCESS.get(route)
    steps = (*access.reads, *access.writes) if access else ()
    return next((trace.EVENTS[step] for step in steps if step in trace.EVENTS), "")


class JournalMiddleware:
    """Writes what a request looked at before its answer leaves; no answer without its trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with trace.gathering() as gathered:
            answer = self.get_response(request)
            if answer.status_code in REFUSED_BY_STATUS and not gathered.anything:
                _refused_at_the_door(request)
        for line in (*gathered.done, *gathered.to_write()):
            counters.add("soutien_events_total", event=line.event, result=line.result)
        return answer


def _refused_at_the_door(request: HttpRequest) -> None:
    """Somebody signed in asked for a page that was not for them: that is told too."""
    place = request.resolver_match
    event = event_of(place.url_name or "") if place else ""
    if place is None or not event:
        return
    actor = actor_of(request)
    # A link's token opens things: it is never written down.
    named = next((value for value in place.kwargs.values() if isinstance(value, uuid.UUID)), "")
    if actor.account_id is not None:
        trace.refused_at_the_door(actor, event, at=timezone.now(), object_id=named)
