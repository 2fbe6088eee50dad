"""Pages that may be asked for so often, and the page that says when to try again.

@limited(SEARCHES)
def find(request): ...
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from soutien.doors.days import in_french
from soutien.doors.limits import Limit as Limit
from soutien.doors.limits import address_of as address_of
from soutien.doors.limits import forgive as forgive
from soutien.doors.limits import spend as spend
from soutien.steps.errors import Refusal

View = Callable[..., HttpResponse]


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
