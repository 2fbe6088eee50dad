"""What programs ask without HTTPS is refused, not led on: a redirect would hide the mistake.

A person who types an address without https is sent to the right one. A program that speaks in
clear has sent its key, or the address that is its key, for anybody on the way to read: it must
fail, so that somebody mends it.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def came_in_clear(request: HttpRequest) -> bool:
    """Whether this should have come by HTTPS, and did not."""
    return bool(settings.HTTPS) and not request.is_secure()
