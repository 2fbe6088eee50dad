"""What pages of somebody signed in carry: for whom one acts, who reads, and how it ends."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from soutien.doors.web.actors import standing_of
from soutien.doors.web.signing_in.complete import seconds_left
from soutien.registers.people.models import Person
from soutien.steps.permissions import Relation
from soutien.steps.standing import who_reads

register = template.Library()


@register.inclusion_tag("soutien/parts/session_end.html", takes_context=True)
def session_end(context: template.Context) -> dict[str, int]:
    """What empties the page when the session it was read in is over; nothing for a visitor."""
    request = context.get("request")
    return {"left": seconds_left(request, timezone.now()) if request is not None else 0}


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
        "limited": stands.actor.acts_as in (Relation.MY_TEENAGER, Relation.MY_PROTECTED),
        "bills": stands.actor.acts_as == Relation.MY_ASSISTED,
        "until": stands.until,
    }


@register.inclusion_tag("soutien/parts/parents_see.html", takes_context=True)
def parents_see(context: template.Context) -> dict[str, Any]:
    """What parents see, told to a young person before anything is written; nothing to others."""
    stands = standing_of(context["request"])
    own = stands.actor
    if own.role != "person" or own.account_id is None or own.person_id is None:
        return {"reads": ""}
    person = Person.objects.get(pk=own.person_id)
    return {"reads": who_reads(person, timezone.localdate()).value}
