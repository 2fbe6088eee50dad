"""Where a provider sends the browser back to: the same address every time, to the letter."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from soutien.doors.identity_providers import Provider


def back_address(provider: Provider) -> str:
    """Where the answer comes: what an operator registers at the provider."""
    return _outside("identity_answer", provider)


def farewell_back_address(provider: Provider) -> str:
    """Where the browser comes back to after signing out at the provider."""
    return _outside("identity_farewell", provider)


def _outside(name: str, provider: Provider) -> str:
    # Never from the request: its Host is the visitor's to choose.
    with translation.override("fr"):
        return f"{settings.ADDRESS}{reverse(name, args=[provider.name])}"
