"""Appointments: held, confirmed, cancelled, moved. Each may be sent twice under its key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import Router
from ninja.responses import Status

from soutien.doors.api.callers import Bearer, KnownRequest
from soutien.doors.api.opening import ACTING_HEADER, KEY_HEADER, opened, problems
from soutien.doors.api.shapes import BookingOut, ConfirmIn, HoldIn, MoveIn
from soutien.registers.agenda.models import Booking
from soutien.registers.people import queries as people
from soutien.registers.psychologists import queries as directory
from soutien.steps.book import Identity, cancel_booking, confirm_booking
from soutien.steps.errors import Refusal
from soutien.steps.hold import hold_slot
from soutien.steps.move import move_booking

router = Router(tags=["bookings"], auth=Bearer())
MADE = 201
_ACTS = {"parameters": [KEY_HEADER, ACTING_HEADER]}
_WRONG = problems(400, 401, 403, 404, 409, 413, 422, 429)


def booking_out(booking: Any, psychologist: UUID) -> BookingOut:
    """An appointment as it is told."""
    return BookingOut(
        id=booking.public_id,
        status=booking.status,
        kind=booking.kind,
        modality=booking.modality,
        psychologist=psychologist,
        place=booking.place_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        held_until=booking.held_until,
    )


@router.post(
    "bookings",
    response={MADE: BookingOut, **_WRONG},
    url_name="api_hold",
    operation_id="hold",
    openapi_extra=_ACTS,
)
@opened(scope="book", step="hold_slot", acts=True)
def hold(request: KnownRequest, wanted: HoldIn) -> Status[BookingOut]:
    """Keep a free time for a few minutes; confirm it before ``held_until``."""
    owner = directory.by_public_id(wanted.psychologist)
    if owner is None:
        raise Refusal("not_found")
    booking = hold_slot(
        actor=request.auth.actor,
        psychologist_id=owner.pk,
        place_id=wanted.place,
        starts_at=wanted.starts_at,
        kind=wanted.kind,
        modality=wanted.modality,
        at=timezone.now(),
        person_id=_patient(request, wanted.patient),
    )
    return Status(MADE, _told(booking))


@router.post(
    "bookings/{uuid:booking}/confirm",
    response={200: BookingOut, **_WRONG},
    url_name="api_confirm",
    operation_id="confirm",
    openapi_extra=_ACTS,
)
@opened(scope="book", step="confirm_booking", acts=True)
def confirm(request: KnownRequest, booking: UUID, coming: ConfirmIn) -> BookingOut:
    """Make a held time an appointment."""
    told = coming.identity
    return _told(
        confirm_booking(
            actor=request.auth.actor,
            booking_id=booking,
            identity=Identity(**told.model_dump()) if told else None,
            at=timezone.now(),
        )
    )


@router.post(
    "bookings/{uuid:booking}/cancel",
    response={200: BookingOut, **_WRONG},
    url_name="api_cancel",
    operation_id="cancel",
    openapi_extra=_ACTS,
)
@opened(scope="book", step="cancel_booking", acts=True)
def cancel(request: KnownRequest, booking: UUID) -> BookingOut:
    """Give the time and its seat of the year back."""
    return _told(cancel_booking(actor=request.auth.actor, booking_id=booking, at=timezone.now()))


@router.post(
    "bookings/{uuid:booking}/move",
    response={200: BookingOut, **_WRONG},
    url_name="api_move",
    operation_id="move",
    openapi_extra=_ACTS,
)
@opened(scope="book", step="move_booking", acts=True)
def move(request: KnownRequest, booking: UUID, wanted: MoveIn) -> BookingOut:
    """Another free time of the same psychologist; the booking keeps its id."""
    return _told(
        move_booking(
            actor=request.auth.actor,
            booking_id=booking,
            place_id=wanted.place,
            starts_at=wanted.starts_at,
            at=timezone.now(),
        )
    )


def _patient(request: KnownRequest, patient: UUID | None) -> int | None:
    """Whom a psychologist holds a time for; whoever is theirs, the step says."""
    if patient is None:
        return None
    if request.auth.actor.psychologist_id is None:
        raise Refusal("not_allowed")
    person = people.by_public_id(patient)
    if person is None:
        # As for somebody who is not theirs: nobody learns who is known here.
        raise Refusal("not_allowed")
    return person.pk


def _told(booking: Booking) -> BookingOut:
    return booking_out(booking, booking.psychologist.public_id)
