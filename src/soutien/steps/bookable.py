"""May this be booked? What the law would refuse, in the words of a booking.

A part of steps, shared by those who book one time, move it, or book a whole plan.
"""

from __future__ import annotations

from datetime import date

from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.models import PracticePlace
from soutien.rules.answer import Answer
from soutien.rules.booking import booking_refusals
from soutien.rules.calendar import civil_date
from soutien.rules.codes import Reason
from soutien.rules.decide import NO_CAP
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import Relation, relations

# What the law says of a planned session, as a booking is refused: the first that applies.
_BY_LAW = (
    (Reason.BEFORE_PROGRAMME_START, "before_programme"),
    (Reason.AGE_BELOW_MINIMUM, "too_young"),
    (Reason.PSYCHOLOGIST_NOT_CONVENTIONED, "not_under_agreement"),
    (Reason.CONVENTION_SUSPENDED, "not_under_agreement"),
    (Reason.EVALUATION_MUST_BE_IN_PERSON, "evaluation_in_person"),
    (Reason.ANNUAL_CAP_REACHED, "year_full"),
    (Reason.EVALUATION_ALREADY_BILLED, "evaluation_exists"),
    (Reason.SAME_DAY_SESSION, "same_day"),
    # The same session booked twice hides the other reasons: it is on the same day.
    (Reason.DUPLICATE_CLAIM, "same_day"),
    (Reason.EVALUATION_MISSING, "evaluation_needed"),
)


def place_of(place_id: int, psychologist_id: int) -> PracticePlace:
    """A place of a psychologist, with the psychologist; refused when it is somebody else's."""
    place = directory.place(place_id)
    if place is None or place.psychologist_id != psychologist_id:
        raise Refusal("not_found")
    return place


def refuse_newcomers(place: PracticePlace, person_id: int | None) -> None:
    """A psychologist who takes nobody new still sees those already known."""
    if not place.psychologist.accepts_new_patients:
        refuse_unless_known(place.psychologist_id, person_id)


def refuse_unless_known(psychologist_id: int, person_id: int | None) -> None:
    """Refuses who is, and was, nobody's patient here."""
    if person_id is None or not gather.treats(psychologist_id, person_id):
        raise Refusal("no_new_patients")


def ties_of(actor: Actor, psychologist_id: int, person_id: int | None) -> frozenset[Relation]:
    """What ties the actor to a booking of these two."""
    own_agenda = actor.psychologist_id == psychologist_id
    treats = own_agenda and person_id is not None and gather.treats(psychologist_id, person_id)
    return relations(actor, person_id=person_id, psychologist_id=psychologist_id, treats=treats)


def refused_by_law(answered: Answer) -> tuple[str, ...]:
    """The codes of all that forbids the booking, the most telling first; none when it may be."""
    reasons = booking_refusals(answered.decision)
    return tuple(code for reason, code in _BY_LAW if reasons & int(reason))


def refuse_what_the_law_would(answered: Answer) -> None:
    """Say the first thing the law would refuse; ``also`` in the context names the others."""
    codes = refused_by_law(answered)
    if codes:
        raise Refusal(codes[0], also=codes, **context_of(answered))


def context_of(answered: Answer) -> dict[str, object]:
    """The days and numbers a refusal names, from the facts and the terms."""
    day = civil_date(answered.session.day)
    return {
        "day": day,
        "year": day.year,
        "cap": answered.terms.sessions_per_year_max,
        "restarts_on": date(day.year + 1, 1, 1),
        "age_years_min": answered.terms.age_years_min,
        "starts_on": civil_date(answered.terms.programme_starts_on),
    }


def cap_of(answered: Answer) -> int | None:
    """How many seats the year has; None where the law sets no number."""
    uncapped = answered.decision.sessions_left == NO_CAP
    return None if uncapped else answered.terms.sessions_per_year_max
