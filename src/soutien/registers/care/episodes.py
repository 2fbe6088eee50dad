"""A person's care with one psychologist: what was agreed, what they hope for, how it goes."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime

from django.db import models
from django.db.models import F, Q, QuerySet

from soutien.sealing import SealedTextField

OPENED_FOR = ("evaluation", "follow_up", "change", "again")
ENDED_FOR = ("finished", "stopped", "changed", "reoriented")
EXCHANGED_WITH = ("doctor", "doctor_and_psychiatrist")
SAID_BY = ("person", "psychologist")
REVIEWS = ("mid_course",)
CHANGES = ("better", "same", "worse", "unknown")
# What follows when nothing got better.
NEXT_STEPS = ("psychiatric_consultation", "other_care", "nothing_more", "new_episode")
# More than any law ever gave in a year.
MOST_PLANNED = 99


class Episode(models.Model):
    """From the first session of a person with a psychologist to its end; one open at a time.

    A new year does not end it. ``planned_sessions`` counts all, the evaluation too; the four
    sentences of the evaluation are ticked by the psychologist (R-059).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    opened_on = models.DateField()
    opened_for = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    planned_sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    needs_appraised = models.BooleanField(default=False)
    framework_presented = models.BooleanField(default=False)
    limit_told = models.BooleanField(default=False)
    person_agreed = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    exchanged_with = models.CharField(max_length=24, blank=True)
    closed_before = models.DateField(null=True, blank=True)
    ended_for = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "opened_on"], name="care_episode_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "psychologist"],
                condition=Q(closed_before__isnull=True),
                name="care_episode_one_open",
            ),
            models.CheckConstraint(
                name="care_episode_words",
                condition=Q(opened_for__in=OPENED_FOR)
                & Q(ended_for__in=["", *ENDED_FOR])
                & Q(exchanged_with__in=["", *EXCHANGED_WITH]),
            ),
            models.CheckConstraint(
                name="care_episode_period",
                condition=Q(closed_before__isnull=True, ended_for="")
                | (
                    Q(closed_before__isnull=False, closed_before__gt=F("opened_on"))
                    & ~Q(ended_for="")
                ),
            ),
            models.CheckConstraint(
                name="care_episode_planned",
                condition=Q(planned_sessions__isnull=True)
                | Q(planned_sessions__gte=1, planned_sessions__lte=MOST_PLANNED),
            ),
        ]


class Goals(models.Model):
    """What the person hopes for, in their words. Said anew, it is one more row: the last holds."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="goals")
    sequence = models.PositiveSmallIntegerField()
    text = SealedTextField(blank=True)
    said_by = models.CharField(max_length=12)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "sequence"], name="care_goals_once"),
            models.CheckConstraint(name="care_goals_words", condition=Q(said_by__in=SAID_BY)),
        ]


class Review(models.Model):
    """Where things stand, half-way. Written anew, it is one more row.

    The end has a document of its own (registers/writings).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=10)
    sequence = models.PositiveSmallIntegerField()
    sessions_held = models.PositiveSmallIntegerField(help_text="when it was written")
    change = SealedTextField(one_of=CHANGES)
    symptoms = SealedTextField(blank=True)
    evolution = SealedTextField(blank=True)
    technique = SealedTextField(blank=True)
    conclusion = SealedTextField(blank=True)
    next_step = SealedTextField(blank=True, one_of=("", *NEXT_STEPS))
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "kind", "sequence"], name="care_review_once"
            ),
            models.CheckConstraint(name="care_review_words", condition=Q(kind__in=REVIEWS)),
        ]


def by_public_id(public_id: uuid.UUID) -> Episode | None:
    """One episode with its person and psychologist."""
    found = Episode.objects.select_related("person", "psychologist")
    return found.filter(public_id=public_id).first()


def of_person(person_id: int, *, psychologist_id: int | None = None) -> QuerySet[Episode]:
    """Somebody's episodes, the last one first; with one psychologist, or with all."""
    found = Episode.objects.filter(person_id=person_id).select_related("psychologist")
    if psychologist_id is not None:
        found = found.filter(psychologist_id=psychologist_id)
    return found.order_by("-opened_on", "-id")


def lock(episode_id: int) -> Episode:
    """One episode, held to the end of the transaction."""
    return Episode.objects.select_for_update().get(pk=episode_id)


def open_with(psychologist_id: int, person_ids: Collection[int]) -> dict[int, Episode]:
    """The open episode of each of these people with a psychologist, for those who have one."""
    found = Episode.objects.filter(
        psychologist_id=psychologist_id, person__in=list(person_ids), closed_before__isnull=True
    )
    return {episode.person_id: episode for episode in found}


def covers(episode: Episode, day: date) -> bool:
    """Whether a day is within an episode."""
    return episode.opened_on <= day and (
        episode.closed_before is None or day < episode.closed_before
    )


def begin(
    person_id: int, psychologist_id: int, *, on: date, opened_for: str, at: datetime
) -> Episode:
    """The episode that a day belongs to: one there already, the open one begun earlier, or new."""
    known = list(of_person(person_id, psychologist_id=psychologist_id))
    for episode in known:
        if covers(episode, on):
            return episode
    for episode in known:
        if episode.closed_before is None:
            episode.opened_on = on
            episode.save(update_fields=["opened_on"])
            return episode
    return Episode.objects.create(
        person_id=person_id,
        psychologist_id=psychologist_id,
        opened_on=on,
        opened_for=opened_for,
        opened_at=at,
    )


def latest_goals(episode_ids: Collection[int]) -> dict[int, Goals]:
    """What was said last in each episode, for those where something was."""
    found = Goals.objects.filter(episode__in=list(episode_ids)).order_by("sequence")
    return {row.episode_id: row for row in found}


def say_goals(episode: Episode, text: str, *, by: str, at: datetime) -> Goals | None:
    """One row more; None when the last one says the same."""
    last = latest_goals([episode.pk]).get(episode.pk)
    if (last.text if last else "") == text:
        return None
    return Goals.objects.create(
        episode=episode,
        sequence=1 + (last.sequence if last else 0),
        text=text,
        said_by=by,
        said_at=at,
    )


def latest_reviews(episode_ids: Collection[int]) -> dict[tuple[int, str], Review]:
    """The last words of each review, by episode and kind."""
    found = Review.objects.filter(episode__in=list(episode_ids)).order_by("sequence")
    return {(row.episode_id, row.kind): row for row in found}


def reviewed_half_way(episode_ids: Collection[int]) -> set[int]:
    """Those of these episodes that were looked back on half-way."""
    found = Review.objects.filter(episode__in=list(episode_ids), kind="mid_course")
    return set(found.values_list("episode_id", flat=True))


def forget(person_id: int) -> None:
    """Remove the words of somebody who is forgotten; days and numbers are nobody's then."""
    Goals.objects.filter(episode__person_id=person_id).delete()
    Review.objects.filter(episode__person_id=person_id).delete()
