"""Who waits for a first session, what they were offered, and who asked to be called back.

Names, addresses and what somebody said of their need are sealed at rest. The indexes of an
address only say that two rows have the same one.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from soutien.sealing import BlindIndexField, SealedTextField

# A wait goes on in the first two: whoever is asked keeps the place, and is offered nothing until
# they answer. The others are ends.
ACTIVE = ("waiting", "asked")
WAIT_ENDS = ("booked", "left", "refused", "unanswered")
# An offer is open, then one of these: withdrawn is nobody's answer, the time was taken back.
OFFER_ENDS = ("taken", "declined", "ignored", "withdrawn")
REQUEST_ENDS = ("answered", "booked", "refused", "unanswered")


PURPOSE_EMAIL, PURPOSE_PHONE = "waiting.email", "waiting.phone"
FRANCE = ("+33", "0033")


def written_email(email: str) -> str:
    """The same for two ways to write one address."""
    return email.strip().lower()


def written_phone(phone: str) -> str:
    """The same for two ways to write one number."""
    written = "".join(
        character for character in phone if character.isdecimal() or character == "+"
    )
    for abroad in FRANCE:
        if written.startswith(abroad):
            written = "0" + written.removeprefix(abroad)
    return written


def _email_index(of: str) -> BlindIndexField:
    return BlindIndexField(of=of, purpose=PURPOSE_EMAIL, normal=written_email, blank=True)


def _phone_index(of: str) -> BlindIndexField:
    return BlindIndexField(of=of, purpose=PURPOSE_PHONE, normal=written_phone, blank=True)


def _ended(name: str, states: tuple[str, ...]) -> models.CheckConstraint:
    """The moment of the end is there when, and only when, it ended."""
    return models.CheckConstraint(
        name=name,
        condition=Q(status__in=states, ended_at__isnull=True)
        | (~Q(status__in=states) & Q(ended_at__isnull=False)),
    )


class Wait(models.Model):
    """A place in the queue: around a position (degrees) or for one psychologist.

    ``looked_at`` is when the free times around were last looked at for it; None asks for it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    psychologist = models.ForeignKey(
        "psychologists.Psychologist",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    radius_km = models.PositiveSmallIntegerField(null=True, blank=True)
    place_name = models.CharField(
        max_length=120, blank=True, help_text="the town, as it was asked"
    )
    public = models.CharField(max_length=10, blank=True)
    video = models.BooleanField(default=False)
    in_person = models.BooleanField(default=False)
    languages = models.CharField(max_length=80, blank=True, help_text="codes, comma separated")
    step_free = models.BooleanField(default=False)
    third_party = models.BooleanField(default=False)
    day_parts = models.CharField(max_length=60, blank=True, help_text="codes, comma separated")
    from_day = models.DateField(null=True, blank=True)
    before = models.DateField(null=True, blank=True, help_text="only sooner than this day")
    need = SealedTextField(help_text="one of steps.turns.NEEDS")
    name = SealedTextField()
    email = SealedTextField(blank=True)
    phone = SealedTextField(blank=True)
    email_index = _email_index("email")
    phone_index = _phone_index("phone")
    language = models.CharField(max_length=2, default="fr")
    discreet = models.BooleanField(default=False)
    browser = models.CharField(max_length=64, blank=True, help_text="digest of a browser's key")
    person = models.ForeignKey(
        "people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=10, default="waiting")
    ignored = models.PositiveSmallIntegerField(default=0, help_text="offers in a row")
    alternatives = models.JSONField(default=list, help_text="ids of places, nearest first")
    joined_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["latitude", "longitude"],
                name="waiting_wait_around",
                condition=Q(status="waiting"),
            ),
            models.Index(
                fields=["psychologist", "joined_at"],
                name="waiting_wait_for_one",
                condition=Q(status__in=ACTIVE),
            ),
            models.Index(fields=["ended_at"], name="waiting_wait_ended"),
        ]
        constraints = [
            models.CheckConstraint(
                name="waiting_wait_scope",
                condition=Q(
                    psychologist__isnull=False,
                    latitude__isnull=True,
                    longitude__isnull=True,
                    radius_km__isnull=True,
                )
                | Q(
                    psychologist__isnull=True,
                    latitude__isnull=False,
                    longitude__isnull=False,
                    radius_km__gte=1,
                    radius_km__lte=100,
                ),
            ),
            models.CheckConstraint(
                name="waiting_wait_words",
                condition=Q(status__in=[*ACTIVE, *WAIT_ENDS])
                & Q(public__in=["", "adult", "teenager", "child"]),
            ),
            models.CheckConstraint(
                name="waiting_wait_reachable", condition=~Q(email_index="", phone_index="")
            ),
            models.CheckConstraint(
                name="waiting_wait_asked_moment",
                condition=~Q(status="asked") | Q(asked_at__isnull=False),
            ),
            _ended("waiting_wait_end", ACTIVE),
        ]


class Offer(models.Model):
    """A free time kept for one person in the queue, until ``answer_before``.

    Its booking holds the time: the agenda's own constraints protect it. One person, by any of
    their addresses, has one open offer at most.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    wait = models.ForeignKey(Wait, on_delete=models.CASCADE, related_name="offers")
    booking = models.OneToOneField("agenda.Booking", on_delete=models.PROTECT, related_name="+")
    email_index = _email_index("wait__email")
    phone_index = _phone_index("wait__phone")
    distance_m = models.PositiveIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    answer_before = models.DateTimeField()
    status = models.CharField(max_length=10, default="open")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["answer_before"], name="waiting_offer_open", condition=Q(status="open")
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["wait"], name="waiting_offer_one_a_wait", condition=Q(status="open")
            ),
            models.UniqueConstraint(
                fields=["email_index"],
                name="waiting_offer_one_an_email",
                condition=Q(status="open") & ~Q(email_index=""),
            ),
            models.UniqueConstraint(
                fields=["phone_index"],
                name="waiting_offer_one_a_phone",
                condition=Q(status="open") & ~Q(phone_index=""),
            ),
            models.CheckConstraint(
                name="waiting_offer_time_to_answer", condition=Q(answer_before__gt=F("made_at"))
            ),
            models.CheckConstraint(
                name="waiting_offer_words", condition=Q(status__in=["open", *OFFER_ENDS])
            ),
            _ended("waiting_offer_end", ("open",)),
        ]


class Request(models.Model):
    """Somebody without an account asks a psychologist to call back. No reason is asked."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    name = SealedTextField()
    email = SealedTextField(blank=True)
    phone = SealedTextField(blank=True)
    call_times = models.CharField(max_length=60, blank=True, help_text="codes, comma separated")
    language = models.CharField(max_length=2, default="fr")
    discreet = models.BooleanField(default=False)
    browser = models.CharField(max_length=64, help_text="digest of a browser's key")
    status = models.CharField(max_length=10, default="open")
    booking = models.ForeignKey(
        "agenda.Booking", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    alternatives = models.JSONField(default=list, help_text="ids of places, nearest first")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["psychologist", "created_at"], name="waiting_request_psychologist"
            ),
            models.Index(fields=["browser", "created_at"], name="waiting_request_browser"),
            models.Index(fields=["ended_at"], name="waiting_request_ended"),
        ]
        constraints = [
            models.CheckConstraint(
                name="waiting_request_words", condition=Q(status__in=["open", *REQUEST_ENDS])
            ),
            models.CheckConstraint(
                name="waiting_request_booked",
                condition=~Q(status="booked") | Q(booking__isnull=False),
            ),
            _ended("waiting_request_end", ("open",)),
        ]
