"""Paper care sheets in the hands of an agent: typed, then decided or sent back.

What was typed is kept line by line of typing, written once: no difference is lost.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import models
from django.db.models import Q, QuerySet

from soutien.sealing import SealedJSONField

OPEN, RETURNED, ENTERED = "open", "returned", "entered"
STATES = (OPEN, RETURNED, ENTERED)
# Of a sealed text, so that its length does not tell a sheet of one session from one of eight.
PADDED = 2048


class PaperSheet(models.Model):
    """A sheet S 3130 on paper that a fund received.

    ``number`` is what it bears, or its reference here when it bears none. ``reasons`` are the bits
    of rules.codes.Reason with which it went back. The mended sheet ``replaces`` it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20)
    fund_code = models.CharField(max_length=9)
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    psychologist = models.ForeignKey(
        "psychologists.Psychologist", on_delete=models.PROTECT, related_name="+"
    )
    place = models.ForeignKey(
        "psychologists.PracticePlace", on_delete=models.PROTECT, related_name="+"
    )
    received_on = models.DateField()
    begun_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=OPEN)
    reasons = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_account = models.BigIntegerField(null=True, blank=True)
    care_sheet = models.OneToOneField(
        "claims.CareSheet", null=True, blank=True, on_delete=models.PROTECT, related_name="paper"
    )
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )

    class Meta:
        indexes = [
            models.Index(fields=["fund_code", "state", "begun_at"], name="claims_paper_waiting"),
        ]
        constraints = [
            # One that was sent back may come again under its number.
            models.UniqueConstraint(
                fields=["number"], condition=~Q(state=RETURNED), name="claims_paper_once"
            ),
            models.CheckConstraint(
                name="claims_paper_state",
                condition=Q(state=OPEN, ended_at__isnull=True, care_sheet__isnull=True, reasons=0)
                | Q(
                    state=RETURNED,
                    ended_at__isnull=False,
                    care_sheet__isnull=True,
                    reasons__gt=0,
                )
                | Q(state=ENTERED, ended_at__isnull=False, care_sheet__isnull=False, reasons=0),
            ),
        ]

    @property
    def reference(self) -> str:
        """What is told to whoever follows it."""
        return f"P{self.received_on:%y}-{self.pk:06d}"


class PaperTyping(models.Model):
    """What somebody typed of a paper: all of it, or the amounts alone."""

    paper = models.ForeignKey(PaperSheet, on_delete=models.PROTECT, related_name="typings")
    sequence = models.PositiveSmallIntegerField()
    amounts_only = models.BooleanField()
    content = SealedJSONField(row="paper,sequence", padded=PADDED, help_text="what was typed")
    account = models.BigIntegerField(null=True, blank=True)
    typed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "sequence"], name="claims_paper_typed_once"),
        ]


def by_public_id(public_id: uuid.UUID) -> PaperSheet | None:
    """The paper of an address, with its person, psychologist and place."""
    return _with_all().filter(public_id=public_id).first()


def by_key(key: int) -> PaperSheet | None:
    """The paper of a letter, with its person and psychologist."""
    return _with_all().filter(pk=key).first()


def locked(key: int) -> PaperSheet:
    """The paper as it is now, kept so until the transaction ends."""
    return PaperSheet.objects.select_for_update().get(pk=key)


def by_reference(reference: str) -> PaperSheet | None:
    """The paper that somebody names by its reference here."""
    _year, _dash, digits = reference.partition("-")
    if not (digits.isdecimal() and digits.isascii() and len(digits) <= len("123456789012")):
        return None
    found = _with_all().filter(pk=int(digits)).first()
    return found if found is not None and found.reference == reference else None


def of_sheet(care_sheet_id: int) -> PaperSheet | None:
    """The paper that a care sheet was typed from; None for one issued here."""
    return _with_all().filter(care_sheet=care_sheet_id).first()


def known(number: str) -> PaperSheet | None:
    """The paper under a number that was not sent back."""
    return _with_all().filter(~Q(state=RETURNED), number=number).first()


def replacing(paper_id: int) -> PaperSheet | None:
    """The mended sheet that came in the place of one sent back."""
    return PaperSheet.objects.filter(replaces=paper_id).first()


def typings_of(paper_id: int) -> list[PaperTyping]:
    """All that was typed of a paper, in order."""
    return list(PaperTyping.objects.filter(paper=paper_id).order_by("sequence"))


def add(**fields: object) -> PaperSheet:
    """A paper that begins to be typed; without a number, its reference is its number."""
    paper = PaperSheet.objects.create(**fields)
    if not paper.number:
        paper.number = paper.reference
        paper.save(update_fields=["number"])
    return paper


def typed(
    paper: PaperSheet, content: object, *, amounts_only: bool, account: int | None, at: datetime
) -> PaperTyping:
    """One more typing."""
    return PaperTyping.objects.create(
        paper=paper,
        sequence=1 + PaperTyping.objects.filter(paper=paper).count(),
        amounts_only=amounts_only,
        content=content,
        account=account,
        typed_at=at,
    )


def of_fund(fund_code: str, states: Collection[str]) -> QuerySet[PaperSheet]:
    """A fund's papers in some states, the oldest first."""
    found = _with_all().filter(fund_code=fund_code, state__in=list(states))
    return found.order_by("begun_at", "id")


def forget(person_id: int) -> int:
    """Remove what was typed about somebody who was forgotten. Raises IntegrityError before."""
    return PaperTyping.objects.filter(paper__person_id=person_id).delete()[0]


def _with_all() -> QuerySet[PaperSheet]:
    return PaperSheet.objects.select_related("person", "psychologist", "place", "care_sheet")
