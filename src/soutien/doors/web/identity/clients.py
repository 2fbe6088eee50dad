"""The providers of this deployment, each with what it publishes."""

from __future__ import annotations

import threading
from typing import Any

from django.conf import settings
from django.http import Http404

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity import fetching
from soutien.doors.web.identity.pretend import inside
from soutien.doors.web.identity.published import Published

_known: dict[str, Published] = {}
_lock = threading.Lock()


def providers() -> list[Provider]:
    """All of them, in the order of the file."""
    return list(settings.IDENTITY_PROVIDERS.values())


def provider_named(name: str) -> Provider:
    """The provider of an address. Raises Http404."""
    found: Provider | None = settings.IDENTITY_PROVIDERS.get(name)
    if found is None:
        raise Http404
    return found


def published_by(provider: Provider) -> Published:
    """What a provider publishes, kept by this process."""
    with _lock:
        found = _known.get(provider.name)
        if found is None or found.provider != provider:
            found = _known[provider.name] = Published(provider, ask=_ask)
        return found


def _ask(provider: Provider, method: str, address: str, **more: Any) -> fetching.Reply:
    if provider.pretend:
        return inside.reply(provider, method, address, **more)
    return fetching.fetch(provider, method, address, **more)
