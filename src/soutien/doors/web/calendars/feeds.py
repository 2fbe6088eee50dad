"""Appointments read again and again by a calendar, at a private address.

A reading that gives something leaves a line in the journal. Asked again when nothing changed
(304), a calendar is given nothing, and nothing is written.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
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
from soutien.doors.in_clear import came_in_clear
from soutien.registers.agenda import queries as agenda
from soutien.registers.calendars import queries as calendars
from soutien.registers.calendars.models import Feed
from soutien.steps.actor import ANONYMOUS
from soutien.steps.share import note_reading

BEHIND = timedelta(days=60)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """One's own appointments, for a calendar elsewhere; 404 once the address is taken back."""
    if came_in_clear(request):
        # Read by no person: two words in both languages.
        return HttpResponseForbidden("https seulement / https only\n", content_type="text/plain")
    found, now = calendars.feed_by_token(token), timezone.now()
    if found is None:
        raise Http404
    with override(found.language):
        content, changed_at, people = _content(found, now)
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
    if unchanged is not None and unchanged.status_code == HTTPStatus.NOT_MODIFIED:
        return unchanged
    note_reading(actor=ANONYMOUS, feed=found, people=people, at=now)
    return unchanged or response


def _content(found: Feed, now: datetime) -> tuple[bytes, datetime, set[int]]:
    """The file, the last change of anything in it or taken out of it, and whom it is about."""
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
    people = {booking.person_id for booking in bookings if booking.person_id is not None}
    return feed_file(shown, title=_("Rendez-vous")), changed_at, people
