"""The demo's mailbox: mails and texts that would have left. Elsewhere it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from soutien.registers.outbox import queries as outbox

SHOWN = 50


def only_in_the_demo(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Everybody in the demo is made up; a real mailbox is nobody else's to read."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@require_safe
@only_in_the_demo
def mailbox(request: HttpRequest) -> HttpResponse:
    """The demo's mails and texts, newest first."""
    return render(
        request, "soutien/mailbox/mailbox.html", {"messages_here": outbox.mailbox(SHOWN)}
    )


@never_cache
@require_safe
@only_in_the_demo
def mailbox_calendar(request: HttpRequest, key: UUID) -> HttpResponse:
    """The calendar file attached to one of the demo's mails."""
    message = outbox.message_here(key)
    if message is None or not message.attachment:
        raise Http404
    return HttpResponse(
        message.attachment.encode(),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="rendez-vous.ics"'},
    )
