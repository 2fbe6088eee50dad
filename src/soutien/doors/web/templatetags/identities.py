"""The ways to sign in with an identity elsewhere, as a part of a page."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from soutien.doors.identity_providers import AGENT, CITIZEN, PROFESSIONAL
from soutien.doors.web.identity.named import providers

register = template.Library()


class Choice(NamedTuple):
    """One provider, as a button."""

    shape: str
    label: str
    href: str
    says: str


@register.inclusion_tag("soutien/identity/choices.html")
def identity_choices(next_path: str = "") -> dict[str, Any]:
    """A button a provider, those for people first; nothing at all when there is none."""
    says = {
        CITIZEN: "",
        PROFESSIONAL: _("Pour les psychologues partenaires."),
        AGENT: _("Pour les agents des caisses, des mutuelles et des communes."),
    }
    query = f"?{urlencode({'next': next_path})}" if next_path else ""
    choices = [
        Choice(
            provider.shape,
            _("Continuer avec %(label)s") % {"label": provider.label},
            reverse("identity_start", args=[provider.name]) + query,
            says[provider.shape],
        )
        for provider in providers()
    ]
    return {
        "for_people": [choice for choice in choices if choice.shape == CITIZEN],
        "for_work": [choice for choice in choices if choice.shape != CITIZEN],
        "pretended": any(provider.pretend for provider in providers()),
    }


@register.inclusion_tag("soutien/identity/own_link.html")
def identity_own_link() -> dict[str, Any]:
    """The way to one's own identities; nothing when no provider is named."""
    return {"providers": providers()}
