"""May this appointment be booked? The decision, asked before the session instead of after.

A booking is refused for what the future cannot mend: the age, the psychologist's agreement on
that day, the way it is held, the order of sessions, and the year's number. What a claim needs
later (rights on the day, the sheet, its delay) is told, not refused.
"""

from __future__ import annotations

from soutien.rules.codes import Reason
from soutien.rules.decide import Decision

REFUSES_A_BOOKING = int(
    Reason.BEFORE_PROGRAMME_START
    | Reason.AGE_BELOW_MINIMUM
    | Reason.PSYCHOLOGIST_NOT_CONVENTIONED
    | Reason.CONVENTION_SUSPENDED
    | Reason.EVALUATION_MUST_BE_IN_PERSON
    | Reason.DUPLICATE_CLAIM
    | Reason.SAME_DAY_SESSION
    | Reason.EVALUATION_MISSING
    | Reason.EVALUATION_ALREADY_BILLED
    | Reason.ANNUAL_CAP_REACHED
)


def booking_refusals(decision: Decision) -> int:
    """The bits of Reason that forbid the booking; 0 when it may be made.

    The decision is taken on the dossier of the planned session, in which sessions already
    booked stand in the history as if they were paid: a seat reserved is a seat taken.
    """
    return decision.reasons & REFUSES_A_BOOKING


def told_beforehand(decision: Decision) -> int:
    """The bits of Reason that would refuse payment today but may be mended before the day."""
    return decision.reasons & ~REFUSES_A_BOOKING
