"""Saving a week: what changes of it, as steps, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from soutien.doors.web.psychologist.arrange_hours import WeeklyHours
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.free import Limits
from soutien.registers.agenda.models import OpeningRule
from soutien.steps.actor import Actor
from soutien.steps.arrange import add_opening, end_opening, set_limits


@transaction.atomic
def save_week(
    *,
    actor: Actor,
    psychologist_id: int,
    week: Sequence[WeeklyHours],
    valid_from: date,
    limits: Limits,
    at: datetime,
) -> None:
    """Make this the week from a day on. The hours of before end there, and keep their bookings.

    Hours that stay the same are not written again. Raises the refusal of the step that refuses,
    and then nothing is kept.
    """
    new = list(week)
    rules = OpeningRule.objects.filter(psychologist_id=psychologist_id)
    for rule in rules.exclude(valid_before__lte=valid_from).order_by("pk"):
        former = WeeklyHours.of(rule)
        stays = rule.valid_from <= valid_from and rule.valid_before is None
        if stays and former in new:
            new.remove(former)
        else:
            end_opening(actor=actor, opening_id=rule.pk, from_day=valid_from, at=at)
    for hours in new:
        add_opening(
            actor=actor,
            place_id=hours.place_id,
            weekday=hours.weekday,
            hours=hours.as_hours,
            valid_from=valid_from,
            at=at,
            open_on_public_holidays=hours.open_on_public_holidays,
        )
    if limits != agenda.limits_of(psychologist_id):
        set_limits(actor=actor, limits=limits, at=at)
