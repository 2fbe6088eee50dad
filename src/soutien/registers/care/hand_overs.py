"""What a person lets their next psychologist read, item by item, as it was when they agreed."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q, QuerySet

from soutien.registers.care.episodes import Episode
from soutien.sealing import SealedJSONField

ITEMS = ("goals", "plan", "sessions", "mid_course", "end")


class HandOver(models.Model):
    """One agreement: from one episode, to one psychologist. Taken back, its content is gone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    to_psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    content = SealedJSONField(help_text="what was agreed to, by item; empty once taken back")
    said_by = models.CharField(max_length=12)
    agreed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "to_psychologist"],
                condition=Q(withdrawn_at__isnull=True),
                name="care_hand_over_once",
            ),
            models.CheckConstraint(
                name="care_hand_over_words", condition=Q(said_by__in=["person", "guardian"])
            ),
        ]


def by_public_id(public_id: uuid.UUID) -> HandOver | None:
    """One hand-over with its episode."""
    return HandOver.objects.select_related("episode").filter(public_id=public_id).first()


def given(episode_id: int) -> QuerySet[HandOver]:
    """What stands of an episode, the last one first."""
    found = HandOver.objects.filter(episode_id=episode_id, withdrawn_at__isnull=True)
    return found.select_related("to_psychologist").order_by("-id")


def received(psychologist_id: int, person_id: int) -> QuerySet[HandOver]:
    """What a psychologist may read of somebody, from those before."""
    found = HandOver.objects.filter(
        to_psychologist_id=psychologist_id,
        episode__person_id=person_id,
        withdrawn_at__isnull=True,
    )
    return found.select_related("episode__psychologist").order_by("-id")


def withdraw(hand_over: HandOver, *, at: datetime) -> None:
    """Nothing of it can be read again."""
    hand_over.content, hand_over.withdrawn_at = {}, at
    hand_over.save(update_fields=["content", "withdrawn_at"])


def forget(person_id: int) -> None:
    """Remove those of somebody who is forgotten."""
    HandOver.objects.filter(episode__person_id=person_id).delete()
