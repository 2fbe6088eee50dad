"""A refused step becomes a page: what happened, what to do now, what to quote."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from soutien.doors.web.components.days import in_french
from soutien.steps.errors import Refusal


class RefusalPages:
    """Middleware: any Refusal a page did not tell itself is told here, with its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page for a Refusal; any other exception goes on."""
        if not isinstance(exception, Refusal):
            return None
        lang = "fr" if in_french() else "en"
        context = {
            "sentence": exception.sentence(lang),
            "remedy": exception.remedy(lang),
            "reference": exception.reference,
        }
        return render(request, "soutien/refusal.html", context, status=exception.http_status)
