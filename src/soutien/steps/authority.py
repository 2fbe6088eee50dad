"""Who may say yes for a child, what they said, and what is missing before a first session.

A part of steps, shared by those that name holders, take their words, book, and close sessions.
Consents are given to one psychologist: each obtains their own (R-035).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import COMPLETE, Holder, Link, Paper
from soutien.registers.guardians.queries import Last
from soutien.registers.people.models import Person
from soutien.rules.answer import Answer
from soutien.rules.calendar import day_number
from soutien.rules.consent import (
    ALONE,
    BOTH,
    CAPACITIES,
    CARE,
    ENOUGH,
    Held,
    State,
    Word,
    consent_state,
)
from soutien.steps import gather
from soutien.steps.errors import Refusal
from soutien.steps.trace import announce

CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class HolderView:
    """Somebody who holds parental authority, and their last words to one psychologist.

    ``taken_back`` is a yes that became a no. ``signed_as`` is the name that was typed, or that
    stands on the paper.
    """

    public_id: uuid.UUID
    name: str
    capacity: str
    alone: bool
    reachable: bool
    proof: str
    proof_seen_on: date | None
    word: Word
    taken_back: bool
    how: str
    signed_as: str
    signed_on: date | None
    signature_id: uuid.UUID | None
    statement_on: date | None
    statement_id: uuid.UUID | None
    link_id: uuid.UUID | None
    link_until: datetime | None
    papers: tuple[tuple[uuid.UUID, date], ...]


@dataclass(frozen=True, slots=True)
class Consents:
    """What is there and what is missing for a child's care by one psychologist on a day.

    ``kept_until`` is set while an appointment waits: its time is kept until then.
    """

    child_id: int
    given_name: str
    state: State
    holders: tuple[HolderView, ...]
    kept_until: datetime | None = None

    @property
    def enough(self) -> bool:
        """Whether the first session may be held."""
        return self.state in ENOUGH

    @property
    def full(self) -> bool:
        """Whether nobody more can be named."""
        return len(self.holders) >= BOTH or any(holder.alone for holder in self.holders)


def consents_of(child: Person, psychologist_id: int, day: date) -> Consents:
    """The consents to one child's care on a day."""
    return all_consents({child.pk: child}, psychologist_id, day)[child.pk]


def all_consents(
    children: Mapping[int, Person], psychologist_id: int, day: date
) -> dict[int, Consents]:
    """The same of several children, in as many questions as for one; of adults, none."""
    terms = gather.terms_on(day)
    majority, sought = terms.majority_age_years, terms.psychologist_seeks_consent
    minors = [
        key
        for key, child in children.items()
        if consent_state(day_number(day), _born(child), majority, sought, ())
        is not State.NOT_NEEDED
    ]
    rows: dict[int, list[Holder]] = {key: [] for key in children}
    for row in guardians.live(minors) if minors else ():
        rows[row.child_id].append(row)
    said = guardians.said(minors, psychologist_id) if minors else {}
    keys = [row.pk for found in rows.values() for row in found]
    links = guardians.live_links(keys, psychologist_id) if keys else {}
    papers = guardians.papers_of(keys) if keys else {}
    return {
        key: Consents(
            child_id=key,
            given_name=child.given_name,
            state=consent_state(
                day_number(day),
                _born(child),
                majority,
                sought,
                [_held(row, said) for row in rows[key]],
            ),
            holders=tuple(
                _view(row, said, links.get(row.pk), papers[row.pk]) for row in rows[key]
            ),
        )
        for key, child in children.items()
    }


def needs_consent(booking: Booking, consents: Consents) -> bool:
    """Whether this appointment cannot be held as things stand.

    Before the first session all must be there. Once care has begun, only a no stops it: who was
    seen before this was asked here goes on.
    """
    if consents.enough:
        return False
    if consents.state is State.REFUSED:
        return True
    return not _seen_before(booking.psychologist_id, consents.child_id)


def refuse_without_consent(booking: Booking) -> None:
    """Refuses a session of a child that nobody, or only one of two, agreed to."""
    child = Person.objects.get(pk=booking.person_id or 0)
    consents = consents_of(child, booking.psychologist_id, booking.civil_day)
    if needs_consent(booking, consents):
        refused = consents.state is State.REFUSED
        raise Refusal("consent_refused" if refused else "consent_missing")


def is_minor(answered: Answer) -> bool:
    """Whether who comes is a minor on the day of the session."""
    return answered.session.day < answered.session.adult_on


def wait_for_consent(booking: Booking, at: datetime) -> bool:
    """Make a child's appointment wait for what is missing; false when nothing is."""
    assert booking.person_id is not None  # Confirmed bookings have a person.
    child = Person.objects.get(pk=booking.person_id)
    consents = consents_of(child, booking.psychologist_id, booking.civil_day)
    if not needs_consent(booking, consents):
        return False
    guardians.wait_for_consent(booking.pk, child.pk, at=at, until=kept_until(booking, at))
    return True


def kept_until(booking: Booking, at: datetime) -> datetime:
    """Until when a time is kept without consent: some days, or the session itself if sooner."""
    return min(at + timedelta(days=settings.CONSENT_DAYS), booking.starts_at)


def settle(child_id: int, psychologist_id: int, at: datetime) -> None:
    """After a word was said: appointments stop waiting, or wait again.

    The caller has the child's row locked, so that two words at once are settled one by one.
    """
    child = Person.objects.get(pk=child_id)
    for wait in guardians.waits_of(child_id, psychologist_id):
        booking = agenda.with_places([wait.booking_id])[0]
        consents = consents_of(child, psychologist_id, booking.civil_day)
        if not needs_consent(booking, consents) and guardians.end_wait(
            wait, ended_for=COMPLETE, at=at
        ):
            announce("guardians.wait.ended", at=at, booking=booking.pk)
    coming = agenda.bookings_of_person(child_id, since=at, statuses=(CONFIRMED,))
    waiting = guardians.waits([line.id for line in coming])
    for booking in agenda.with_places([line.id for line in coming if line.id not in waiting]):
        if booking.psychologist_id == psychologist_id:
            wait_for_consent(booking, at)


def lock_child(child_id: int) -> Person:
    """The child's row: words and holders of one child are written one at a time."""
    return Person.objects.select_for_update().get(pk=child_id)


def _seen_before(psychologist_id: int, child_id: int) -> bool:
    rows = care.sessions_of_people([child_id])[child_id]
    return any(row.performed and row.psychologist_id == psychologist_id for row in rows)


def _born(child: Person) -> int:
    return day_number(date.fromisoformat(child.birth_date))


def _held(row: Holder, said: Mapping[tuple[int, str], Last]) -> Held:
    statement = said.get((row.pk, ALONE))
    return Held(
        alone=int(CAPACITIES[row.capacity].alone),
        paper_seen=int(row.proof_seen_at is not None),
        word=int(_word(said.get((row.pk, CARE)))),
        statement=int(statement is not None and statement.signature.given),
    )


def _word(last: Last | None) -> Word:
    if last is None:
        return Word.NONE
    return Word.YES if last.signature.given else Word.NO


def _view(
    row: Holder,
    said: Mapping[tuple[int, str], Last],
    link: Link | None,
    papers: Sequence[Paper],
) -> HolderView:
    last, alone = said.get((row.pk, CARE)), said.get((row.pk, ALONE))
    word = last.signature if last else None
    statement = alone.signature if alone and alone.signature.given else None
    seen_at = row.proof_seen_at
    return HolderView(
        public_id=row.public_id,
        name=f"{row.given_name} {row.family_name}",
        capacity=row.capacity,
        alone=CAPACITIES[row.capacity].alone,
        reachable=bool(row.email or row.phone),
        proof=row.proof,
        proof_seen_on=gather.civil_day(seen_at, settings.TIME_ZONE) if seen_at else None,
        word=_word(last),
        taken_back=last is not None and last.agreed_before and not last.signature.given,
        how=word.how if word else "",
        signed_as=word.name if word else "",
        signed_on=word.signed_on if word else None,
        signature_id=word.public_id if word else None,
        statement_on=statement.signed_on if statement else None,
        statement_id=statement.public_id if statement else None,
        link_id=link.public_id if link else None,
        link_until=link.ends_at if link else None,
        papers=tuple(
            (paper.public_id, gather.civil_day(paper.sent_at, settings.TIME_ZONE))
            for paper in papers
        ),
    )
