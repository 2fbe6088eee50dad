"""The API as one thing: its operations, how it tells what is wrong, its OpenAPI file."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from soutien.doors.api import booking, claiming, deciding, finding
from soutien.doors.api.opening import told
from soutien.steps.errors import Refusal

PREFIX = "/api/v1/"
SHOWN_PROBLEMS = 20
# Where ninja says a value was, of which our callers know nothing.
_PLACES = {"body", "query", "path", "header"}

PARTS = (finding, booking, claiming, deciding)
api = NinjaAPI(
    title="Soutien",
    version="1",
    description=(
        "Mon soutien psy from the first search to the last euro. What books, claims or sends "
        "takes an Idempotency-Key and may be sent again; every answer from 400 on has one shape. "
        "Examples: docs/api.md."
    ),
    docs_url=None,
    openapi_url=None,
)
for part in PARTS:
    api.add_router("", part.router)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A step said no."""
    return told(refusal)


@api.exception_handler(ValidationError)
def unclear(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What was sent is not what the operation reads: said place by place, never repeated."""
    places = [".".join(map(str, _place(found))) for found in error.errors]
    words = [f"{place}: {found['msg']}" for place, found in zip(places, error.errors, strict=True)]
    return told(
        Refusal(
            "request_unclear", what="; ".join(words[:SHOWN_PROBLEMS]), fields=tuple(places[:50])
        )
    )


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON."""
    return told(Refusal("request_unclear", what="JSON"), status=error.status_code)


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """No key."""
    return told(Refusal("token_missing"))


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """Nothing there."""
    return told(Refusal("not_found"))


def schema() -> dict[str, Any]:
    """The OpenAPI file."""
    found: dict[str, Any] = json.loads(
        json.dumps(api.get_openapi_schema(path_prefix=PREFIX), default=str)
    )
    return found


def _place(found: dict[str, Any]) -> list[Any]:
    """Where a mistake is, without the names of our own arguments."""
    place = list(found["loc"])
    if place and place[0] in _PLACES:
        place = place[1:]
    return place[1:] if len(place) > 1 and place[0] in {"wanted", "coming", "asked"} else place
