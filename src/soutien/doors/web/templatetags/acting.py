"""The line on top of every page that says for whom one acts."""

from __future__ import annotations

from typing import Any

from django import template

from soutien.doors.web.actors import standing_of

register = template.Library()


@register.inclusion_tag("soutien/parts/acting.html", takes_context=True)
def acting_for(context: template.Context) -> dict[str, Any]:
    """« Vous agissez pour Léa »; nothing when one acts for oneself."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return {"name": ""}
    stands = standing_of(request)
    return {
        "name": stands.name,
        "child": stands.actor.role == "guardian",
        "until": stands.until,
    }
