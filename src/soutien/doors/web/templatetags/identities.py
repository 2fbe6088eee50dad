"""The ways to sign in with an identity elsewhere, as a part of a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from soutien.doors.identity_providers import AGENT, CITIZEN, PROFESSIONAL
from soutien.doors.web.identity.named import providers

register = template.Library()


@register.inclusion_tag("soutien/identity/choices.html")
def identity_choices(next_path: str = "") -> dict[str, Any]:
    """A button a provider; nothing at all when there is none."""
    says = {
        CITIZEN: _("Pour les personnes qui viennent en séance."),
        PROFESSIONAL: _("Pour les psychologues partenaires."),
        AGENT: _("Pour les agents des caisses, des mutuelles et des communes."),
    }
    query = f"?{urlencode({'next': next_path})}" if next_path else ""
    return {
        "choices": [
            {
                "label": _("Continuer avec %(label)s") % {"label": provider.label},
                "href": reverse("identity_start", args=[provider.name]) + query,
                "says": says[provider.shape],
            }
            for provider in providers()
        ],
        "pretended": any(provider.pretend for provider in providers()),
    }
