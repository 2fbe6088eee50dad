"""Pages that say what went wrong: in our face, in the reader's language, without any data.

They are made even when the database does not answer: then without the menu of who signed in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from soutien.sealing import SealingError

BAD, FORBIDDEN, MISSING, NOT_ALLOWED, TOO_LARGE = 400, 403, 404, 405, 413
BROKEN, AWAY = 500, 503
RETRY_SECONDS = 60
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def failure(request: HttpRequest, status: int) -> HttpResponse:
    """The page of a status: ``templates/STATUS.html``."""
    template = f"{status}.html"
    with translation.override(_language(request)):
        try:
            if status >= BROKEN:
                # Whoever it is, what broke may be what tells it.
                page = render_to_string(template)
            else:
                page = render_to_string(template, {"failing": True}, request=request)
        except (DatabaseError, InterfaceError, SealingError):
            page = render_to_string(template)
    answer = HttpResponse(page, status=status)
    if status == AWAY:
        answer["Retry-After"] = str(RETRY_SECONDS)
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent cannot be read, or is too much of it."""
    return failure(request, TOO_LARGE if isinstance(exception, TOO_MUCH) else BAD)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Not with this account."""
    return failure(request, FORBIDDEN)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is nothing there, or nothing for whoever asks."""
    return failure(request, MISSING)


def broken(request: HttpRequest) -> HttpResponse:
    """Something broke here; when it is the database that does not answer, it will come back."""
    error = sys.exc_info()[1]
    away = isinstance(error, OperationalError | InterfaceError)
    return failure(request, AWAY if away else BROKEN)


class Failures:
    """A page of ours where Django answers without a word: a method that is not for an address."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        if response.status_code == NOT_ALLOWED and not response.content:
            told = failure(request, NOT_ALLOWED)
            told["Allow"] = response["Allow"]
            return told
        return response


def _language(request: HttpRequest) -> str:
    """By the address alone, since whatever reads more may be what failed."""
    found = translation.get_language_from_path(request.path_info)
    return found or str(settings.LANGUAGE_CODE)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page stayed open too long, or was not ours."""
    with translation.override(_language(request)):
        return HttpResponse(render_to_string("403_csrf.html", request=request), status=FORBIDDEN)
