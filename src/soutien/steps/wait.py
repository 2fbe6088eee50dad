"""Waiting: join the queue, be offered a free time, answer, keep one's place.

A free time is offered to one person at a time and kept for them meanwhile by a real hold, so
that the agenda's own constraints protect it. Taking an offer is two steps in one transaction:
``answer_offer`` here, then ``confirm_booking``, with the very checks of any other booking
(docs/decisions/0015-a-fair-waiting-list.md).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from soutien.registers.agenda import holds, modalities
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.agenda.queries import Slot
from soutien.registers.care import queries as care
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.models import Psychologist
from soutien.registers.psychologists.queries import METRES_IN_KM, DirectoryRow, degrees_around
from soutien.registers.waiting import queries as waiting
from soutien.registers.waiting.models import ACTIVE, Offer, Wait
from soutien.rules.answer import answer
from soutien.rules.dossier import ClaimedSession, Dossier
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.bookable import refused_by_law
from soutien.steps.contact import Contact, reachable
from soutien.steps.elsewhere import (
    AHEAD,
    FIRST_SESSION,
    IN_PERSON,
    Alternative,
    alternatives,
)
from soutien.steps.errors import Refusal
from soutien.steps.hours import decent_moment
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import act, announce, looking, record
from soutien.steps.turns import (
    DIRECTORY_ZONE,
    NEEDS,
    Waiter,
    answer_before,
    in_order,
    practices_of,
    suits,
    waiter,
    wishes_of,
)
from soutien.steps.wishes import NO_WISHES, Wishes

# The farthest one may look around, in kilometres.
RADIUS_KM_MAX = 100
# Places in the queue from one browser: a person waits, a machine collects.
PLACES_AT_ONCE = 3
# Offers in a row without a word, before we ask whether the person still waits.
IGNORED_BEFORE_ASKING = 2
HELD, CONFIRMED, CANCELLED, EXPIRED = "held", "confirmed", "cancelled", "expired"
# An offer nobody answered in time may still be taken while nobody else has the hour.
_TAKABLE = ("open", "ignored")
_ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Around:
    """Where somebody looks: a position in degrees, how far, and the town as they know it."""

    near: tuple[float, float]
    radius_km: int
    place_name: str


@dataclass(frozen=True, slots=True)
class WaitView:
    """One's own place in the queue; never what was said of the need."""

    public_id: uuid.UUID
    status: str
    joined_at: datetime
    place_name: str
    radius_km: int | None
    psychologist_name: str
    psychologist_public_id: uuid.UUID | None
    wishes: Wishes
    before: date | None
    name: str
    email: str
    phone: str
    open_offer: uuid.UUID | None
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class OfferView:
    """A time offered. ``still_free`` tells one who answers late whether it can be had.

    ``place_kept`` is false once the wait is over.
    """

    public_id: uuid.UUID
    wait_public_id: uuid.UUID
    status: str
    answer_before: datetime
    still_free: bool
    place_kept: bool
    booking_public_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    civil_day: date
    time_zone: str
    psychologist_id: int
    psychologist_public_id: uuid.UUID
    psychologist_name: str
    place_label: str
    address_line: str
    postcode: str
    town_name: str
    practice: str
    step_free: bool
    distance_m: int | None
    person_id: int | None
    name: str
    email: str
    phone: str
    discreet: bool


@act("waiting.wait.joined")
def join_waiting_list(
    *,
    actor: Actor,
    contact: Contact,
    need: str,
    at: datetime,
    around: Around | None = None,
    psychologist_id: uuid.UUID | None = None,
    wishes: Wishes = NO_WISHES,
    before: date | None = None,
    browser: str = "",
) -> Wait:
    """Enter the queue around a place, or for one psychologist (the public id).

    ``need`` is one of NEEDS, ``before`` a day: only what comes sooner is offered. Refuses
    ``contact_missing``, ``waiting_enough`` to a browser, ``not_found`` and ``no_new_patients``.
    """
    allow(actor, "join_waiting_list")
    if need not in NEEDS or (around is None) == (psychologist_id is None):
        raise ValueError("A wait has a need of NEEDS, and a place or a psychologist, not both.")
    told = reachable(contact)
    if waiting.active_of_browser(browser) >= PLACES_AT_ONCE:
        raise Refusal("waiting_enough", places=PLACES_AT_ONCE)
    wait = waiting.add_wait(
        **_scope(around, psychologist_id, at),
        public=wishes.public,
        video=wishes.video,
        in_person=wishes.in_person,
        languages=",".join(wishes.languages),
        step_free=wishes.step_free,
        third_party=wishes.third_party,
        day_parts=",".join(wishes.day_parts),
        from_day=wishes.from_day,
        before=before,
        need=need,
        name=told.name,
        email=told.email,
        phone=told.phone,
        language=told.language,
        discreet=told.discreet,
        browser=browser,
        person_id=actor.about_person_id,
        joined_at=at,
    )
    record(actor, "waiting.wait.joined", at=at, object_id=wait.pk, person_id=wait.person_id)
    announce("waiting.wait.joined", at=at, wait=wait.pk)
    return wait


@looking("waiting.wait.opened")
def open_wait(*, actor: Actor, wait_id: uuid.UUID, at: datetime) -> WaitView:
    """One's place in the queue, by the public id of its link."""
    wait = _allowed_wait(actor, "open_wait", wait_id)
    record(actor, "waiting.wait.opened", at=at, object_id=wait.pk, person_id=wait.person_id)
    offer = waiting.open_offer_of(wait.pk)
    owner = wait.psychologist
    return WaitView(
        public_id=wait.public_id,
        status=wait.status,
        joined_at=wait.joined_at,
        place_name=wait.place_name,
        radius_km=wait.radius_km,
        psychologist_name=f"{owner.given_name} {owner.family_name}" if owner else "",
        psychologist_public_id=owner.public_id if owner else None,
        wishes=wishes_of(wait),
        before=wait.before,
        name=wait.name,
        email=wait.email,
        phone=wait.phone,
        open_offer=offer.public_id if offer and offer.answer_before > at else None,
        alternatives=alternatives(wait.alternatives, but=owner.pk, at=at) if owner else (),
    )


@act("waiting.wait.kept")
def keep_waiting(*, actor: Actor, wait_id: uuid.UUID, at: datetime) -> Wait:
    """Somebody says that they still wait: offers come again, the place never moved.

    Said twice, it answers the same. Refuses ``wait_over``.
    """
    wait = waiting.lock_wait(_allowed_wait(actor, "keep_waiting", wait_id).pk)
    if wait.status not in ACTIVE:
        raise Refusal("wait_over")
    if wait.status == "asked":
        wait.status, wait.ignored, wait.asked_at, wait.looked_at = "waiting", 0, None, None
        wait.save(update_fields=["status", "ignored", "asked_at", "looked_at"])
        record(actor, "waiting.wait.kept", at=at, object_id=wait.pk, person_id=wait.person_id)
    return wait


@act("waiting.wait.left")
def leave_waiting_list(*, actor: Actor, wait_id: uuid.UUID, at: datetime) -> Wait:
    """Leave the queue; a time kept for this person goes to the next one. Twice is once."""
    found = _allowed_wait(actor, "leave_waiting_list", wait_id)
    waiting.queue_up()
    wait = waiting.lock_wait(found.pk)
    if wait.status not in ACTIVE:
        return wait
    offer = waiting.open_offer_of(wait.pk)
    if offer is not None:
        _end_offer(offer, "declined", at)
        _give_back(offer.booking_id, at)
    wait.status, wait.ended_at = "left", at
    wait.save(update_fields=["status", "ended_at"])
    record(actor, "waiting.wait.left", at=at, object_id=wait.pk, person_id=wait.person_id)
    announce("waiting.wait.left", at=at, wait=wait.pk)
    return wait


@act("waiting.offer.made")
def offer_freed_slot(*, psychologist_id: int, at: datetime) -> Offer | None:
    """Offer one free first session of a psychologist to the person whose turn it is.

    The earliest time that somebody waits for is kept for them until they may no longer answer.
    None when nobody waits for what is free: it stays open to all.
    """
    allow(SYSTEM, "offer_freed_slot")
    practices = practices_of(psychologist_id, at)
    boxes = [
        degrees_around(row.latitude, row.longitude, RADIUS_KM_MAX * METRES_IN_KM)
        for row in practices.values()
    ]
    if not practices or not waiting.waiting_for(psychologist_id, boxes):
        return None
    waiting.queue_up()
    holds.release_expired(at=at, psychologist_id=psychologist_id)
    waits = waiting.waiting_for(psychologist_id, boxes)
    queue = _Queue(waits, practices, psychologist_id, at)
    for slot, row, who, until in queue.turns():
        booking = _kept_time(slot, row, until, at)
        if booking is None:
            continue
        wait = queue.waits[who.wait_id]
        offer = waiting.make_offer(
            wait,
            booking=booking,
            distance_m=round(who.distance_m(row)) if who.near else None,
            made_at=at,
            answer_before=until,
        )
        record(SYSTEM, "waiting.offer.made", at=at, object_id=offer.pk, person_id=wait.person_id)
        told_at = decent_moment(at, slot.time_zone)
        announce("waiting.offer.made", at=at, not_before=told_at, offer=offer.pk)
        return offer
    return None


@looking("waiting.offer.opened")
def open_offer(*, actor: Actor, offer_id: uuid.UUID, at: datetime) -> OfferView:
    """What is offered, by the public id of its link; also once it is over."""
    offer = _allowed_offer(actor, "open_offer", offer_id)
    wait, booking = offer.wait, offer.booking
    place, owner = booking.place, booking.psychologist
    record(actor, "waiting.offer.opened", at=at, object_id=offer.pk, person_id=wait.person_id)
    over = offer.status == "ignored" or (offer.status == "open" and offer.answer_before <= at)
    return OfferView(
        public_id=offer.public_id,
        wait_public_id=wait.public_id,
        status="ignored" if over else offer.status,
        answer_before=offer.answer_before,
        still_free=_still_free(offer, at),
        place_kept=wait.status in ACTIVE,
        booking_public_id=booking.public_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        civil_day=booking.civil_day,
        time_zone=place.time_zone,
        psychologist_id=owner.pk,
        psychologist_public_id=owner.public_id,
        psychologist_name=f"{owner.given_name} {owner.family_name}",
        place_label=place.label,
        address_line=place.address_line,
        postcode=place.postcode,
        town_name=place.town_name,
        practice=place.practice,
        step_free=place.step_free,
        distance_m=offer.distance_m,
        person_id=wait.person_id,
        name=wait.name,
        email=wait.email,
        phone=wait.phone,
        discreet=wait.discreet,
    )


@act("waiting.offer.answered")
def answer_offer(*, actor: Actor, offer_id: uuid.UUID, accepted: bool, at: datetime) -> Offer:
    """Take a time offered, or leave it to the next person and keep one's place.

    Taken, the wait is over and the held booking is to be confirmed in the same transaction; if
    it never is, ``expire_offers`` puts the person back where they were. Answered twice alike, it
    answers the same. Refuses ``offer_over``, ``wait_over`` and ``person_busy``.
    """
    found = _allowed_offer(actor, "answer_offer", offer_id)
    waiting.queue_up()
    wait, offer = waiting.lock_wait(found.wait_id), waiting.lock_offer(found.pk)
    answered = "taken" if accepted else "declined"
    if offer.status == answered:
        return offer
    if offer.status not in (_TAKABLE if accepted else ("open",)):
        raise Refusal("offer_over")
    if wait.status not in ACTIVE:
        raise Refusal("wait_over")
    if accepted and not _still_free(found, at):
        raise Refusal("offer_over")
    _end_offer(offer, answered, at)
    wait.ignored = 0
    if accepted:
        _make_theirs(offer.booking_id, wait.person_id)
        _withdraw_others(wait, offer, at)
        wait.status, wait.ended_at = "booked", at
    else:
        _give_back(offer.booking_id, at)
        wait.looked_at = None
    wait.save(update_fields=["ignored", "status", "looked_at", "ended_at"])
    event = "waiting.offer.taken" if accepted else "waiting.offer.declined"
    record(actor, event, at=at, object_id=offer.pk, person_id=wait.person_id)
    announce(event, at=at, offer=offer.pk)
    return offer


@act("waiting.offer.ignored")
def expire_offers(*, at: datetime) -> int:
    """End the offers that nobody answered in time, or whose time is gone; how many.

    Whoever said nothing keeps the place; after IGNORED_BEFORE_ASKING in a row they are asked
    whether they still wait, and are offered nothing until they answer.
    """
    allow(SYSTEM, "expire_offers")
    waiting.queue_up()
    holds.release_expired(at=at)
    settled = waiting.offers_to_settle(at)
    for offer in settled:
        wait = waiting.lock_wait(offer.wait_id)
        status = _what_became_of(offer)
        _end_offer(offer, status, at)
        record(SYSTEM, _EVENTS[status], at=at, object_id=offer.pk, person_id=wait.person_id)
        if status == "taken":
            _over(wait, at)
            continue
        _back_in_the_queue(wait, ignored=status == "ignored", at=at)
        if wait.status == "asked":
            record(SYSTEM, "waiting.wait.asked", at=at, object_id=wait.pk)
            announce("waiting.wait.asked", at=at, wait=wait.pk)
        else:
            announce(_EVENTS[status], at=at, offer=offer.pk)
    return len(settled)


_EVENTS = {
    "taken": "waiting.offer.taken",
    "ignored": "waiting.offer.ignored",
    "withdrawn": "waiting.offer.withdrawn",
}


class _Queue:
    """Those who may take a time of one psychologist now, and whose turn it is for each."""

    def __init__(
        self,
        waits: Collection[Wait],
        practices: Mapping[int, DirectoryRow],
        psychologist_id: int,
        at: datetime,
    ) -> None:
        self.waits = {wait.pk: wait for wait in waits}
        self._practices, self._psychologist_id, self._at = practices, psychologist_id, at
        passed_over = waiting.passed_over(self.waits)
        self._waiters = [waiter(wait, passed_over.get(wait.pk, ())) for wait in waits]
        self._refused: dict[tuple[int | None, date, int], bool] = {}
        # Read once, however many people are asked about on however many days.
        self._known = gather.known({wait.person_id for wait in waits if wait.person_id})
        rooms = {row.practice for row in practices.values()}
        self._receiving = gather.partners(psychologist_id, rooms)

    def turns(self) -> Iterator[tuple[Slot, DirectoryRow, Waiter, datetime]]:
        """Free times with the person whose turn it is, the earliest first."""
        at, owner = self._at, self._psychologist_id
        free = agenda.free_slots(
            [owner],
            since=at,
            until=at + AHEAD,
            kind=FIRST_SESSION,
            now=at,
            modality=IN_PERSON,
        )
        on = gather.civil_day(at, DIRECTORY_ZONE)
        remote = owner in modalities.follow_ups_by_video_only([owner], on)
        ordered = {key: in_order(self._waiters, row) for key, row in self._practices.items()}
        for slot in free[owner]:
            row = self._practices.get(slot.place_id)
            until = answer_before(at=at, starts_at=slot.starts_at, time_zone=slot.time_zone)
            if row is None or until is None:
                continue
            for who in ordered[slot.place_id]:
                if suits(who, slot, row, by_video_only=remote) and self._may(who, slot, row):
                    yield slot, row, who, until
                    break

    def _may(self, who: Waiter, slot: Slot, row: DirectoryRow) -> bool:
        """Whether the law and the person's own appointments leave room, where we know them."""
        person_id = self.waits[who.wait_id].person_id
        day = gather.civil_day(slot.starts_at, slot.time_zone)
        key = (person_id, day, slot.place_id)
        if key not in self._refused:
            session = gather.planned(
                psychologist_id=row.psychologist_id,
                kind=FIRST_SESSION,
                modality=IN_PERSON,
                held_on=day,
            )
            dossier = self._dossier(person_id, session, row.practice)
            self._refused[key] = bool(refused_by_law(answer(dossier, gather.law())))
        return not self._refused[key] and not _busy(person_id, slot)

    def _dossier(self, person_id: int | None, session: ClaimedSession, practice: str) -> Dossier:
        """What the law asks about a first session of somebody, known or not."""
        partner = self._receiving[practice]
        if person_id is None:
            return gather.planned_dossier(None, session, practice, partner=partner)
        return gather.dossier_of(self._known[person_id], session, partner, gather.Reading.PLANNING)


def _busy(person_id: int | None, slot: Slot) -> bool:
    """Whether the person has an appointment at that time."""
    if person_id is None:
        return False
    lines = agenda.bookings_of_person(person_id, since=slot.starts_at)
    return any(line.starts_at < slot.ends_at for line in lines)


def _scope(
    around: Around | None, psychologist_id: uuid.UUID | None, at: datetime
) -> dict[str, object]:
    """The columns that say what is waited for."""
    if around is not None:
        if not 0 < around.radius_km <= RADIUS_KM_MAX:
            raise ValueError(f"The radius is from 1 to {RADIUS_KM_MAX} km.")
        latitude, longitude = around.near
        return {
            "latitude": latitude,
            "longitude": longitude,
            "radius_km": around.radius_km,
            "place_name": around.place_name,
        }
    owner = _listed(psychologist_id, at)
    if not owner.accepts_new_patients:
        raise Refusal("no_new_patients")
    return {"psychologist_id": owner.pk}


def _listed(public_id: uuid.UUID | None, at: datetime) -> Psychologist:
    owner = directory.by_public_id(public_id) if public_id else None
    if owner is None or not directory.listed(owner.pk, gather.civil_day(at, DIRECTORY_ZONE)):
        raise Refusal("not_found")
    return owner


def _allowed_wait(actor: Actor, step: str, public_id: uuid.UUID) -> Wait:
    """The wait of a link, allowed to the actor."""
    wait = waiting.wait_by_public_id(public_id)
    if wait is None:
        raise Refusal("not_found")
    allow(actor, step, relations(actor, person_id=wait.person_id, by_link=True))
    return wait


def _allowed_offer(actor: Actor, step: str, public_id: uuid.UUID) -> Offer:
    """The offer of a link, allowed to the actor, with all that is told of it."""
    offer = waiting.offer_by_public_id(public_id)
    if offer is None:
        raise Refusal("not_found")
    allow(actor, step, relations(actor, person_id=offer.wait.person_id, by_link=True))
    return offer


def _kept_time(slot: Slot, row: DirectoryRow, until: datetime, at: datetime) -> Booking | None:
    """A hold of the time, in nobody's name yet; None when somebody was faster."""
    try:
        return agenda.book(
            psychologist_id=row.psychologist_id,
            place_id=slot.place_id,
            kind=FIRST_SESSION,
            modality=IN_PERSON,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            civil_day=gather.civil_day(slot.starts_at, slot.time_zone),
            status=HELD,
            held_until=until,
            created_at=at,
            # No browser's key looks like this: nobody's own holds are let go or renewed by it.
            holder=f"waiting-list:{uuid.uuid4()}",
        )
    except agenda.TimeTaken:
        return None


def _still_free(offer: Offer, at: datetime) -> bool:
    """Whether the time can be had: still held, or run out and taken by nobody."""
    booking = offer.booking
    if booking.starts_at <= at or offer.wait.status not in ACTIVE:
        return False
    if booking.status == HELD and booking.held_until is not None and booking.held_until > at:
        return offer.status == "open"
    ran_out = booking.status in (HELD, EXPIRED) and offer.status in _TAKABLE
    return ran_out and _free_again(booking, at)


def _free_again(booking: Booking, at: datetime) -> bool:
    """Whether the time of a hold that ran out is free, for the psychologist at least."""
    free = agenda.free_slots(
        [booking.psychologist_id],
        since=booking.starts_at,
        until=booking.starts_at + _ONE_MINUTE,
        kind=booking.kind,
        now=at,
        modality=booking.modality,
        own=True,
        leaving_out=booking.pk,
    )
    return any(slot.place_id == booking.place_id for slot in free[booking.psychologist_id])


def _make_theirs(booking_id: int, person_id: int | None) -> None:
    """Write the person on the hold, when we know who they are."""
    if person_id is None:
        return
    booking = agenda.lock(booking_id)
    # The year before the agenda's queue, as every step that books.
    care.lock_year(person_id, booking.civil_day.year)
    booking.person_id = person_id
    try:
        with agenda.refusing_overlaps(booking.psychologist_id, person_id):
            booking.save(update_fields=["person"])
    except agenda.TimeTaken as taken:
        raise Refusal("person_busy") from taken


def _withdraw_others(wait: Wait, taken: Offer, at: datetime) -> None:
    """Taking an earlier offer late gives a newer one back: one person, one time."""
    other = waiting.open_offer_of(wait.pk)
    if other is not None and other.pk != taken.pk:
        _end_offer(other, "declined", at)
        _give_back(other.booking_id, at)


def _give_back(booking_id: int, at: datetime) -> None:
    """The hold ends: the time is free for the next person."""
    booking = agenda.lock(booking_id)
    if booking.status == HELD:
        booking.status, booking.ended_at, booking.ended_by = CANCELLED, at, "person"
        booking.save(update_fields=["status", "ended_at", "ended_by"])


def _end_offer(offer: Offer, status: str, at: datetime) -> None:
    offer.status, offer.ended_at = status, at
    offer.save(update_fields=["status", "ended_at"])


def _what_became_of(offer: Offer) -> str:
    """How an offer that is to be settled ended, by what its booking has become."""
    if offer.booking.status == CANCELLED:
        return "withdrawn"
    if offer.booking.status in (HELD, EXPIRED):
        return "ignored"
    return "taken"


def _over(wait: Wait, at: datetime) -> None:
    """The booking was confirmed by another way: the wait is over all the same."""
    if wait.status in ACTIVE:
        wait.status, wait.ended_at = "booked", at
        wait.save(update_fields=["status", "ended_at"])


def _back_in_the_queue(wait: Wait, *, ignored: bool, at: datetime) -> None:
    """The place is kept, as if nothing had been offered; or the person is asked."""
    if wait.status not in (*ACTIVE, "booked"):
        return
    wait.ignored += int(ignored)
    wait.status, wait.ended_at, wait.looked_at = "waiting", None, None
    if wait.ignored >= IGNORED_BEFORE_ASKING:
        wait.status, wait.asked_at = "asked", at
    wait.save(update_fields=["ignored", "status", "ended_at", "looked_at", "asked_at"])
