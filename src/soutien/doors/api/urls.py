"""Addresses of the API. What is not there, and what is asked in a wrong way, is told as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from soutien.doors.api.api import PARTS, api, schema
from soutien.doors.api.opening import told
from soutien.doors.in_clear import came_in_clear
from soutien.steps.errors import Refusal

View = Callable[..., HttpResponse]


def _shaped(view: View, words: str | None = None) -> View:
    """A view whose refusal of a method has the shape of every other."""

    @wraps(view)
    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A page's language stands in its address; here it is what the program says it reads.
        language = get_language_from_request(request)
        with translation.override(language):
            if came_in_clear(request):
                answer = told(Refusal("in_clear"))
            else:
                answer = view(request, *args, **kwargs)
            if isinstance(answer, HttpResponseNotAllowed):
                methods = answer["Allow"]
                answer = told(Refusal("method_unknown"))
                answer["Allow"] = methods
        answer["Content-Language"] = language
        patch_vary_headers(answer, ("Accept-Language", "Authorization"))
        return answer

    shaped.__doc__ = words or view.__doc__
    # No cookie opens anything here: there is nothing to forge.
    return csrf_exempt(shaped)


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """What the API takes and answers, for programs that write programs."""
    return HttpResponse(_schema_text(), content_type="application/json")


@cache
def _schema_text() -> bytes:
    """The same for whoever asks; made from the types it costs a tenth of a second of processor."""
    return json.dumps(schema()).encode()


def nothing_here(request: HttpRequest) -> HttpResponse:
    """An address that the API does not have."""
    return told(Refusal("not_found"))


def _operations() -> list[URLPattern]:
    """Ninja's addresses, with our names and words and without a namespace."""
    patterns, _app, _namespace = api.urls
    words = {
        operation.url_name: operation.view_func.__doc__
        for part in PARTS
        for address in part.router.path_operations.values()
        for operation in address.operations
    }
    return [
        path(
            str(found.pattern).replace("<uuidstr:", "<uuid:"),
            _shaped(found.callback, words[found.name]),
            name=found.name,
        )
        for found in patterns
        if isinstance(found, URLPattern) and (found.name or "").startswith("api_")
    ]


urlpatterns = [
    *_operations(),
    path("openapi.json", _shaped(openapi), name="api_openapi"),
    re_path("^", _shaped(nothing_here), name="api_nothing"),
]
