"""What is written in care, as steps and pages hand it on: a doctor's letter, a document, a list.

A part of steps. Bodies are kept as plain values; here they get their shape back.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from soutien.registers.people.models import Person
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import Version, Writing
from soutien.rules.calendar import add_months, add_years, civil_date, day_number
from soutien.steps import gather
from soutien.steps.measured import Curve

ATTENDANCE, END_REPORT = "attendance", "end_report"
# What a psychologist types for each kind, in the order it is read; some are needed.
WORDS: Mapping[str, tuple[str, ...]] = {
    "evaluation_note": ("recipient", "goals", "symptoms", "needs", "plan"),
    END_REPORT: (
        *("recipient", "goals", "symptoms", "evolution", "scores", "technique", "count"),
        *("conclusion", "following"),
    ),
    "doctor_signal": ("recipient", "observed", "so_far", "asked"),
    "specialist_letter": ("recipient", "observed", "so_far", "asked"),
    ATTENDANCE: ("with_times", "with_place"),
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "evaluation_note": ("needs", "plan"),
    END_REPORT: ("evolution", "count", "conclusion"),
    "doctor_signal": ("observed",),
    "specialist_letter": ("observed", "asked"),
    ATTENDANCE: (),
}
# What leaves the pair on the person's word, and the purpose they may refuse in their own space.
PURPOSES_OF: Mapping[str, str] = {
    "evaluation_note": "evaluation_note",
    END_REPORT: "end_report",
    "doctor_signal": "reorientation",
    "specialist_letter": "reorientation",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known before a document is written: the care so far, and this appointment.

    ``sessions`` are those of the care that goes on, or was the last. ``curves`` are empty unless
    the person agreed that scores leave the pair: ``scores_agreed`` is what they said in their
    own space, None when they said nothing.
    """

    person_name: str
    born_on: date
    minor: bool
    psychologist_name: str
    sessions: tuple[date, ...]
    held: bool
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    doctor: str = ""
    goals: str = ""
    planned_sessions: int | None = None
    symptoms: str = ""
    evolution: str = ""
    technique: str = ""
    scores_agreed: bool | None = None
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """To whom a document went, on whose word, and whether the person was seen."""

    to: str
    basis: str
    at: datetime
    seen: str


@dataclass(frozen=True, slots=True)
class DoctorLetter:
    """What a doctor writes at once: the letter for the fund and the one for the psychologist.

    ``number`` is the RPPS or the AM number, ``linked_to`` a code of the care sheet or empty. The
    last four are clinical: the fund never receives them.
    """

    given_name: str
    family_name: str
    birth_date: date
    doctor: str
    referrer: str
    number: str
    structure: str = ""
    linked_to: str = ""
    reasons: str = ""
    context: str = ""
    findings: str = ""
    scores: str = ""

    @property
    def clinical(self) -> dict[str, str]:
        """The words that are for the psychologist only, those that were written."""
        told = {
            "reasons": self.reasons,
            "context": self.context,
            "findings": self.findings,
            "scores": self.scores,
        }
        return {name: text for name, text in told.items() if text}

    @property
    def heads(self) -> dict[str, str]:
        """Who wrote and about whom: what both letters begin with."""
        names = ("given_name", "family_name", "doctor", "referrer", "number", "structure")
        told = {name: getattr(self, name) for name in names}
        return told | {"birth_date": self.birth_date.isoformat()}


def as_text(letter: DoctorLetter) -> str:
    """The letter as one text, always the same for the same words."""
    told = asdict(letter) | {"birth_date": letter.birth_date.isoformat()}
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> DoctorLetter:
    """The letter that ``as_text`` wrote."""
    told = json.loads(text)
    return DoctorLetter(**told | {"birth_date": date.fromisoformat(told["birth_date"])})


def last_day_of(written_on: date) -> date:
    """The last day on which a doctor's letter holds, included (R-043)."""
    months = gather.terms_on(written_on).referral_months_max
    return civil_date(add_months(day_number(written_on), months))


@dataclass(frozen=True, slots=True)
class LeftLetter:
    """A doctor's letters that wait for a psychologist, or were fetched."""

    public_id: uuid.UUID
    written_on: date
    last_day: date
    ends_at: datetime
    received_at: datetime | None
    letter: DoctorLetter | None
    code: str


@dataclass(frozen=True, slots=True)
class WritingLine:
    """A document in a list: what it is, not what it says."""

    public_id: uuid.UUID
    kind: str
    written_on: date
    valid_before: date | None
    signed_at: datetime | None
    psychologist: str


@dataclass(frozen=True, slots=True)
class VisitWritings:
    """What the pair has, about whom, and whether they are a minor."""

    lines: tuple[WritingLine, ...]
    person_name: str
    child: bool


def is_minor(person: Person, at: datetime) -> bool:
    """Whether somebody is a minor on the day of a moment, in Paris."""
    on = gather.civil_day(at, "Europe/Paris")
    born = day_number(date.fromisoformat(person.birth_date))
    return day_number(on) < add_years(born, gather.terms_on(on).majority_age_years)


@dataclass(frozen=True, slots=True)
class OpenWriting:
    """A document with what it says; ``number`` counts its versions."""

    public_id: uuid.UUID
    kind: str
    person_id: int
    psychologist_id: int
    written_on: date
    valid_before: date | None
    signed_at: datetime | None
    number: int
    body: Mapping[str, Any]
    passages: tuple[HandedOver, ...] = ()


def signed_at(writing: Writing) -> datetime | None:
    """When its psychologist signed it."""
    signature = getattr(writing, "signature", None)
    return signature.signed_at if signature else None


def line_of(writing: Writing, psychologist: str = "") -> WritingLine:
    """A document as a list shows it."""
    return WritingLine(
        public_id=writing.public_id,
        kind=writing.kind,
        written_on=writing.written_on,
        valid_before=writing.valid_before,
        signed_at=signed_at(writing),
        psychologist=psychologist,
    )


def opened(writing: Writing) -> OpenWriting:
    """A document as it stands now."""
    version: Version = writings.latest(writing)
    return OpenWriting(
        public_id=writing.public_id,
        kind=writing.kind,
        person_id=writing.person_id,
        psychologist_id=writing.psychologist_id,
        written_on=writing.written_on,
        valid_before=writing.valid_before,
        signed_at=signed_at(writing),
        number=version.number,
        body=version.body,
        passages=tuple(
            HandedOver(row.to, row.basis, row.handed_over_at, writings.last_answer(row))
            for row in writings.hand_overs_of(writing)
        ),
    )
