"""Letters about a child's consents: never the child's name, never why.

A holder's link is theirs alone. Who booked and the psychologist are told that an answer came, and
where to read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from soutien.doors.appointments import CONFIRMED, absolute
from soutien.doors.booking_links import booking_path
from soutien.doors.couriers.message import Message
from soutien.doors.couriers.writing import Task, Words, to_person, to_psychologist
from soutien.doors.days import when
from soutien.doors.waiting_links import CONSENT, waiting_path
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Holder, Signature


@dataclass(slots=True)
class Reader:
    """A holder as somebody to write to: discreet, for nobody asked them."""

    email: str
    phone: str
    language: str
    discreet: bool = True


def link_made(task: Task) -> list[Message]:
    """To the holder: their own link, as long as it may be answered."""
    link = guardians.link_by_id(task.key("consent_link"))
    if link is None or link.ends_at <= task.at or link.holder.removed_at is not None:
        return []
    holder = link.holder
    with override(holder.language):
        words = Words(
            "consent",
            _("Votre accord est demandé"),
            _("Votre accord est demandé"),
            _("Votre accord est demandé pour un enfant. Tout est expliqué ici :"),
        )
        until = when(link.ends_at, "Europe/Paris").day
        path = absolute(waiting_path(CONSENT, link.public_id))
        return to_person(task, _reader(holder), words, {"until": until}, link=path)


def signature_given(task: Task) -> list[Message]:
    """To who booked and to the psychologist: an answer came. Not to whoever gave it."""
    signature = guardians.signature_by_id(task.key("signature"))
    booking = _coming(signature, task) if signature else None
    if signature is None or booking is None:
        return []
    messages = [] if _own_mailbox(signature) else _to_family(task, booking, "consent_answer")
    if signature.how != "paper":
        messages += _to_practice(task, booking, "visit_consent")
    return messages


def wait_ended(task: Task) -> list[Message]:
    """To who booked: all consents are there, the appointment holds."""
    found = agenda.with_places([task.key("booking")])
    if not found or found[0].status != CONFIRMED or found[0].starts_at <= task.at:
        return []
    return _to_family(task, found[0], "consent_complete")


def _to_family(task: Task, booking: Booking, template: str) -> list[Message]:
    person = booking.person
    if person is None:
        return []
    with override(person.language):
        told = when(booking.starts_at, booking.place.time_zone)
        words = Words(
            template,
            _("Du nouveau pour votre rendez-vous du %(when)s") % {"when": told.sentence},
            _("Rendez-vous"),
            _("Du nouveau pour votre rendez-vous %(when)s."),
        )
        link = absolute(booking_path(booking.public_id))
        return to_person(task, person, words, {"when": told}, link=link, spoken=told)


def _to_practice(task: Task, booking: Booking, template: str) -> list[Message]:
    with override("fr"):
        told = when(booking.starts_at, booking.place.time_zone)
        subject = _("Un accord a reçu une réponse : %(when)s") % {"when": told.sentence}
        link = absolute(reverse("visit_consents", args=[booking.public_id]))
        context = {"when": told, "link": link}
        return to_psychologist(task, booking.psychologist, template, subject, context)


def _coming(signature: Signature, task: Task) -> Booking | None:
    """The next appointment of the child with the psychologist."""
    lines = agenda.bookings_of_person(signature.child_id, since=task.at, statuses=(CONFIRMED,))
    found = agenda.with_places([line.id for line in lines])
    mine = [row for row in found if row.psychologist_id == signature.psychologist_id]
    return next(iter(mine), None)


def _own_mailbox(signature: Signature) -> bool:
    """Whether who booked and who answered read the same mailbox."""
    child, holder = signature.child, signature.holder
    return bool(child.email and child.email == holder.email) or bool(
        not child.email and child.phone and child.phone == holder.phone
    )


def _reader(holder: Holder) -> Reader:
    return Reader(holder.email, holder.phone, holder.language)
