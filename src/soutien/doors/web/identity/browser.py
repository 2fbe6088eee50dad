"""What one browser holds during a sign-in elsewhere, and until it signs out.

The session is kept on our side; it holds the browser's own secret, the key of an identity that
waits for a word from its owner, and the sealed ID token that ends the session at the provider.
"""

from __future__ import annotations

import base64
import hashlib

from django.http import HttpRequest

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity.asking import random_token
from soutien.sealing import SealingError, seal, unseal

BROWSER = "identity_browser"
HELD = "identity_held"
FAREWELL = "identity_farewell"
_PLACE = "django_session.identity_farewell"


def browser_of(request: HttpRequest) -> str:
    """The browser's secret, made at its first question."""
    if BROWSER not in request.session:
        request.session[BROWSER] = random_token()
    return str(request.session[BROWSER])


def known_browser(request: HttpRequest) -> str:
    """The browser's secret; empty when it asked nothing."""
    return str(request.session.get(BROWSER, ""))


def keep_held(request: HttpRequest) -> str:
    """A new key for an identity that waits in this browser."""
    request.session[HELD] = random_token()
    return str(request.session[HELD])


def held_key(request: HttpRequest) -> str:
    """The key of the identity that waits; empty when none does."""
    return str(request.session.get(HELD, ""))


def keep_farewell(request: HttpRequest, provider: Provider, id_token: str) -> None:
    """Keep the ID token, sealed, for signing out at the provider and for nothing else."""
    if provider.logout:
        sealed = seal(id_token, _PLACE, _row(browser_of(request)))
        request.session[FAREWELL] = [provider.name, base64.b64encode(sealed).decode()]


def take_farewell(request: HttpRequest) -> tuple[str, str]:
    """The provider's name and the ID token, once; two empty texts when there is none."""
    kept = request.session.pop(FAREWELL, None)
    if kept is None:
        return "", ""
    try:
        name, sealed = kept
        token = unseal(base64.b64decode(sealed), _PLACE, _row(known_browser(request)))
        return str(name), token
    except (SealingError, ValueError, TypeError):
        # Sealed with a key that is gone: signing out here still works.
        return "", ""


def _row(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
