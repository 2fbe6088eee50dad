"""How every operation is opened: who asks, how often, with which right, and once per key.

``opened`` stands around the whole operation, its reading of what was sent included, so that the
answer that is kept for a repeat is the very answer that was given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from ninja import Schema
from ninja.decorators import decorate_view

from soutien.doors.api.callers import Caller, KnownRequest, caller_of
from soutien.doors.api.shapes import Problem, SlotOut
from soutien.doors.days import in_french
from soutien.doors.limits import Limit, address_of, spend
from soutien.doors.repeats import Told, once, wish_of
from soutien.steps.errors import NOT_KNOWN, TOO_MANY, Refusal
from soutien.steps.trace import EVENTS, refused_at_the_door

log = logging.getLogger(__name__)
TEN_MINUTES = timedelta(minutes=10)
# By place for what is open to all, by account for the rest.
FROM_A_PLACE = Limit("api.place", 600, TEN_MINUTES)
READS = Limit("api.reads", 1_200, TEN_MINUTES)
ACTS = Limit("api.acts", 600, TEN_MINUTES)
LONGEST_KEY = 200
FIRST_FAILURE = 500
NOT_KEPT = (NOT_KNOWN, TOO_MANY)
JSON = "application/json; charset=utf-8"
Run = Callable[..., HttpResponse]
# What OpenAPI tells of the two headers.
KEY_HEADER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Your own name for this request. Sent again, it is answered the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}
ACTING_HEADER: dict[str, Any] = {
    "name": "Acting-For",
    "in": "header",
    "required": False,
    "description": "The child, or the psychologist replaced, for whom this is asked.",
    "schema": {"type": "string", "format": "uuid"},
}


def problems(*statuses: int) -> dict[Any, type[Schema]]:
    """What an operation answers when it refuses, for OpenAPI."""
    return dict.fromkeys(statuses, Problem)


def opened(*, scope: str = "", step: str = "", acts: bool = False) -> Any:
    """An operation for a key with this scope, or for everybody; ``acts`` asks for a repeat key.

    ``step`` names what it takes, for the line that a refusal at the door leaves.
    """

    def around(run: Run) -> Run:
        @wraps(run)
        def guarded(request: KnownRequest, **kwargs: Any) -> HttpResponse:
            at = timezone.now()
            try:
                if not scope:
                    spend(FROM_A_PLACE, address_of(request), at=at)
                    return run(request, **kwargs)
                caller = _caller(request, scope, step, acts, at)
                if not acts:
                    return _private(run(request, **kwargs))
                return _private(_once(request, caller, at, lambda: run(request, **kwargs)))
            except Refusal as refusal:
                return _private(told(refusal))
            except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
                return told(Refusal("request_unclear", what="body"), status=413)
            except UnreadablePostError:
                return told(Refusal("request_unclear", what="body"), status=400)
            except Exception:
                log.exception("An operation of the API failed.")
                return told(Refusal("failed"))

        return guarded

    return decorate_view(around)


def told(refusal: Refusal, *, status: int | None = None) -> HttpResponse:
    """A refusal as every answer from 400 on tells it."""
    lang = "fr" if in_french() else "en"
    if refusal.code == "too_often":
        # Nobody tried to sign in here.
        refusal = Refusal("asked_too_often", **refusal.context)
    problem = Problem(
        code=refusal.code,
        # Half a pair of a character may come back in what was not understood.
        sentence=refusal.sentence(lang).encode("utf-8", "replace").decode(),
        remedy=refusal.remedy(lang),
        reference=refusal.reference,
        fields=list(refusal.context.get("fields", ())),
        nearest=[slot_out(slot) for slot in refusal.context.get("nearest", ())],
    )
    answer = HttpResponse(
        problem.model_dump_json(), status=status or refusal.http_status, content_type=JSON
    )
    if "seconds" in refusal.context:
        answer["Retry-After"] = str(refusal.context["seconds"])
    if answer.status_code == NOT_KNOWN:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def slot_out(slot: Any) -> SlotOut:
    """A free time as it is told."""
    return SlotOut(
        place=slot.place_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        modality=slot.modality,
    )


def _caller(request: KnownRequest, scope: str, step: str, acts: bool, at: datetime) -> Caller:
    caller = caller_of(request, at)
    spend(ACTS if acts else READS, str(caller.account.pk), at=at)
    if scope not in caller.opens:
        named = request.resolver_match.kwargs.values() if request.resolver_match else ()
        refused_at_the_door(
            caller.actor, EVENTS[step], at=at, object_id=str(next(iter(named), ""))
        )
        raise Refusal("scope_missing", scope=scope)
    request.caller = caller
    return caller


def _once(
    request: HttpRequest, caller: Caller, at: datetime, run: Callable[[], HttpResponse]
) -> HttpResponse:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Refusal("key_missing", fields=("Idempotency-Key",))

    def act() -> Told:
        answer = run()
        kept = answer.status_code < FIRST_FAILURE and answer.status_code not in NOT_KEPT
        return Told(answer.status_code, answer.content.decode(), kept)

    # The same words for another child are another request.
    sent = request.headers.get("Acting-For", "").encode() + b"\0" + request.body
    wish = wish_of(
        owner=f"account {caller.account.pk}",
        key=key,
        what=f"{request.method} {request.path}",
        body=sent,
    )
    answered, before = once(wish, act, at=at)
    answer = HttpResponse(answered.text, status=answered.status, content_type=JSON)
    if before:
        answer["Idempotency-Replayed"] = "true"
    return answer


def _private(answer: HttpResponse) -> HttpResponse:
    """Kept by nobody on the way."""
    answer["Cache-Control"] = "no-store, private"
    return answer
