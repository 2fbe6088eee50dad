"""A doctor's two letters: left under a code, fetched once by the psychologist who is given it.

Whoever has no account may leave them: nothing here proves who wrote, the signed paper does. Until
they are fetched we cannot read them: their key comes from the code, which is kept nowhere. The
code of a doctor with an account is kept sealed, so that they read their own letters again.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.people.models import Person
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import ACCOMPANIMENT, REFERRAL, Deposit
from soutien.rules.calendar import day_number
from soutien.rules.codes import LinkedTo, Referrer, word
from soutien.rules.facts import referrer_allowed
from soutien.rules.identifiers import rpps_holds
from soutien.rules.traits import normal_name
from soutien.sealing import code_from, open_by, place_of, plain_code, seal_by
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, looking, record
from soutien.steps.written import (
    DoctorLetter,
    LeftLetter,
    as_text,
    from_text,
    last_day_of,
)

ZONE = "Europe/Paris"
AM_NUMBER_DIGITS = 9
LINKS = frozenset({"", *(word(link) for link in LinkedTo if link is not LinkedTo.NONE)})
_ONE_DAY = timedelta(days=1)


@act("writings.deposit.left")
def deposit_letter(
    *, actor: Actor, letter: DoctorLetter, secret: str, lasts: timedelta, at: datetime
) -> LeftLetter:
    """Leave both letters under a new code, which the answer tells. Refuses ``letter_incomplete``.

    ``secret`` is of the page the letter was typed in: the same sent again has the same code and
    is left once, a correction has another.
    """
    allow(actor, "deposit_letter", relations(actor))
    on = gather.civil_day(at, ZONE)
    _refuse_incomplete(letter, on)
    text = as_text(letter)
    code = code_from(secret, text)
    content = seal_by(code, text)
    last_day = last_day_of(on)
    deposit = writings.leave(
        place_of(code),
        content=content,
        kept_code=code if actor.account_id else "",
        author_id=actor.account_id,
        written_on=on,
        at=at,
        ends_at=min(at + lasts, _midnight(last_day + _ONE_DAY)),
    )
    if deposit.content == content:
        record(actor, "writings.deposit.left", at=at, object_id=deposit.pk)
    return _left(deposit, letter, code)


@looking("writings.deposit.listed")
def list_own_letters(*, actor: Actor, at: datetime) -> tuple[LeftLetter, ...]:
    """The letters a doctor's account left, newest first; what was fetched is not read again."""
    allow(actor, "list_own_letters", relations(actor, account_id=actor.account_id))
    if actor.account_id is None:
        raise Refusal("not_allowed")
    record(actor, "writings.deposit.listed", at=at, object_id=actor.account_id)
    return tuple(_read_again(deposit) for deposit in writings.deposits_of(actor.account_id))


@looking("writings.deposit.opened")
def open_own_letter(*, actor: Actor, deposit_id: uuid.UUID, at: datetime) -> LeftLetter:
    """One of the letters that a doctor's account left, with what it says until it is fetched."""
    deposit = writings.deposit_by_public_id(deposit_id)
    if deposit is None:
        raise Refusal("not_found")
    allow(actor, "open_own_letter", relations(actor, account_id=deposit.author_id))
    record(actor, "writings.deposit.opened", at=at, object_id=deposit.pk)
    return _read_again(deposit)


@act("writings.writing.received")
def receive_letter(
    *, actor: Actor, booking_id: uuid.UUID, code: str, sure: bool, at: datetime
) -> uuid.UUID:
    """Fetch a doctor's letters for who has this appointment: one psychologist, once.

    Refuses ``letter_code_unknown`` for a code that opens nothing (any more), and
    ``letter_of_another`` when the name or the day of birth differs, unless they are ``sure``.
    """
    booking = agenda.by_public_id(booking_id)
    if booking is None or booking.person_id is None:
        raise Refusal("not_found")
    person_id, owner = booking.person_id, booking.psychologist_id
    treats = actor.psychologist_id == owner and gather.treats(owner, person_id)
    allow(actor, "receive_letter", relations(actor, person_id=person_id, treats=treats))
    deposit = writings.lock_deposit(place_of(code), at) if plain_code(code) else None
    if deposit is None:
        raise Refusal("letter_code_unknown", fields=("code",))
    letter = from_text(open_by(code, deposit.content))
    if not sure and not _about(letter, Person.objects.get(pk=person_id)):
        raise Refusal("letter_of_another", fields=("sure",))
    public_id = _received(booking, deposit, letter, at)
    writings.received(deposit, at)
    care.add_referral(person_id, written_on=deposit.written_on, referrer=letter.referrer)
    record(actor, "writings.writing.received", at=at, object_id=deposit.pk, person_id=person_id)
    return public_id


def _received(booking: Booking, deposit: Deposit, letter: DoctorLetter, at: datetime) -> uuid.UUID:
    """The letter for the fund, and the one for the psychologist when something was written."""
    assert booking.person_id is not None
    of_fund = letter.heads | {"linked_to": letter.linked_to}
    bodies = {REFERRAL: of_fund}
    if letter.clinical:
        bodies[ACCOMPANIMENT] = letter.heads | letter.clinical
    kept = [
        writings.begin(
            kind,
            person_id=booking.person_id,
            psychologist_id=booking.psychologist_id,
            author_id=deposit.author_id,
            body=body,
            written_on=deposit.written_on,
            valid_before=last_day_of(deposit.written_on) + _ONE_DAY,
            at=at,
        )
        for kind, body in bodies.items()
    ]
    return kept[0].public_id


def _refuse_incomplete(letter: DoctorLetter, on: date) -> None:
    """Both letters name who writes, by a number, and about whom; and this author may refer."""
    terms = gather.terms_on(on)
    referrers = {word(referrer): int(referrer) for referrer in Referrer}
    am_number = len(letter.number) == AM_NUMBER_DIGITS and letter.number.isdecimal()
    named = ("given_name", "family_name", "doctor")
    missing = [name for name in named if not getattr(letter, name).strip()]
    if not (am_number or rpps_holds(letter.number)):
        missing.append("number")
    if not referrer_allowed(referrers.get(letter.referrer, 0), day_number(on), terms):
        missing.append("referrer")
    if letter.birth_date > on:
        missing.append("birth_date")
    if letter.linked_to not in LINKS:
        missing.append("linked_to")
    if missing:
        raise Refusal("letter_incomplete", fields=tuple(missing))


def _about(letter: DoctorLetter, person: Person) -> bool:
    """Whether the letter names this person: the day of birth, and the family name as compared."""
    written, known = normal_name(letter.family_name), normal_name(person.family_name)
    if not written or not known:
        written, known = letter.family_name.casefold(), person.family_name.casefold()
    return letter.birth_date.isoformat() == person.birth_date and written == known


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(ZONE)).astimezone(UTC)


def _read_again(deposit: Deposit) -> LeftLetter:
    code = deposit.kept_code
    return _left(deposit, from_text(open_by(code, deposit.content)) if code else None, code)


def _left(deposit: Deposit, letter: DoctorLetter | None, code: str) -> LeftLetter:
    return LeftLetter(
        public_id=deposit.public_id,
        written_on=deposit.written_on,
        last_day=last_day_of(deposit.written_on),
        ends_at=deposit.ends_at,
        received_at=deposit.received_at,
        letter=letter,
        code=code,
    )
