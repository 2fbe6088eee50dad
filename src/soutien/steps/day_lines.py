"""The lines of a psychologist's day: each appointment, with all there is to know before it.

A part of steps. The people of a day are read together: nine appointments ask as many questions
as one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from soutien.registers.agenda.models import Booking
from soutien.registers.care import episodes
from soutien.registers.care import queries as care
from soutien.registers.care.episodes import Episode
from soutien.registers.care.models import CareSession
from soutien.registers.care.queries import SeatRow
from soutien.registers.people.models import Person
from soutien.rules.accompaniment import half_way
from soutien.rules.answer import answer
from soutien.rules.consent import State
from soutien.rules.dossier import Psychologist
from soutien.steps import gather
from soutien.steps.accompanied import within
from soutien.steps.authority import Consents, all_consents
from soutien.steps.entitled import ENDS_SOON
from soutien.steps.shown import booking_view, count_of, name_of, sessions_of
from soutien.steps.views import DayLine, EndingRight, SessionView


def lines_of(bookings: Sequence[Booking]) -> tuple[DayLine, ...]:
    """The lines of some appointments of one psychologist on one day, in order."""
    if not bookings:
        return ()
    people = {booking.person_id for booking in bookings} - {None}
    known = gather.known([person_id for person_id in people if person_id is not None])
    year = bookings[0].civil_day.year
    seats = care.seats_of_people(known, year)
    views = sessions_of(
        {
            key: [row for row in rows.sessions if row.held_on.year == year]
            for key, rows in known.items()
        }
    )
    consents = all_consents(
        {key: rows.person for key, rows in known.items()},
        bookings[0].psychologist_id,
        bookings[0].civil_day,
    )
    closed = care.sessions_of_bookings([booking.pk for booking in bookings])
    partners = gather.partners(
        bookings[0].psychologist_id, {booking.place.practice for booking in bookings}
    )
    together = episodes.open_with(bookings[0].psychologist_id, known)
    reviewed = episodes.reviewed_half_way([episode.pk for episode in together.values()])
    return tuple(
        _nobodys(booking)
        if booking.person_id is None
        else _foreseen(
            _line(
                booking,
                known[booking.person_id],
                partners[booking.place.practice],
                seats[booking.person_id],
                views[booking.person_id],
                closed.get(booking.pk),
                consents[booking.person_id],
            ),
            known[booking.person_id],
            together.get(booking.person_id),
            reviewed,
        )
        for booking in bookings
    )


def _nobodys(booking: Booking) -> DayLine:
    """A time held by somebody who did not say yet who they are."""
    price = gather.price_cents(booking.kind, gather.terms_on(booking.civil_day))
    return DayLine(
        booking_view(booking), "", "", None, None, None, price, 0, False, False, (), None, None
    )


def _line(
    booking: Booking,
    known: gather.Known,
    partner: Psychologist,
    seats: Sequence[SeatRow],
    views: Sequence[SessionView],
    closed: CareSession | None,
    consents: Consents,
) -> DayLine:
    """One appointment with the person's year, rights and what the law says of it beforehand."""
    person, day = known.person, booking.civil_day
    session = gather.planned(
        psychologist_id=booking.psychologist_id,
        kind=booking.kind,
        modality=booking.modality,
        held_on=day,
    )
    dossier = gather.dossier_of(
        known,
        session,
        partner,
        gather.Reading.PLANNING,
        booking_id=booking.pk,
        care_session_id=closed.pk if closed else None,
    )
    answered = answer(dossier, gather.law())
    own = next((view for view in views if closed and view.public_id == closed.public_id), None)
    before = [past for past in dossier.history if past.held_on.year == day.year]
    return DayLine(
        booking=booking_view(booking, seat_kept=booking.pk in {seat.booking_id for seat in seats}),
        person_name=name_of(person),
        short_name=f"{person.given_name} {person.family_name[:1]}.",
        birth_date=date.fromisoformat(person.birth_date),
        count=count_of(day.year, day, seats, views),
        number=1 + sum(past.held_on < day for past in before),
        price_cents=session.price_cents,
        upfront_cents=answered.decision.patient_upfront_cents,
        nir_known=bool(person.nir),
        rights_known=bool(answered.session.affiliated or answered.session.exemptions),
        ending=_ending(person, day),
        answer=None if closed else answered,
        session=own,
        person_public_id=person.public_id,
        consents=None if consents.state is State.NOT_NEEDED else consents,
    )


def _foreseen(
    line: DayLine, known: gather.Known, episode: Episode | None, reviewed: Collection[int]
) -> DayLine:
    """The same line with what the two foresaw, of which so much is behind."""
    if episode is None or episode.planned_sessions is None:
        return line
    day, planned = line.booking.civil_day, episode.planned_sessions
    held = sum(row.performed and row.held_on < day for row in within(episode, known.sessions))
    due = episode.pk not in reviewed and half_way(planned, held)
    return replace(line, planned=planned, held_before=held, review_due=due)


def _ending(person: Person, day: date) -> tuple[EndingRight, ...]:
    """The rights in force on a day that end soon after it."""
    dated: list[tuple[str, Any]] = [
        *(("affiliation", period) for period in person.affiliations.all()),
        *(("cover", period) for period in person.covers.all()),
        *((period.kind, period) for period in person.exemptions.all()),
    ]
    ends = [
        EndingRight(kind, ends_on)
        for kind, period in dated
        if gather.in_force([period], day)
        and (ends_on := gather.last_day(period.valid_before)) is not None
        and ends_on <= day + ENDS_SOON
    ]
    return tuple(sorted(ends, key=lambda right: right.ends_on))
