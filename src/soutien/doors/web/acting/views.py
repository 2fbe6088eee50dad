"""Choosing for whom to act. The choice holds for this browser, and is said on every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import act_for, own_actor_of, standing_of
from soutien.doors.web.components.days import plain_day
from soutien.doors.web.private_pages import private_page
from soutien.steps import guard, stand_in
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation
from soutien.steps.standing import Ward

ONESELF = "me"
START = {"person": "year", "psychologist": "day"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody to act for: what the button says and sends."""

    value: str
    label: str
    note: str
    current: bool


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def acting(request: HttpRequest) -> HttpResponse:
    """Choose for whom to act: oneself, a child, or a psychologist to replace."""
    own, now, today = own_actor_of(request), timezone.now(), timezone.localdate()
    if own.account_id is None:
        # A browser that has just booked is one person and nobody else.
        raise Refusal("not_found")
    if request.method == "POST":
        _choose(request, own, request.POST.get("whom", ""), today, now)
        return redirect(START[own.side])
    choices = _choices(own, today, now, standing_of(request).public_id)
    context = {
        "choices": choices,
        "children": own.side == "person",
        "for_oneself": own.role in ("person", "psychologist"),
        "chosen": any(choice.current for choice in choices),
        "oneself": ONESELF,
    }
    return render(request, "soutien/acting/acting.html", context)


def _choices(own: Actor, today: date, now: datetime, current: UUID | None) -> list[Choice]:
    """Whom one may act for today, by name, with the last day of it."""
    if own.side == "person":
        return [
            Choice(
                str(ward.public_id),
                f"{ward.given_name} {ward.family_name}",
                _until(ward),
                ward.public_id == current,
            )
            for ward in guard.list_wards(actor=own, on=today, at=now)
        ]
    return [
        Choice(
            str(one.public_id),
            one.name,
            _("jusqu’à la veille du %(day)s") % {"day": plain_day(one.until)},
            one.public_id == current,
        )
        for one in stand_in.list_replaced(actor=own, on=today, at=now)
    ]


def _until(ward: Ward) -> str:
    until = _("jusqu’à la veille du %(day)s") % {"day": plain_day(ward.until)}
    if ward.acts_as == Relation.MY_WARD:
        return until
    if ward.acts_as == Relation.MY_ASSISTED:
        return _("%(until)s ; factures seulement") % {"until": until}
    return _("%(until)s ; rendez-vous et factures seulement") % {"until": until}


def _choose(request: HttpRequest, own: Actor, whom: str, today: date, now: datetime) -> None:
    """Act for them from now on. Refuses ``not_found`` whoever is not on one's list."""
    if whom == ONESELF:
        act_for(request, None)
        return
    try:
        public_id = UUID(whom)
    except ValueError:
        raise Refusal("not_found") from None
    if own.side == "person":
        guard.act_for(actor=own, child_id=public_id, on=today, at=now)
    else:
        stand_in.stand_in_for(actor=own, psychologist_id=public_id, on=today, at=now)
    act_for(request, public_id)
