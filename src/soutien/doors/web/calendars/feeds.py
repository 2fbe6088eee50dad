"""Appointments read again and again by a calendar, at a private address.

A reading leaves no trace: a calendar asks every hour, for times its owner knows. Opening the
address and taking it back do (steps/share.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from soutien.doors.appointments import (
    CANCELLED,
    appointment_of,
    changed_moments,
    visit_of,
)
from soutien.doors.calendar_file import CONTENT_TYPE, Appointment, feed_file
from soutien.registers.agenda import queries as agenda
from soutien.registers.calendars import queries as calendars
from soutien.registers.calendars.models import Feed

BEHIND = timedelta(days=60)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """One's own appointments, for a calendar elsewhere; 404 once the address is taken back."""
    found = calendars.feed_by_token(token)
    if found is None:
        raise Http404
    with override(found.language):
        content, changed_at = _content(found, timezone.now())
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    # A private address: kept by its calendar, and by nothing on the way or that searches.
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed_at.timestamp())
    unchanged = get_conditional_response(
        request, etag=etag, last_modified=int(changed_at.timestamp()), response=response
    )
    return unchanged or response


def _content(found: Feed, now: datetime) -> tuple[bytes, datetime]:
    """The file, and the last change of anything in it or taken out of it."""
    bookings = agenda.of_feed(
        since=now - BEHIND, psychologist_id=found.psychologist_id, person_id=found.person_id
    )
    moments = changed_moments(bookings)
    shown: list[Appointment] = []
    for booking in bookings:
        if booking.status == CANCELLED:
            continue
        if found.psychologist_id is not None:
            shown.append(visit_of(booking, changed_at=moments[booking.pk]))
        else:
            discreet = booking.person is not None and booking.person.discreet
            shown.append(
                appointment_of(booking, changed_at=moments[booking.pk], discreet=discreet)
            )
    changed_at = max([found.created_at, *moments.values()])
    return feed_file(shown, title=_("Rendez-vous")), changed_at
