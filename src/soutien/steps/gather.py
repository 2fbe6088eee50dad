"""Rows become a dossier of the law: the only translator between tables and rules.

Tables hold half-open periods (``valid_before``), the law closed ones (``ends_on``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import Enum, IntEnum, IntFlag
from typing import NamedTuple, Protocol, TypeVar, cast
from zoneinfo import ZoneInfo

from django.conf import settings

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.queries import Line
from soutien.registers.care import queries as care
from soutien.registers.care.models import Referral as ReferralRow
from soutien.registers.care.queries import HeldRow, SessionRow
from soutien.registers.claims import queries as claims
from soutien.registers.claims.queries import DecisionRow
from soutien.registers.people import queries as people
from soutien.registers.people.entitled import Entitled, rights_of
from soutien.registers.people.models import Person as PersonRow
from soutien.registers.psychologists import queries as psychologists
from soutien.rules.calendar import add_years, civil_date, day_number
from soutien.rules.codes import (
    ActCode,
    ExemptionKind,
    Kind,
    LinkedTo,
    Modality,
    Practice,
    Profile,
    PsychiatricKind,
    Referrer,
    Regime,
)
from soutien.rules.dossier import (
    Agreement,
    ClaimedSession,
    Dossier,
    Exemption,
    PastSession,
    Person,
    PsychiatricSituation,
    Psychologist,
    Referral,
    Suspension,
)
from soutien.rules.terms import Law, Terms, load_law

# What funds applied: the reading every decision of this product is taken under.
PROFILE = Profile.OPERATIONAL
_ONE_DAY = timedelta(days=1)
# From a day on, before another, and for an agreement when its resignation was received.
DatedPeriod = tuple[date, date | None, date | None]
_Code = TypeVar("_Code", bound=IntEnum | IntFlag)


class Planner(Protocol):
    """Makes the dossier of a planned session, after others of the same plan."""

    def __call__(
        self, session: ClaimedSession, before: Sequence[ClaimedSession] = ()
    ) -> Dossier: ...


class Reading(Enum):
    """Which of the person's other sessions stand in the history, and who asks.

    DECIDING   what was paid: the decision on a claim
    ISSUING    and the sheets issued, not yet decided: a session is being closed
    PLANNING   and what is reserved: an appointment is asked for or looked at

    Only a decision reads psychiatric situations (R-022): nobody learns of them by planning.
    """

    DECIDING = "deciding"
    ISSUING = "issuing"
    PLANNING = "planning"


def law() -> Law:
    """The law, with the days this operator has moved."""
    return load_law(settings.LAW_DATES)


def code(kind: type[_Code], text: str) -> _Code:
    """The code of a stored word: ``follow_up`` is ``Kind.FOLLOW_UP``. Raises KeyError."""
    return cast(_Code, kind[text.upper()])


def civil_day(moment: datetime, time_zone: str) -> date:
    """The day of a moment at a place, never out of the calendar."""
    try:
        return moment.astimezone(ZoneInfo(time_zone)).date()
    except OverflowError:
        return moment.date()


def terms_on(day: date) -> Terms:
    """The terms in force on a day, before the programme those of its first day."""
    return law().at_session(day_number(day), PROFILE)


def last_day(valid_before: date | None) -> date | None:
    """The last day of a half-open period; None while it is open."""
    return None if valid_before is None else valid_before - _ONE_DAY


def price_cents(kind: str, terms: Terms) -> int:
    """The only price of a session of this kind."""
    evaluation = code(Kind, kind) is Kind.EVALUATION
    return terms.evaluation_fee_cents if evaluation else terms.follow_up_fee_cents


def act_code(kind: str, modality: str) -> ActCode:
    """The code a care sheet carries (R-111); an evaluation by video has none."""
    return act_code_of(code(Kind, kind), code(Modality, modality))


def act_code_of(kind: Kind, modality: Modality) -> ActCode:
    """The same of codes."""
    return _ACT_CODES.get((kind, modality), ActCode.NONE)


_ACT_CODES = {
    (Kind.EVALUATION, Modality.IN_PERSON): ActCode.EEP,
    (Kind.FOLLOW_UP, Modality.IN_PERSON): ActCode.APS,
    (Kind.FOLLOW_UP, Modality.REMOTE): ActCode.PSS,
}


def day_after(ends_on: date | None) -> date | None:
    """The day before which a closed period is over; None while it is open."""
    return None if ends_on is None else ends_on + _ONE_DAY


def planned(
    *,
    psychologist_id: int,
    kind: str,
    modality: str,
    held_on: date,
    linked_to: str = "",
    prescribed: bool = False,
    third_party_requested: bool = False,
) -> ClaimedSession:
    """A session as it would be claimed if all goes well."""
    return ClaimedSession(
        held_on=held_on,
        kind=code(Kind, kind),
        modality=code(Modality, modality),
        psychologist=str(psychologist_id),
        price_cents=price_cents(kind, terms_on(held_on)),
        act_code=act_code(kind, modality),
        linked_to=code(LinkedTo, linked_to or "none"),
        third_party_requested=third_party_requested,
        prescribed=prescribed,
    )


class Known(NamedTuple):
    """All rows that the law asks about one person; see ``known``."""

    person: PersonRow
    sessions: list[SessionRow]
    decisions: list[DecisionRow]
    booked: list[Line]
    letters: list[ReferralRow]


def known(person_ids: Collection[int]) -> dict[int, Known]:
    """What the registers know of each of these people, in as many questions as for one."""
    rows = people.all_with_rights(person_ids)
    sessions = care.sessions_of_people(rows)
    decisions = claims.latest_decisions_of(rows)
    booked = agenda.bookings_of_people(rows, statuses=("confirmed",))
    letters = care.referrals_of_people(rows)
    return {
        key: Known(row, sessions[key], decisions[key], booked[key], letters[key])
        for key, row in rows.items()
    }


class Deciding(NamedTuple):
    """What a decision asks about one person, and no more; see ``known_for_deciding``.

    ``decided`` tells of each session that became a claim whether it is paid.
    """

    person: Entitled
    sessions: list[HeldRow]
    decided: dict[int, bool]
    letters: list[ReferralRow]


def known_for_deciding(rows: Mapping[int, Entitled]) -> dict[int, Deciding]:
    """What the registers know of people whose rights were read, in three questions."""
    sessions = care.held_by_people(rows)
    decided = claims.paid_of_people(rows)
    letters = care.referrals_of_people(rows)
    return {
        key: Deciding(row, sessions[key], decided[key], letters[key]) for key, row in rows.items()
    }


def deciding_dossier(
    rows: Deciding, session: ClaimedSession, partner: Psychologist, care_session_id: int | None
) -> Dossier:
    """All that the law asks to decide one of many; the session's own row is left out."""
    history = _counted(rows.sessions, rows.decided, care_session_id)
    return Dossier(
        person=person(rows.person, session.held_on, psychiatric=True),
        psychologists={session.psychologist: partner},
        claim=session,
        history=tuple(history),
        profile=PROFILE,
        referral=most_useful(rows.letters, first_session_on(history, session)),
    )


def dossier(
    *,
    person_id: int,
    session: ClaimedSession,
    practice: str,
    reading: Reading,
    booking_id: int | None = None,
    care_session_id: int | None = None,
    partner: Psychologist | None = None,
) -> Dossier:
    """All that the law asks about one session of one person.

    ``booking_id`` and ``care_session_id`` are the session's own, left out of the history;
    ``partner`` is the psychologist, when read already. Raises KeyError for nobody.
    """
    return dossier_of(
        known([person_id])[person_id],
        session,
        partner or psychologist(int(session.psychologist), practice),
        reading,
        booking_id=booking_id,
        care_session_id=care_session_id,
    )


def dossier_of(
    rows: Known,
    session: ClaimedSession,
    partner: Psychologist,
    reading: Reading,
    *,
    booking_id: int | None = None,
    care_session_id: int | None = None,
) -> Dossier:
    """The same, of what is known already of the person and of the psychologist."""
    history = past_sessions(rows, reading, booking_id=booking_id, care_session_id=care_session_id)
    return Dossier(
        person=person(rows.person, session.held_on, psychiatric=reading is Reading.DECIDING),
        psychologists={session.psychologist: partner},
        claim=session,
        history=history,
        profile=PROFILE,
        referral=most_useful(rows.letters, first_session_on(history, session)),
    )


def planned_dossier(
    person_id: int | None,
    session: ClaimedSession,
    practice: str,
    booking_id: int | None = None,
    *,
    partner: Psychologist | None = None,
) -> Dossier:
    """The dossier of an appointment; for somebody not known yet, an adult without a history.

    ``partner`` is the psychologist, when read already.
    """
    if person_id is not None:
        return dossier(
            person_id=person_id,
            session=session,
            practice=practice,
            reading=Reading.PLANNING,
            booking_id=booking_id,
            partner=partner,
        )
    majority = terms_on(session.held_on).majority_age_years
    adult_since = add_years(day_number(session.held_on), -majority)
    return Dossier(
        person=Person(birth_date=civil_date(adult_since), regime=Regime.NONE, amc=False),
        psychologists={
            session.psychologist: partner or psychologist(int(session.psychologist), practice)
        },
        claim=session,
        profile=PROFILE,
    )


def planner(person_id: int, psychologist_id: int, practice: str) -> Planner:
    """The dossiers of a person's planned sessions with a psychologist; rows are read once.

    What it returns takes a session and the sessions planned before it, which count as booked.
    """
    rows = known([person_id])[person_id]
    history = past_sessions(rows, Reading.PLANNING)
    receiving = psychologist(psychologist_id, practice)

    def of(session: ClaimedSession, before: Sequence[ClaimedSession] = ()) -> Dossier:
        counted = history + tuple(
            PastSession(earlier.held_on, earlier.kind, earlier.psychologist) for earlier in before
        )
        return Dossier(
            person=person(rows.person, session.held_on, psychiatric=False),
            psychologists={session.psychologist: receiving},
            claim=session,
            history=counted,
            profile=PROFILE,
            referral=most_useful(rows.letters, first_session_on(counted, session)),
        )

    return of


def treats(psychologist_id: int, person_id: int) -> bool:
    """Whether the person is, or was, a patient of the psychologist."""
    return agenda.knows(psychologist_id, person_id) or care.knows(psychologist_id, person_id)


def person(row: PersonRow | Entitled, on: date, *, psychiatric: bool) -> Person:
    """The person with the rights of a day; exemptions keep their dates (R-105 looks back)."""
    rights = row.rights if isinstance(row, Entitled) else rights_of(row)
    affiliation = in_force(rights.affiliations, on)
    cover = in_force(rights.covers, on)
    situations = rights.psychiatric if psychiatric else ()
    return Person(
        birth_date=date.fromisoformat(row.birth_date),
        regime=Regime.NONE if affiliation is None else code(Regime, affiliation.regime),
        amc=cover is not None and cover.responsible_contract,
        exemptions=tuple(
            Exemption(code(ExemptionKind, item.kind), item.valid_from, last_day(item.valid_before))
            for item in rights.exemptions
        ),
        psychiatric=tuple(
            PsychiatricSituation(
                code(PsychiatricKind, item.kind), item.valid_from, last_day(item.valid_before)
            )
            for item in situations
        ),
    )


_Period = TypeVar("_Period")


def in_force(periods: Iterable[_Period], on: date) -> _Period | None:
    """The one period that holds a day, or None. Periods are rows with half-open dates."""
    for period in periods:
        start, before = period.valid_from, period.valid_before  # type: ignore[attr-defined]
        if start <= on and (before is None or on < before):
            return period
    return None


def psychologist(psychologist_id: int, practice: str) -> Psychologist:
    """The psychologist's agreements and suspensions; ``practice`` is that of the place of care."""
    return partners(psychologist_id, [practice])[practice]


def partners(psychologist_id: int, practices: Iterable[str]) -> dict[str, Psychologist]:
    """The same for places of several kinds, by kind."""
    agreements, suspensions = psychologists.standings([psychologist_id])[psychologist_id]
    return {practice: partner(agreements, suspensions, practice) for practice in practices}


def partner(
    agreements: Iterable[DatedPeriod], suspensions: Iterable[DatedPeriod], practice: str
) -> Psychologist:
    """The psychologist of these half-open periods."""
    return Psychologist(
        agreements=tuple(
            Agreement(start, last_day(before), resignation_received_on)
            for start, before, resignation_received_on in agreements
        ),
        suspensions=tuple(
            Suspension(start, last_day(before)) for start, before, _resigned in suspensions
        ),
        practice=code(Practice, practice),
    )


def past_sessions(
    rows: Known,
    reading: Reading,
    *,
    booking_id: int | None = None,
    care_session_id: int | None = None,
) -> tuple[PastSession, ...]:
    """The person's other sessions that count; see Reading. Each stands there once, as paid."""
    decided = {row.care_session_id: row.accepted for row in rows.decisions}
    undecided = reading is not Reading.DECIDING
    history = _counted(rows.sessions, decided, care_session_id, undecided=undecided)
    if reading is Reading.PLANNING:
        history += [
            PastSession(line.civil_day, code(Kind, line.kind), str(line.psychologist_id))
            for line in rows.booked
            if line.id != booking_id
        ]
    return tuple(history)


def _counted(
    sessions: Iterable[SessionRow | HeldRow],
    decided: Mapping[int, bool],
    care_session_id: int | None,
    *,
    undecided: bool = False,
) -> list[PastSession]:
    """The sessions but one that are paid, and those held without a decision if they count."""
    return [
        PastSession(row.held_on, _KINDS[row.kind], str(row.psychologist_id))
        for row in sessions
        if care_session_id not in (row.id, row.settled_id)
        and decided.get(row.settled_id, row.performed and undecided)
    ]


_KINDS = {kind.name.lower(): kind for kind in Kind}


def first_session_on(history: Iterable[PastSession], session: ClaimedSession) -> date:
    """The day a letter is compared with: the episode's first session (R-043)."""
    if session.kind is Kind.EVALUATION:
        return session.held_on
    evaluations = [
        item.held_on
        for item in history
        if item.kind is Kind.EVALUATION and item.held_on <= session.held_on
    ]
    return max(evaluations, default=session.held_on)


def most_useful(letters: Iterable[ReferralRow], opened_on: date) -> Referral | None:
    """The latest letter on or before a day, from an author who may write one if there is one.

    Without such a letter, the earliest later one: its date is then what the law refuses.
    """
    known = {member.name: member for member in Referrer}
    found = [
        Referral(row.written_on, known.get(row.referrer.upper(), Referrer.OTHER))
        for row in letters
    ]
    in_time = [letter for letter in found if letter.written_on <= opened_on]
    if in_time:
        return max(
            in_time, key=lambda letter: (letter.referrer != Referrer.OTHER, letter.written_on)
        )
    return min(found, key=lambda letter: letter.written_on, default=None)
