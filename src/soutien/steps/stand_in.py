"""Standing in for a psychologist: who does their daily work, and on which days."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import IntegrityError, transaction

from soutien.registers.psychologists import replacements
from soutien.registers.psychologists.models import Replacement
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, allow, relations
from soutien.steps.standing import Replaced, replaced_by
from soutien.steps.trace import act, looking, record


@act("psychologists.replacement.recorded")
def record_replacement(
    *,
    actor: Actor,
    replaced_id: int,
    replacing_id: int,
    valid_from: date,
    valid_before: date,
    at: datetime,
) -> Replacement:
    """A psychologist lets another do their daily work on some days.

    Refuses ``replacement_of_oneself``, ``replacement_already`` and a period without a day.
    """
    allow(actor, "record_replacement", _ties(actor, replaced_id))
    if replaced_id == replacing_id:
        raise Refusal("replacement_of_oneself")
    if valid_before <= valid_from:
        raise Refusal("period_wrong", fields=("valid_before",))
    try:
        with transaction.atomic():
            row = Replacement.objects.create(
                replaced_id=replaced_id,
                replacing_id=replacing_id,
                valid_from=valid_from,
                valid_before=valid_before,
                recorded_by=actor.role,
                recorded_by_account=actor.account_id,
                recorded_at=at,
            )
    except IntegrityError as error:
        raise Refusal("replacement_already") from error
    record(actor, "psychologists.replacement.recorded", at=at, object_id=row.pk)
    return row


@act("psychologists.replacement.ended")
def end_replacement(
    *, actor: Actor, replacement_id: uuid.UUID, ends_on: date, at: datetime
) -> Replacement:
    """End a replacement earlier than foreseen: on ``ends_on`` it holds no more. Never later."""
    row = replacements.lock(replacement_id)
    if row is None:
        allow(actor, "end_replacement", {Relation.MY_AGENDA, Relation.ANYONE})
        raise Refusal("not_found")
    allow(actor, "end_replacement", _ties(actor, row.replaced_id))
    over = max(ends_on, row.valid_from)
    if over < row.valid_before:
        row.valid_before = over
        row.save(update_fields=["valid_before"])
        record(actor, "psychologists.replacement.ended", at=at, object_id=row.pk)
    return row


@looking("psychologists.replacement.listed")
def list_replacements(
    *, actor: Actor, psychologist_id: int, on: date, at: datetime
) -> tuple[Replacement, ...]:
    """Who stands in for a psychologist from a day on."""
    allow(actor, "list_replacements", _ties(actor, psychologist_id))
    record(actor, "psychologists.replacement.listed", at=at, object_id=psychologist_id)
    return tuple(replacements.replacements_of(psychologist_id, on))


@looking("psychologists.replacement.listed")
def list_replaced(*, actor: Actor, on: date, at: datetime) -> tuple[Replaced, ...]:
    """Whom the actor replaces today, to choose one of them."""
    allow(actor, "list_replaced", _ties(actor, actor.psychologist_id))
    found = replaced_by(actor.psychologist_id, on)
    for one in found:
        record(actor, "psychologists.replacement.listed", at=at, object_id=one.psychologist_id)
    return found


@act("psychologists.replacement.used")
def stand_in_for(*, actor: Actor, psychologist_id: uuid.UUID, on: date, at: datetime) -> Replaced:
    """Choose a psychologist to replace, by the public id. Refuses ``not_found`` any other."""
    allow(actor, "stand_in_for", _ties(actor, actor.psychologist_id))
    for one in replaced_by(actor.psychologist_id, on):
        if one.public_id == psychologist_id:
            record(actor, "psychologists.replacement.used", at=at, object_id=one.psychologist_id)
            return one
    raise Refusal("not_found")


def _ties(actor: Actor, psychologist_id: int | None) -> frozenset[Relation]:
    return relations(actor, psychologist_id=psychologist_id)
