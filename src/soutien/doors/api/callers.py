"""Which program asks, with which key, and as whom: asked anew at every request.

A key is sent in a header and nowhere else: what a browser sends by itself opens nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from soutien.doors.limits import Limit, address_of, spend
from soutien.registers.accounts.models import Account
from soutien.registers.api_keys import queries as api_keys
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import NEEDS_SECOND_FACTOR
from soutien.steps.standing import standing

# Keys that open nothing, from one place.
WRONG_KEYS = Limit("api.wrong", 60, timedelta(minutes=10))
SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """The account behind a key, what the key opens, and whom it acts as."""

    account: Account
    opens: frozenset[str]
    actor: Actor


def caller_of(request: HttpRequest, at: datetime) -> Caller:
    """Raises Refusal(token_missing) without a key that holds, of an account that is open."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    key = api_keys.in_force(text.strip(), at=at) if scheme.lower() == SCHEME else None
    if key is None or (key.account.role in NEEDS_SECOND_FACTOR and not key.second_factor):
        if text:
            spend(WRONG_KEYS, address_of(request), at=at)
        raise Refusal("token_missing")
    today = timezone.localdate(at)
    api_keys.used(key, on=today)
    account = key.account
    own = Actor(
        role=account.role,
        account_id=account.pk,
        person_id=account.person_id,
        psychologist_id=account.psychologist_id,
        fund_code=account.fund_code,
        insurer_code=account.insurer_code,
        town_code=account.town_code,
        second_factor=key.second_factor,
    )
    chosen = _chosen(request)
    stands = standing(own, chosen, today)
    if chosen is not None and not stands.name:
        raise Refusal("not_allowed")
    return Caller(account, key.opens, stands.actor)


def _chosen(request: HttpRequest) -> UUID | None:
    """Whom a parent or a replacement acts for in this request: a child, a psychologist."""
    told = request.headers.get("Acting-For", "").strip()
    try:
        return UUID(told) if told else None
    except ValueError:
        raise Refusal("request_unclear", what="Acting-For: UUID", fields=("Acting-For",)) from None


class KnownRequest(HttpRequest):
    """A request with a key that holds: ``opened`` has read it, and ninja has asked for it."""

    caller: Caller
    auth: Caller


class Bearer(HttpBearer):
    """What OpenAPI is told of the key; it was read before (opening.py)."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        found: Caller | None = getattr(request, "caller", None)
        return found
