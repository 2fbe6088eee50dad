"""Psychologists, where they practise, and when they are under agreement."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q


class Psychologist(models.Model):
    """A psychologist as the directory shows them."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    search_name = models.CharField(max_length=170, db_index=True)
    rpps = models.CharField(max_length=11, unique=True)
    am_number = models.CharField(max_length=9, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    website = models.URLField(blank=True)
    sees_adults = models.BooleanField(default=True)
    sees_teenagers = models.BooleanField(default=False)
    sees_children = models.BooleanField(default=False)
    languages = models.CharField(max_length=80, default="fr", help_text="codes, comma separated")
    offers_video = models.BooleanField(default=False)
    accepts_new_patients = models.BooleanField(default=True)
    presentation_fr = models.TextField(blank=True)
    presentation_en = models.TextField(blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    # Visitors said it was no longer so, and the psychologist did not answer when asked.
    doubted_on = models.DateField(null=True, blank=True)
    # The psychologist takes new patients again from this day on.
    full_until = models.DateField(null=True, blank=True)
    offers_amc_third_party = models.BooleanField(default=False)
    # A file named them and no longer does: the directory hides them, the agreement is untouched.
    joined_partners_on = models.DateField(null=True, blank=True)
    left_partners_on = models.DateField(null=True, blank=True)
    left_register_on = models.DateField(null=True, blank=True)


class Source(models.TextChoices):
    """Who said what is kept; the stronger one last."""

    REGISTER = "register", "the open RPPS file"
    PARTNER_FILE = "partner_file", "the file of partners"
    OWN_WORDS = "own_words", "the psychologist"


class PracticePlace(models.Model):
    """An address where a psychologist receives people. Latitude and longitude in degrees."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    psychologist = models.ForeignKey(Psychologist, on_delete=models.PROTECT, related_name="places")
    label = models.CharField(max_length=120, blank=True)
    address_line = models.CharField(max_length=160)
    postcode = models.CharField(max_length=5)
    town_name = models.CharField(max_length=80)
    insee = models.CharField(max_length=5, db_index=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    position_precision = models.CharField(max_length=12, default="town")
    practice = models.CharField(max_length=8, default="liberal")
    finess = models.CharField(max_length=9, blank=True)
    step_free = models.BooleanField(default=False)
    time_zone = models.CharField(max_length=40, default="Europe/Paris")
    source = models.CharField(max_length=12, choices=Source, default=Source.OWN_WORDS)
    source_key = models.CharField(max_length=60, blank=True, help_text="the file's own key")
    source_digest = models.CharField(max_length=32, blank=True, help_text="as last imported")
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["latitude", "longitude"], name="place_position")]
        constraints = [
            models.CheckConstraint(
                name="psychologists_practice_known",
                condition=Q(practice__in=["liberal", "cds", "msp"]),
            ),
        ]


class Agreement(models.Model):
    """A period under agreement with the Assurance Maladie (R-150, R-163)."""

    psychologist = models.ForeignKey(
        Psychologist, on_delete=models.PROTECT, related_name="agreements"
    )
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)
    resignation_received_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="psychologists_agreement_period",
                condition=Q(valid_before__isnull=True) | Q(valid_before__gt=F("valid_from")),
            ),
        ]


class Suspension(models.Model):
    """A period during which the agreement is suspended (R-165)."""

    psychologist = models.ForeignKey(
        Psychologist, on_delete=models.PROTECT, related_name="suspensions"
    )
    valid_from = models.DateField()
    valid_before = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="psychologists_suspension_period",
                condition=Q(valid_before__isnull=True) | Q(valid_before__gt=F("valid_from")),
            ),
        ]


class Replacement(models.Model):
    """A psychologist does another one's daily work, on days known beforehand.

    An empty period was taken back before it began.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    replaced = models.ForeignKey(
        Psychologist, on_delete=models.PROTECT, related_name="replacements"
    )
    replacing = models.ForeignKey(
        Psychologist, on_delete=models.PROTECT, related_name="replacements_done"
    )
    valid_from = models.DateField()
    valid_before = models.DateField()
    recorded_by = models.CharField(max_length=20, help_text="a role")
    recorded_by_account = models.BigIntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="psychologists_replacement_period",
                condition=Q(valid_before__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="psychologists_replacement_not_oneself",
                condition=~Q(replaced=F("replacing")),
            ),
        ]


class ConfirmationRequest(models.Model):
    """A psychologist was asked whether the entry is still true. The public id makes the link."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    psychologist = models.ForeignKey(
        Psychologist, on_delete=models.PROTECT, related_name="confirmation_requests"
    )
    reason = models.CharField(
        max_length=9,
        choices=[("due", "due"), ("reports", "reports"), ("returning", "returning")],
    )
    asked_on = models.DateField(db_index=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(
        max_length=4, blank=True, choices=[("open", "takes people"), ("full", "no place")]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["psychologist", "asked_on"], name="psychologists_asked_once_a_day"
            ),
        ]


class AvailabilityReports(models.Model):
    """How many visitors said on one day that an entry is not so. Nothing about the visitors."""

    psychologist = models.ForeignKey(
        Psychologist, on_delete=models.PROTECT, related_name="availability_reports"
    )
    kind = models.CharField(
        max_length=9, choices=[("no_answer", "no answer"), ("no_place", "no place")]
    )
    reported_on = models.DateField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["psychologist", "kind", "reported_on"],
                name="psychologists_reports_of_a_day",
            ),
        ]


class FieldSource(models.Model):
    """What a file last wrote in a field of a psychologist, or that the field is their own words.

    A field that no longer holds ``value`` was changed since: those are their own words too.
    """

    psychologist = models.ForeignKey(
        Psychologist, on_delete=models.CASCADE, related_name="field_sources"
    )
    field = models.CharField(max_length=40)
    source = models.CharField(max_length=12, choices=Source)
    value = models.TextField(blank=True)
    source_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["psychologist", "field"], name="psychologists_field_source_once"
            ),
        ]


class Registration(models.Model):
    """A psychologist of the open RPPS file, partner or not. ``gone_on``: no longer in it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rpps = models.CharField(max_length=11, unique=True)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    search_name = models.CharField(max_length=170, db_index=True)
    source_on = models.DateField(help_text="the day of the file that last changed the row")
    gone_on = models.DateField(null=True, blank=True)


class RegisteredPlace(models.Model):
    """An activity of the open RPPS file: one place, one mode. Latitude, longitude in degrees."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="places")
    key = models.CharField(max_length=60, help_text="mode and structure, or mode and address")
    mode = models.CharField(max_length=1, blank=True, help_text="TRE_R23: L, S, B")
    structure_name = models.CharField(max_length=120, blank=True)
    siret = models.CharField(max_length=14, blank=True)
    finess = models.CharField(max_length=9, blank=True)
    address_line = models.CharField(max_length=160, blank=True)
    complement = models.CharField(max_length=160, blank=True)
    postcode = models.CharField(max_length=5, blank=True)
    town_name = models.CharField(max_length=80)
    insee = models.CharField(max_length=5, db_index=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    position_precision = models.CharField(max_length=12)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    former_structure = models.CharField(max_length=40, blank=True)
    source_on = models.DateField(help_text="the day of the file that last changed the row")
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["latitude", "longitude"], name="registered_position")]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "key"], name="psychologists_registered_place_once"
            ),
        ]


class FormerNumber(models.Model):
    """An ADELI number, closed when psychologists moved to the RPPS (R-161): history only."""

    adeli = models.CharField(max_length=9, unique=True)
    rpps = models.CharField(max_length=11, blank=True, db_index=True)
    given_name = models.CharField(max_length=80, blank=True)
    family_name = models.CharField(max_length=80, blank=True)
    source_on = models.DateField()


class ImportRun(models.Model):
    """One reading of a file. A run that is not ``done`` was stopped or overtaken by another."""

    kind = models.CharField(max_length=12, choices=[("rpps", "rpps"), ("partners", "partners")])
    file_name = models.CharField(max_length=200)
    source_on = models.DateField(help_text="the day the file tells about")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        max_length=10,
        choices=[
            ("running", "running"),
            ("done", "done"),
            ("partial", "partial"),
            ("overtaken", "overtaken"),
        ],
        default="running",
    )
    counts = models.JSONField(default=dict)


class Amendment(models.Model):
    """A value that a file replaced, so that the former one can still be told."""

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="amendments")
    rpps = models.CharField(max_length=11, db_index=True)
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)


class Change(models.Model):
    """A write that may change who is found, or when. Written by triggers, never by the product.

    The migrations put one trigger on each table that matters, here and in the agenda, so that no
    write can forget it; see docs/decisions/0012-earliest-place.md. ``mark`` is the transaction
    that wrote the line on PostgreSQL, and a random number on SQLite.
    """

    # A plain number, not a foreign key: a line must not lock the psychologist's row.
    psychologist_id = models.BigIntegerField()
    topic = models.CharField(max_length=9, help_text="directory, agenda or both")
    mark = models.BigIntegerField(db_index=True)
