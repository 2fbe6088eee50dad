"""All that must be known of a person, a psychologist, a letter and a session, with their dates.

A dossier holds civil dates and words, as a file or a register knows them; periods are closed,
as the law writes them, and an open end is None. ``rules/answer.py`` turns it into facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from soutien.rules.codes import (
    ActCode,
    ExemptionKind,
    Kind,
    LinkedTo,
    Modality,
    Practice,
    Profile,
    Programme,
    PsychiatricKind,
    Referrer,
    Regime,
    Status,
)


@dataclass(frozen=True, slots=True)
class Exemption:
    """A ground of full coverage between two days."""

    kind: ExemptionKind
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class PsychiatricSituation:
    """A situation that may keep the person out of the programme (R-022)."""

    kind: PsychiatricKind
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """The patient; ``amc`` is a responsible complementary contract."""

    birth_date: date
    regime: Regime
    amc: bool
    exemptions: tuple[Exemption, ...] = ()
    psychiatric: tuple[PsychiatricSituation, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """A time under agreement; the earlier of its end and of a resignation's notice wins."""

    starts_on: date
    ends_on: date | None = None
    resignation_received_on: date | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """A time during which the agreement is suspended."""

    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Psychologist:
    """What the decision needs of a psychologist."""

    agreements: tuple[Agreement, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    practice: Practice = Practice.LIBERAL


@dataclass(frozen=True, slots=True)
class Referral:
    """The letter addressed to the fund."""

    written_on: date
    referrer: Referrer


@dataclass(frozen=True, slots=True)
class PastSession:
    """Another session of the person, before or after the claimed one."""

    held_on: date
    kind: Kind
    psychologist: str
    status: Status = Status.PAID
    programme: Programme = Programme.MON_SOUTIEN_PSY


@dataclass(frozen=True, slots=True)
class ClaimedSession:
    """The session to decide on; the price is in cents."""

    held_on: date
    kind: Kind
    modality: Modality
    psychologist: str
    price_cents: int
    act_code: ActCode = ActCode.NONE
    linked_to: LinkedTo = LinkedTo.NONE
    third_party_requested: bool = False
    received_on: date | None = None
    performed: bool = True
    sheet_complete: bool = True
    prescribed: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """One question to the law."""

    person: Person
    psychologists: Mapping[str, Psychologist]
    claim: ClaimedSession
    history: tuple[PastSession, ...] = ()
    referral: Referral | None = None
    profile: Profile = Profile.OPERATIONAL
    reference: str = field(default="", compare=False)
