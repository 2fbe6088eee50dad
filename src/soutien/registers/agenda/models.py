"""Weekly openings, exceptions, and bookings. Free slots are never stored: they are derived."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

# A booking in one of these states occupies its time: the database refuses two that overlap.
LIVE = ("held", "confirmed", "fulfilled", "missed")
# Whose doing the end of a booking was: an appointment cancelled by its person and one cancelled
# by its psychologist are two different things to tell.
ENDED_BY = ("person", "psychologist", "time", "system")
# Why a psychologist takes one more person at a time already taken. Codes only: a reason in free
# words would sooner or later say something of somebody's health.
OVERBOOKING_REASONS = ("urgent", "agreed_with_both", "replacement", "shared_session")


class OpeningRule(models.Model):
    """Hours open every week at a place; minutes are wall time of the place."""

    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    place = models.ForeignKey(
        "psychologists.PracticePlace", on_delete=models.PROTECT, related_name="+"
    )
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday")
    starts_at_minute = models.PositiveSmallIntegerField(help_text="minutes after midnight")
    ends_at_minute = models.PositiveSmallIntegerField()
    appointment_minutes = models.PositiveSmallIntegerField(default=60)
    accepts = models.CharField(
        max_length=12, default="both", help_text="evaluation, follow_up or both"
    )
    modality = models.CharField(
        max_length=10, default="in_person", help_text="in_person, remote or both"
    )
    open_on_public_holidays = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="agenda_rule_hours",
                condition=Q(weekday__lte=6)
                & Q(ends_at_minute__gt=F("starts_at_minute"))
                & Q(ends_at_minute__lte=1440)
                & Q(appointment_minutes__gte=15, appointment_minutes__lte=720),
            ),
            models.CheckConstraint(
                name="agenda_rule_period",
                condition=Q(valid_before__isnull=True) | Q(valid_before__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="agenda_rule_words",
                condition=Q(accepts__in=["evaluation", "follow_up", "both"])
                & Q(modality__in=["in_person", "remote", "both"]),
            ),
        ]


class Absence(models.Model):
    """Days away, from the first to before the last: nothing is open, whatever else is said.

    Without a place, away from all places. The days are those of each place.
    """

    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    place = models.ForeignKey(
        "psychologists.PracticePlace",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    valid_from = models.DateField()
    valid_before = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["psychologist", "valid_before"], name="agenda_absence_days")
        ]
        constraints = [
            models.CheckConstraint(
                name="agenda_absence_period", condition=Q(valid_before__gt=F("valid_from"))
            ),
        ]


class AgendaLimits(models.Model):
    """How one psychologist lets others book; without a row, the defaults of ``free.Limits``."""

    psychologist = models.OneToOneField(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    buffer_minutes = models.PositiveSmallIntegerField(
        help_text="free after each appointment, before the next"
    )
    notice_hours = models.PositiveSmallIntegerField(help_text="the least, from booking to start")
    horizon_days = models.PositiveSmallIntegerField(help_text="how far ahead one may book")
    first_sessions_kept = models.PositiveSmallIntegerField(
        help_text="starts of each week kept for first sessions"
    )
    kept_until_days = models.PositiveSmallIntegerField(
        help_text="days before its Monday when a week is open to all"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="agenda_limits_sensible",
                condition=Q(buffer_minutes__lte=240)
                & Q(notice_hours__lte=24 * 30)
                & Q(horizon_days__gte=1, horizon_days__lte=400)
                & Q(first_sessions_kept__lte=50)
                & Q(kept_until_days__lte=60),
            ),
        ]


class OpeningException(models.Model):
    """A day that differs from the weekly rules.

    An opening takes the place of the weekly rules of its place on that day, public holiday or not.
    A closing takes its hours away from everything, openings too; without a place, from all places.
    """

    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    place = models.ForeignKey(
        "psychologists.PracticePlace",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    day = models.DateField(help_text="the day at the place")
    closed = models.BooleanField(default=True)
    starts_at_minute = models.PositiveSmallIntegerField(default=0)
    ends_at_minute = models.PositiveSmallIntegerField(default=1440)
    appointment_minutes = models.PositiveSmallIntegerField(default=60)
    accepts = models.CharField(max_length=12, default="both")
    modality = models.CharField(max_length=10, default="in_person")

    class Meta:
        indexes = [models.Index(fields=["psychologist", "day"], name="agenda_exception_day")]
        constraints = [
            models.CheckConstraint(
                name="agenda_exception_hours",
                condition=Q(ends_at_minute__gt=F("starts_at_minute"))
                & Q(ends_at_minute__lte=1440)
                & Q(appointment_minutes__gte=15, appointment_minutes__lte=720),
            ),
            models.CheckConstraint(
                name="agenda_exception_opening_has_place",
                condition=Q(closed=True) | Q(place__isnull=False),
            ),
            models.CheckConstraint(
                name="agenda_exception_words",
                condition=Q(accepts__in=["evaluation", "follow_up", "both"])
                & Q(modality__in=["in_person", "remote", "both"]),
            ),
        ]


class Booking(models.Model):
    """One appointment, from the hold while typing to the end. Moments are UTC.

    The migrations add what Django cannot say on both engines: live bookings of one psychologist,
    or of one person, never overlap, and none lasts longer than twelve hours. One that is laid
    over another on purpose says so (``overbooked_for``); there is never a third, and nothing is
    booked over it later. A person is never in two chairs.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    place = models.ForeignKey(
        "psychologists.PracticePlace", on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        "people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=12)
    modality = models.CharField(max_length=10, default="in_person")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    civil_day = models.DateField(help_text="the day at the place of care")
    status = models.CharField(max_length=10)
    held_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=20, blank=True, help_text="one of ENDED_BY")
    holder = models.CharField(
        max_length=64, blank=True, help_text="who holds, when no person is known: a browser's key"
    )
    overbooked_for = models.CharField(
        max_length=20, blank=True, help_text="one of OVERBOOKING_REASONS: laid over another"
    )
    plan = models.UUIDField(
        null=True, blank=True, help_text="the same for all that was booked as one plan"
    )
    times_moved = models.PositiveSmallIntegerField(
        default=0, help_text="goes up with each move: a calendar's SEQUENCE"
    )

    class Meta:
        indexes = [
            models.Index(fields=["psychologist", "starts_at"], name="agenda_booking_agenda"),
            models.Index(fields=["person", "starts_at"], name="agenda_booking_person"),
            models.Index(
                fields=["held_until"], name="agenda_booking_holds", condition=Q(status="held")
            ),
            models.Index(
                fields=["holder", "held_until"],
                name="agenda_booking_holder",
                condition=~Q(holder=""),
            ),
            models.Index(fields=["plan"], name="agenda_booking_plan", condition=~Q(plan=None)),
            models.Index(
                fields=["psychologist", "starts_at"],
                name="agenda_booking_over",
                condition=~Q(overbooked_for=""),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="agenda_booking_order", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="agenda_booking_words",
                condition=Q(kind__in=["evaluation", "follow_up"])
                & Q(modality__in=["in_person", "remote"])
                & Q(status__in=[*LIVE, "cancelled", "expired"]),
            ),
            models.CheckConstraint(
                name="agenda_booking_person_known",
                condition=Q(status__in=["held", "expired", "cancelled"]) | Q(person__isnull=False),
            ),
            models.CheckConstraint(
                name="agenda_booking_hold_ends",
                condition=~Q(status="held") | Q(held_until__isnull=False),
            ),
            models.CheckConstraint(
                name="agenda_booking_over_words",
                condition=Q(overbooked_for__in=["", *OVERBOOKING_REASONS]),
            ),
        ]


class BusyTime(models.Model):
    """A time taken elsewhere, read from another calendar of the psychologist: when, never what."""

    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["psychologist", "starts_at"], name="agenda_busy_times")]
        constraints = [
            models.CheckConstraint(
                name="agenda_busy_order", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]
