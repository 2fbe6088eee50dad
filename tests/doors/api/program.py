"""A program that asks the API: JSON in, JSON out, a key of an account, a new name each time."""

from __future__ import annotations

import itertools
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from soutien.registers.accounts.models import Account
from soutien.registers.api_keys import queries as api_keys
from soutien.steps.entrust import SCOPES

_places = itertools.count(1)


def key_of(
    account: Account,
    *,
    scopes: tuple[str, ...] = SCOPES,
    second_factor: bool = True,
    at: datetime | None = None,
    days: int = 30,
) -> str:
    """The text of a new key."""
    made_at = at or timezone.now()
    return api_keys.make(
        account_id=account.pk,
        name="tests",
        scopes=scopes,
        second_factor=second_factor,
        at=made_at,
        valid_before=made_at + timedelta(days=days),
    )[1]


class Program(Client):
    """Asks from a place of its own; ``again`` is sent as its Idempotency-Key."""

    def __init__(self, key: str = "", *, acting_for: uuid.UUID | None = None) -> None:
        number = next(_places)
        super().__init__(REMOTE_ADDR=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
        self.own: dict[str, str] = {"Accept-Language": "en"}
        if key:
            self.own["Authorization"] = f"Bearer {key}"
        if acting_for:
            self.own["Acting-For"] = str(acting_for)

    def get(self, path: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(path, *args, headers=self.own, **kwargs)

    def post(
        self, path: str, sent: Any = None, *, again: str | None = None, **kwargs: Any
    ) -> HttpResponse:
        named = {"Idempotency-Key": uuid.uuid4().hex if again is None else again}
        return super().post(
            path, sent or {}, content_type="application/json", headers=self.own | named, **kwargs
        )
