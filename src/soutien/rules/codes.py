"""The words of the law as numbers, so that the decision runs on integers.

Numbers are stored and compiled: they are never renumbered or reused. The lower-case name
of a member is the word used in files, tables and APIs: ``Kind.FOLLOW_UP`` is ``follow_up``.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from functools import lru_cache


class Profile(IntEnum):
    """Which reading of the law: what caisses applied, or the strict text (R-200)."""

    OPERATIONAL = 0
    LEGAL = 1


class Kind(IntEnum):
    """What a session is."""

    FOLLOW_UP = 0
    EVALUATION = 1


class Modality(IntEnum):
    """How a session is held; remote means by video, never by telephone (R-052)."""

    IN_PERSON = 0
    REMOTE = 1


class ActCode(IntEnum):
    """Act codes of the care sheet (R-111); NONE is 'not given', OTHER any unknown code."""

    NONE = 0
    EEP = 1
    APS = 2
    PSS = 3
    OTHER = 9


class Regime(IntEnum):
    """The compulsory scheme; NONE is 'not affiliated' (R-002, R-083, R-084)."""

    NONE = 0
    GENERAL = 1
    MSA = 2
    REGIME_LOCAL_ALSACE_MOSELLE = 3
    SPECIAL = 4


class ExemptionKind(IntFlag):
    """Grounds of full coverage, as bits of the rights open on a day (R-085 to R-090)."""

    CSS = 1
    AME = 2
    ALD = 4
    MATERNITY = 8
    AT_MP = 16
    INVALIDITY = 32


class PsychiatricKind(IntEnum):
    """Situations that keep a person out of the programme (R-022)."""

    PSYCHIATRIC_ALD = 1
    PSYCHIATRIC_INVALIDITY = 2
    PSYCHIATRIC_SICK_LEAVE = 3
    CHILD_PSYCHIATRY_FOLLOW_UP = 4


class Referrer(IntEnum):
    """Who wrote the referral letter (R-042); OTHER is never valid."""

    NONE = 0
    GP = 1
    HOSPITAL_DOCTOR = 2
    SPECIALIST_DOCTOR = 3
    SCHOOL_DOCTOR = 4
    STUDENT_HEALTH_DOCTOR = 5
    OCCUPATIONAL_DOCTOR = 6
    MIDWIFE = 7
    SCHOOL_NURSE = 8
    OTHER = 99


class Practice(IntEnum):
    """Where the psychologist practises: alone, health centre, or health house (R-103)."""

    LIBERAL = 1
    CDS = 2
    MSP = 3


class LinkedTo(IntEnum):
    """What the person declares the session is linked to (R-215)."""

    NONE = 0
    ALD = 1
    MATERNITY = 2
    AT_MP = 3
    THIRD_PARTY_ACCIDENT = 4


class Status(IntEnum):
    """What became of an earlier session; only PAID counts (R-213)."""

    PAID = 1
    REJECTED = 2
    NO_SHOW = 3
    CANCELLED = 4
    PENDING = 5


class Programme(IntEnum):
    """Under which programme an earlier session was paid (R-130, R-131)."""

    MON_SOUTIEN_PSY = 1
    SANTE_PSY_ETUDIANT = 2
    OUT_OF_NETWORK = 3


class ThirdParty(IntEnum):
    """What the person pays on the spot: the price, the price less AMO, or nothing (R-211)."""

    NONE = 0
    AMO = 1
    FULL = 2


class Coverage(IntEnum):
    """Why an accepted session is paid as it is: one code per claim (R-094)."""

    NONE = 0
    STANDARD_60_40 = 1
    LOCAL_REGIME_90_10 = 2
    FULL_COVERAGE_CSS = 3
    FULL_COVERAGE_AME = 4
    FULL_COVERAGE_ALD = 5
    FULL_COVERAGE_MATERNITY = 6
    FULL_COVERAGE_AT_MP = 7
    FULL_COVERAGE_INVALIDITY = 8


class Reason(IntFlag):
    """Refusal codes in their stable order: all that apply are said at once (R-214)."""

    BEFORE_PROGRAMME_START = 1 << 0
    NO_HEALTH_INSURANCE_RIGHTS = 1 << 1
    AGE_BELOW_MINIMUM = 1 << 2
    NON_INCLUSION_PSYCHIATRIC = 1 << 3
    PSYCHOLOGIST_NOT_CONVENTIONED = 1 << 4
    CONVENTION_SUSPENDED = 1 << 5
    ACT_NOT_PERFORMED = 1 << 6
    EVALUATION_MUST_BE_IN_PERSON = 1 << 7
    ACT_CODE_MISMATCH = 1 << 8
    REFERRAL_MISSING = 1 << 9
    REFERRER_NOT_ALLOWED = 1 << 10
    REFERRAL_DATED_AFTER_SESSION = 1 << 11
    REFERRAL_EXPIRED = 1 << 12
    DUPLICATE_CLAIM = 1 << 13
    SAME_DAY_SESSION = 1 << 14
    DOUBLE_FUNDING = 1 << 15
    EVALUATION_MISSING = 1 << 16
    EVALUATION_ALREADY_BILLED = 1 << 17
    ANNUAL_CAP_REACHED = 1 << 18
    PRICE_NOT_REGULATED = 1 << 19
    CARE_SHEET_INCOMPLETE = 1 << 20
    CLAIM_TIME_BARRED = 1 << 21


class Notice(IntFlag):
    """Notices on an accepted claim, in their stable order; they never change the outcome."""

    YEAR_ROLLOVER_NO_EVALUATION = 1 << 0
    TRANSITION_PERIOD_2024 = 1 << 1
    LATE_THIRD_PARTY_SUBMISSION = 1 << 2
    THIRD_PARTY_ACCIDENT_DECLARED = 1 << 3
    UNCAPPED_MINOR_ALD = 1 << 4


def word(code: IntEnum | IntFlag) -> str:
    """The word of a single code, as files and APIs write it."""
    assert code.name is not None
    return code.name.lower()


@lru_cache(maxsize=4096, typed=True)  # equal numbers of two kinds are different words
def words(bits: IntFlag) -> tuple[str, ...]:
    """The words of all codes set in ``bits``, in their stable order."""
    return tuple(word(code) for code in type(bits) if int(bits) & int(code))
