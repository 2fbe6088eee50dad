"""The year of a person seat by seat, and the sessions themselves."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

LEAST_MINUTES, MOST_MINUTES = 5, 240
MISSED_BY = ("person", "psychologist")
# Why a session is told anew.
CORRECTED_FOR = ("attendance", "modality", "duration", "ground", "other")


class Referral(models.Model):
    """A doctor's letter addressed to the fund (R-041)."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    written_on = models.DateField()
    referrer = models.CharField(max_length=24)

    class Meta:
        indexes = [models.Index(fields=["person", "written_on"], name="care_referral_person")]


class Year(models.Model):
    """One person's civil year: the row to lock before a seat is taken."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    civil_year = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "civil_year"], name="care_year_once"),
        ]


class CareSession(models.Model):
    """A session that took place or was missed. Never rewritten: a correction is a new one.

    The database refuses change and removal. ``corrects`` is the one that it takes the place of,
    ``sent_as`` the one whose sheet the fund has, when that is not its own.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    place = models.ForeignKey(
        "psychologists.PracticePlace", on_delete=models.PROTECT, related_name="+"
    )
    booking = models.ForeignKey(
        "agenda.Booking", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    held_on = models.DateField(help_text="the day at the place of care")
    kind = models.CharField(max_length=12)
    modality = models.CharField(max_length=10)
    performed = models.BooleanField(default=True)
    price_cents = models.PositiveIntegerField()
    linked_to = models.CharField(max_length=24, blank=True)
    prescribed = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    missed_by = models.CharField(max_length=12, blank=True, help_text="who did not come")
    told_on = models.DateField(null=True, blank=True, help_text="when that was told beforehand")
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="correction"
    )
    corrected_for = models.CharField(max_length=12, blank=True)
    sent_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["person", "held_on"], name="care_session_person"),
            models.Index(fields=["psychologist", "held_on"], name="care_session_practice"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=Q(corrects__isnull=True),
                name="care_session_of_a_booking",
            ),
            models.CheckConstraint(
                name="care_session_minutes",
                condition=Q(duration_minutes__isnull=True)
                | Q(duration_minutes__gte=LEAST_MINUTES, duration_minutes__lte=MOST_MINUTES),
            ),
            models.CheckConstraint(
                name="care_session_missed",
                condition=Q(performed=True, missed_by="", told_on__isnull=True)
                | Q(performed=False, missed_by__in=["", *MISSED_BY]),
            ),
            models.CheckConstraint(
                name="care_session_told_before",
                condition=Q(told_on__isnull=True) | Q(told_on__lte=F("held_on")),
            ),
            models.CheckConstraint(
                name="care_session_correction",
                condition=Q(corrects__isnull=True, sent_as__isnull=True, corrected_for="")
                | Q(corrects__isnull=False, corrected_for__in=CORRECTED_FOR),
            ),
            models.CheckConstraint(
                name="care_session_words",
                condition=Q(kind__in=["evaluation", "follow_up"])
                & Q(modality__in=["in_person", "remote"]),
            ),
        ]


class Seat(models.Model):
    """One bead of the year: reserved by a booking, or used by a paid session.

    ``cap`` is the law's number of the day the seat was taken, null where the law sets none;
    with ``number`` unique in the year, one seat more than the cap cannot be written.
    """

    year = models.ForeignKey(Year, on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveSmallIntegerField()
    cap = models.PositiveSmallIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=12)
    used = models.BooleanField(default=False, help_text="false: reserved by a booking")
    booking = models.OneToOneField(
        "agenda.Booking", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    care_session = models.OneToOneField(
        CareSession, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="care_seat_once"),
            models.CheckConstraint(
                name="care_seat_within_cap",
                condition=Q(number__gte=1) & (Q(cap__isnull=True) | Q(number__lte=F("cap"))),
            ),
            models.CheckConstraint(
                name="care_seat_has_owner",
                condition=Q(booking__isnull=False) | Q(care_session__isnull=False),
            ),
            models.CheckConstraint(
                name="care_seat_kind", condition=Q(kind__in=["evaluation", "follow_up"])
            ),
        ]


# Tables of this register, in files of their own with their questions.
from soutien.registers.care.episodes import Episode as Episode  # noqa: E402
from soutien.registers.care.episodes import Goals as Goals  # noqa: E402
from soutien.registers.care.episodes import Review as Review  # noqa: E402
from soutien.registers.care.hand_overs import HandOver as HandOver  # noqa: E402
from soutien.registers.care.notes import Note as Note  # noqa: E402
from soutien.registers.care.notes import NoteVersion as NoteVersion  # noqa: E402
