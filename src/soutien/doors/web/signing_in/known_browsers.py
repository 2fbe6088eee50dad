"""Browsers that an account signed in with before: their tries are counted apart.

Whoever tries passwords from elsewhere, again and again, then closes the door to themselves and
not to the account's owner. The cookie opens nothing: it only says which counter is used.
"""

from __future__ import annotations

from secrets import token_hex

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from soutien.registers.accounts.models import Account

SALT = "soutien.known_browser"
LASTS_SECONDS = 180 * 24 * 60 * 60


def cookie_name() -> str:
    """Under HTTPS, one that no other host of the domain can set."""
    return "__Host-soutien-known" if settings.SESSION_COOKIE_SECURE else "soutien-known"


def remember(answer: HttpResponse, account: Account) -> None:
    """Give the browser its cookie."""
    answer.set_cookie(
        cookie_name(),
        signing.dumps({"account": account.pk, "browser": token_hex(8)}, salt=SALT),
        max_age=LASTS_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def counter_of(request: HttpRequest, account: Account | None, email: str) -> str:
    """Whose tries these are: the browser's own where the account knows it, else the address's."""
    try:
        said = signing.loads(
            request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=LASTS_SECONDS
        )
    except signing.BadSignature:
        said = {}
    if account is not None and said.get("account") == account.pk:
        return f"{email} {said['browser']}"
    return email
