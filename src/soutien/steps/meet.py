"""Closing a session: held or missed, in one gesture. Nothing wrong can be issued.

Whatever the law would refuse is told before a sheet exists, with its reason and its remedy; the
only reason that is not asked for here is the one that a person must confirm (R-022).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from soutien.registers.accounts import queries as accounts
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import episodes
from soutien.registers.care import queries as care
from soutien.registers.care.models import (
    CORRECTED_FOR,
    LEAST_MINUTES,
    MOST_MINUTES,
    CareSession,
)
from soutien.registers.claims import queries as claims
from soutien.registers.people import queries as people
from soutien.registers.people import rights as periods
from soutien.registers.people.models import Person
from soutien.registers.people.rights import Row
from soutien.rules.answer import Answer, answer
from soutien.rules.codes import Reason, Regime, word
from soutien.rules.dossier import Dossier
from soutien.steps import gather, issued
from soutien.steps.accompanied import why_opened
from soutien.steps.actor import Actor
from soutien.steps.authority import refuse_without_consent
from soutien.steps.entitled import Evidence, note, right_of
from soutien.steps.errors import Refusal
from soutien.steps.issued import Line, Signatures
from soutien.steps.nir import read as read_nir
from soutien.steps.permissions import allow, relations
from soutien.steps.presented import contradicts_certified
from soutien.steps.shown import name_of
from soutien.steps.trace import act, announce, record


@dataclass(frozen=True, slots=True)
class OpenExemption:
    """A ground of full coverage read on the certificate: ``css``, ``ame``, ``ald``…"""

    kind: str
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rights:
    """What the certificate of rights says on the day. ``regime`` is empty for State medical aid.

    ``fund_code`` is the body's code on the certificate, nine digits: the sheet needs it to be
    paid, unless it is known already. ``amc`` is a responsible complementary contract.
    """

    regime: str
    amc: bool
    insurer_name: str = ""
    insurer_code: str = ""
    fund_code: str = ""
    exemptions: tuple[OpenExemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """How long it took; of a missed one, who did not come and the day that was told, if it was."""

    minutes: int | None = None
    missed_by: str = ""
    told_on: date | None = None


UNTOLD = Course()


@act("care.session.closed")
def close_session(
    *,
    actor: Actor,
    booking_id: uuid.UUID,
    performed: bool,
    modality: str,
    signatures: Signatures,
    rights: Rights | None = None,
    nir: str | None = None,
    at: datetime,
    linked_to: str = "",
    prescribed: bool = False,
    third_party_requested: bool = False,
    course: Course = UNTOLD,
) -> CareSession:
    """Say that a session was held (its care sheet is issued) or missed (its seat is given back).

    ``booking_id`` is the public id. Closed twice the same way, it answers the same. Refuses what
    is missing (``nir_missing``, ``rights_missing``, ``signature_missing``) and ``law_refuses``
    with the law's own answer; then nothing is recorded, rights and NIR neither.
    """
    booking = _locked(actor, booking_id)
    closed = care.session_of_booking(booking.pk)
    if closed is not None:
        return _the_same(closed, performed)
    if booking.status != "confirmed":
        raise Refusal("booking_ended")
    if booking.starts_at > at:
        raise Refusal("session_ahead")
    seen = _Seen(booking, performed, modality, signatures, linked_to, prescribed, course)
    seen = replace(seen, replacement=_in_place(actor))
    if not performed:
        session = _session(seen, at)
        care.give_back(booking.pk)
    else:
        refuse_without_consent(booking)
        session = _held(actor, seen, rights, nir, third_party_requested, at)
    _end(booking, performed, actor, at)
    event = "care.session.held" if performed else "care.session.missed"
    record(actor, event, at=at, object_id=session.pk, person_id=session.person_id)
    announce(event, at=at, care_session=session.pk)
    return session


@act("care.session.corrected")
def correct_session(
    *,
    actor: Actor,
    booking_id: uuid.UUID,
    corrected_for: str,
    performed: bool,
    modality: str,
    signatures: Signatures,
    rights: Rights | None = None,
    nir: str | None = None,
    at: datetime,
    linked_to: str = "",
    prescribed: bool = False,
    third_party_requested: bool = False,
    course: Course = UNTOLD,
) -> CareSession:
    """Tell a closed session anew: one more entry, which takes the place of the former one.

    A sheet that did not reach the fund is issued again, its seat taken or given back; one that
    did stays as it is until the fund has a corrected one. The same again writes nothing. Refuses
    ``not_closed_yet``, and all that closing refuses.
    """
    booking = _locked(actor, booking_id, "correct_session")
    former = care.session_of_booking(booking.pk)
    if former is None:
        raise Refusal("not_closed_yet")
    if corrected_for not in CORRECTED_FOR:
        raise Refusal("choice_unclear", fields=("corrected_for",))
    seen = _Seen(booking, performed, modality, signatures, linked_to, prescribed, course)
    if _told_already(former, seen):
        return former
    year = care.lock_year(former.person_id, former.held_on.year)
    sent_as = former.sent_as_id or (former.pk if claims.reached_the_fund(former.pk) else None)
    placed = replace(
        seen,
        corrects=former,
        corrected_for=corrected_for,
        sent_as_id=sent_as,
        replacement=_on_the_former_sheet(former) or _in_place(actor),
    )
    if sent_as is not None or not performed:
        session = _session(placed, at)
        if sent_as is None:
            care.give_back(booking.pk)
            _issue(placed, session, None, at)
    else:
        session = _held(actor, placed, rights, nir, third_party_requested, at)
        care.keep_seat(year, booking.pk, cap=_cap(session), kind=session.kind)
    _end(booking, performed, actor, at)
    person_id = session.person_id
    record(actor, "care.session.corrected", at=at, object_id=session.pk, person_id=person_id)
    return session


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the psychologist says of the session."""

    booking: Booking
    performed: bool
    modality: str
    signatures: Signatures
    linked_to: str
    prescribed: bool
    course: Course
    corrects: CareSession | None = None
    corrected_for: str = ""
    sent_as_id: int | None = None
    replacement: dict[str, str] | None = None

    @property
    def person_id(self) -> int:
        """Who came. The database refuses a confirmed booking without a person."""
        assert self.booking.person_id is not None
        return self.booking.person_id


def _held(
    actor: Actor,
    seen: _Seen,
    rights: Rights | None,
    nir: str | None,
    third_party_requested: bool,
    at: datetime,
) -> CareSession:
    """A session that took place, with its sheet; nothing that the law would refuse."""
    _identify(seen.person_id, nir)
    if rights is not None:
        _declare(actor, seen.person_id, rights, seen.booking.civil_day, at=at)
    dossier = _dossier(seen, third_party_requested)
    answered = answer(dossier, gather.law())
    _refuse_what_the_law_would(answered, seen)
    session = _session(seen, at)
    _belongs_to_an_episode(session, at)
    _issue(seen, session, Line(session, dossier, answered), at)
    return session


def _issue(seen: _Seen, session: CareSession, line: Line | None, at: datetime) -> None:
    """The sheet of a session; one that takes the place of a sheet with others brings them."""
    others: list[Line] = []
    signatures = seen.signatures
    former = claims.line_of_session(seen.corrects.pk) if seen.corrects else None
    if former is not None:
        asked = former.care_sheet.amo_third_party
        mates = [other for other in claims.lines_of(former.care_sheet_id) if other != former]
        others = [issued.line_of(mate.care_session, asked, replaces=mate) for mate in mates]
        if line is None:
            # Nobody signs for a session that was missed: who signed for the others did.
            signed = former.care_sheet.signed_by_person
            signatures = Signatures(signed, former.care_sheet.signed_by_psychologist, not signed)
    lines = sorted(filter(None, [line, *others]), key=lambda one: one.session.held_on)
    if lines:
        issued.issue(lines, signatures, at=at, number_of=session, replacement=seen.replacement)


def _end(booking: Booking, performed: bool, actor: Actor, at: datetime) -> None:
    booking.status = "fulfilled" if performed else "missed"
    booking.ended_at, booking.ended_by = at, actor.side
    booking.save(update_fields=["status", "ended_at", "ended_by"])


def _in_place(actor: Actor) -> dict[str, str] | None:
    """Who held the session in the psychologist's place, as the sheet names them."""
    account = accounts.by_id(actor.account_id) if actor.account_id else None
    if actor.role != "replacement" or account is None or account.psychologist is None:
        return None
    who = account.psychologist
    return {"name": name_of(who), "identifier": who.am_number or who.rpps}


def _on_the_former_sheet(former: CareSession) -> dict[str, str] | None:
    """Who held it stays who held it, whoever tells it anew."""
    sheet = claims.sheet_of_session(former.pk)
    told = issued.replacement_on(sheet) if sheet else None
    return dict(told) if told else None


def _told_already(former: CareSession, seen: _Seen) -> bool:
    """Whether the former entry says all of it already."""
    course = seen.course
    said = (former.performed, former.modality, former.duration_minutes, former.missed_by)
    ground = (former.told_on, former.linked_to, former.prescribed)
    return (said, ground) == (
        (seen.performed, seen.modality, course.minutes, course.missed_by),
        (course.told_on, seen.linked_to, seen.prescribed),
    )


def _cap(session: CareSession) -> int:
    return gather.terms_on(session.held_on).sessions_per_year_max


def _locked(actor: Actor, public_id: uuid.UUID, step: str = "close_session") -> Booking:
    found = agenda.by_public_id(public_id)
    if found is None:
        raise Refusal("not_found")
    owner, person_id = found.psychologist_id, found.person_id
    allow(actor, step, relations(actor, person_id=person_id, psychologist_id=owner))
    return agenda.lock(found.pk)


def _the_same(closed: CareSession, performed: bool) -> CareSession:
    if closed.performed != performed:
        raise Refusal("already_closed")
    return closed


def _identify(person_id: int, given: str | None) -> str:
    """The person's NIR, recorded now when it was not known. Never a second file for somebody."""
    person = Person.objects.get(pk=person_id)
    if not given:
        if not person.nir:
            raise Refusal("nir_missing", fields=("nir",))
        return person.nir
    number = read_nir(given)
    if person.nir and person.nir != number:
        raise Refusal("nir_differs", fields=("nir",))
    if not person.nir:
        if contradicts_certified(person_id, number):
            raise Refusal("nir_of_another", fields=("nir",))
        try:
            with transaction.atomic():
                people.record_nir(person_id, number)
        except IntegrityError as error:
            other = people.by_nir(number)
            same = other is not None and other.birth_date == person.birth_date
            code = "person_already_known" if same else "nir_of_another"
            raise Refusal(code, fields=("nir",)) from error
    return number


def _declare(actor: Actor, person_id: int, rights: Rights, day: date, *, at: datetime) -> None:
    """Record the rights read on the certificate from this day on, unless they are known."""
    added: list[Row] = []
    declared_by = actor.side
    person = people.with_rights(person_id)
    affiliation = gather.in_force(person.affiliations.all(), day)
    cover = gather.in_force(person.covers.all(), day)
    regime = rights.regime or word(Regime.NONE)
    if affiliation and affiliation.regime != regime:
        raise Refusal("rights_differ", day=day, fields=("regime",))
    if affiliation and rights.fund_code and not affiliation.fund_code:
        affiliation.fund_code = rights.fund_code
        affiliation.save(update_fields=["fund_code"])
    if cover and not rights.amc:
        raise Refusal("rights_differ", day=day, fields=("amc",))
    seen_by = {"declared_by": declared_by, "valid_from": day}
    if not affiliation and (rights.regime or rights.fund_code):
        until = _next_start(person.affiliations.all(), day)
        told = {"regime": regime, "fund_code": rights.fund_code, "valid_before": until}
        added.append(periods.add(person, "scheme", **seen_by, **told))
    if not cover and rights.amc:
        until = _next_start(person.covers.all(), day)
        named = {"insurer_name": rights.insurer_name, "insurer_code": rights.insurer_code}
        added.append(periods.add(person, "cover", **seen_by, **named, valid_before=until))
    known = {item.kind for item in person.exemptions.all() if gather.in_force([item], day)}
    for item in rights.exemptions:
        if item.kind not in known:
            later = [row for row in person.exemptions.all() if row.kind == item.kind]
            ends = [gather.day_after(item.ends_on), _next_start(later, day)]
            until = min((end for end in ends if end is not None), default=None)
            grounds = {"kind": item.kind, "valid_before": until}
            added.append(periods.add(person, "exemption", **seen_by, **grounds))
    for row in added:
        now, paper = right_of(row), Evidence("certificate")
        note(actor, person, row.public_id, "opened", None, now, paper, at=at)


def _next_start(periods: Any, day: date) -> date | None:
    """The day a later period begins, where the new one must end."""
    return min((p.valid_from for p in periods if p.valid_from > day), default=None)


def _dossier(seen: _Seen, third_party_requested: bool) -> Dossier:
    booking = seen.booking
    return gather.dossier(
        person_id=seen.person_id,
        session=gather.planned(
            psychologist_id=booking.psychologist_id,
            kind=booking.kind,
            modality=seen.modality,
            held_on=booking.civil_day,
            linked_to=seen.linked_to,
            prescribed=seen.prescribed,
            third_party_requested=third_party_requested,
        ),
        practice=booking.place.practice,
        reading=gather.Reading.ISSUING,
        booking_id=booking.pk,
        care_session_id=seen.corrects.pk if seen.corrects else None,
    )


def _refuse_what_the_law_would(answered: Answer, seen: _Seen) -> None:
    """Every reason at once; what only lacks a field of the form is asked for by that field."""
    reasons = answered.decision.reasons
    if reasons & int(Reason.NO_HEALTH_INSURANCE_RIGHTS):
        raise Refusal("rights_missing", day=seen.booking.civil_day, fields=("regime",))
    if reasons:
        raise Refusal("law_refuses", answer=answered)
    affiliation = people.affiliation_on(seen.person_id, seen.booking.civil_day)
    if affiliation is None or not affiliation.fund_code:
        raise Refusal("fund_missing", fields=("fund_code",))
    issued.refuse_unless_signed(seen.signatures)


def _session(seen: _Seen, at: datetime) -> CareSession:
    booking, course = seen.booking, seen.course
    if course.minutes is not None and not LEAST_MINUTES <= course.minutes <= MOST_MINUTES:
        raise Refusal(
            "minutes_unlikely", least=LEAST_MINUTES, most=MOST_MINUTES, fields=("minutes",)
        )
    if course.told_on is not None and course.told_on > booking.civil_day:
        raise Refusal("told_after", fields=("told_on",))
    return CareSession.objects.create(
        person_id=seen.person_id,
        psychologist_id=booking.psychologist_id,
        place_id=booking.place_id,
        booking=booking,
        held_on=booking.civil_day,
        kind=booking.kind,
        modality=seen.modality,
        performed=seen.performed,
        price_cents=gather.price_cents(booking.kind, gather.terms_on(booking.civil_day)),
        linked_to=seen.linked_to,
        prescribed=seen.prescribed,
        recorded_at=at,
        duration_minutes=course.minutes if seen.performed else None,
        missed_by="" if seen.performed else course.missed_by,
        told_on=None if seen.performed else course.told_on,
        corrects=seen.corrects,
        corrected_for=seen.corrected_for,
        sent_as_id=seen.sent_as_id,
    )


def _belongs_to_an_episode(session: CareSession, at: datetime) -> None:
    """The care of the two begins with their first session, without a form."""
    person_id, psychologist_id, day = session.person_id, session.psychologist_id, session.held_on
    reason = why_opened(person_id, psychologist_id, session.kind, day)
    episodes.begin(person_id, psychologist_id, on=day, opened_for=reason, at=at)
