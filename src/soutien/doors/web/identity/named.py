"""The providers that this deployment names."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404

from soutien.doors.identity_providers import Provider


def providers() -> list[Provider]:
    """All of them, in the order of the file."""
    return list(settings.IDENTITY_PROVIDERS.values())


def provider_named(name: str) -> Provider:
    """The provider of an address. Raises Http404."""
    found: Provider | None = settings.IDENTITY_PROVIDERS.get(name)
    if found is None:
        raise Http404
    return found
