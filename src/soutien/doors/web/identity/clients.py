"""What each provider publishes, and how it is asked."""

from __future__ import annotations

import threading
from typing import Any

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity import fetching
from soutien.doors.web.identity.pretend import inside
from soutien.doors.web.identity.published import Published

_known: dict[str, Published] = {}
_lock = threading.Lock()


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
