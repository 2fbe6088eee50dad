"""What a browser is busy with: the time it keeps, and what was typed so far.

What was typed is sealed: the session's row in the database says nothing to who reads it. It
outlives the time kept, so that nobody types twice because somebody else was faster.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import date
from secrets import token_hex
from uuid import UUID

from django.http import HttpRequest

from soutien.sealing import SealingError, seal, unseal
from soutien.steps.book import Identity

KEY = "browser_key"
HELD, TYPED, BOOKED = "held_booking", "typed_identity", "booked_here"
CONTEXT = "session.typed_identity"
BOOKED_KEPT = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """The second screen as it was filled in."""

    for_child: bool
    given_name: str
    family_name: str
    birth_date: date
    email: str
    phone: str
    discreet: bool

    def identity(self, language: str) -> Identity:
        """Who comes, as the step asks."""
        told = {name: value for name, value in asdict(self).items() if name != "for_child"}
        return Identity(language=language, **told)


def browser_key(request: HttpRequest) -> str:
    """A name of this browser's own, so that it keeps few times and none for ever."""
    key: str = request.session.setdefault(KEY, token_hex())
    return key


def keep_hold(request: HttpRequest, public_id: UUID) -> None:
    """This browser keeps this time."""
    request.session[HELD] = str(public_id)


def held(request: HttpRequest) -> UUID | None:
    """The booking this browser keeps, if any."""
    text = request.session.get(HELD)
    return UUID(text) if text else None


def forget_hold(request: HttpRequest) -> None:
    request.session.pop(HELD, None)


def keep_typed(request: HttpRequest, typed: Typed) -> None:
    """Keep what was typed, sealed, until it is booked or the session ends."""
    text = json.dumps(asdict(typed) | {"birth_date": typed.birth_date.isoformat()})
    request.session[TYPED] = b64encode(seal(text, CONTEXT, browser_key(request))).decode()


def typed(request: HttpRequest) -> Typed | None:
    """What was typed in this browser, if anything; what no longer opens is forgotten."""
    kept = request.session.get(TYPED)
    if not kept:
        return None
    try:
        told = json.loads(unseal(b64decode(kept), CONTEXT, browser_key(request)))
    except (SealingError, ValueError):
        request.session.pop(TYPED, None)
        return None
    return Typed(**(told | {"birth_date": date.fromisoformat(told["birth_date"])}))


def remember_booked(request: HttpRequest, public_id: UUID) -> None:
    """The time kept is booked: its screens now lead to the appointment, the draft is forgotten."""
    booked = [text for text in request.session.get(BOOKED, []) if text != str(public_id)]
    request.session[BOOKED] = [*booked[1 - BOOKED_KEPT :], str(public_id)]
    request.session.pop(HELD, None)
    request.session.pop(TYPED, None)


def booked_here(request: HttpRequest, public_id: UUID) -> bool:
    """Whether this browser booked it."""
    return str(public_id) in request.session.get(BOOKED, [])
