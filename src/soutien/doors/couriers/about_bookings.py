"""Letters about appointments: made, moved, cancelled, near."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from soutien.doors.appointments import (
    ANNOUNCED,
    CANCELLED,
    CONFIRMED,
    MOVED,
    absolute,
    appointment_of,
    changed_moments,
    street_of,
)
from soutien.doors.booking_links import booking_path
from soutien.doors.calendar_file import Invited, Method, calendar_file
from soutien.doors.couriers.message import MAIL, PSYCHOLOGIST, TEXT, Message
from soutien.doors.couriers.writing import (
    NotNow,
    Task,
    Words,
    sender_name,
    to_person,
    to_psychologist,
)
from soutien.doors.days import When, when
from soutien.doors.measure_links import questions_path
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.audit import queries as audit
from soutien.registers.consents import queries as consents
from soutien.registers.guardians import queries as guardians
from soutien.registers.measures import queries as measures
from soutien.registers.outbox import queries as outbox
from soutien.registers.people.models import Person
from soutien.rules.purposes import REMINDER_MAIL, REMINDER_TEXT
from soutien.steps.hold import release_expired_holds
from soutien.steps.hours import decent_moment
from soutien.steps.remind import plan_reminder

REMOTE = "remote"
PLANNED = "agenda.plan.booked"
# A reminder that comes closer than this to its appointment only startles.
REMINDER_TOO_LATE = timedelta(hours=3)
_REMINDERS = {MAIL: REMINDER_MAIL, TEXT: REMINDER_TEXT}


def booking_confirmed(task: Task) -> list[Message]:
    """To both, with the calendar file; and a reminder is planned."""
    booking = _booking(task.key("booking"))
    if booking is None or booking.status != CONFIRMED:
        return []
    plan_reminder(booking_id=booking.pk, at=task.at)
    if booking.starts_at <= task.at:
        return []
    messages = _tell_person(task, booking, _confirmed_words, method="REQUEST")
    if not _done_by_psychologist(
        "agenda.booking", booking.pk, "agenda.booking.confirmed", "agenda.booking.overbooked"
    ):
        messages += _tell_psychologist(task, booking, "visit_confirmed")
    return messages


def booking_moved(task: Task) -> list[Message]:
    """To both, once for several moves in a row; and a reminder of the new time is planned."""
    booking = _booking(task.key("booking"))
    if booking is None or booking.status != CONFIRMED:
        return []
    plan_reminder(booking_id=booking.pk, at=task.at)
    if booking.starts_at <= task.at or outbox.told_since(task.letter, (MOVED,)):
        return []
    messages = _tell_person(task, booking, _moved_words, method="REQUEST")
    if not _done_by_psychologist("agenda.booking", booking.pk, MOVED):
        messages += _tell_psychologist(task, booking, "visit_moved")
    return messages


def booking_cancelled(task: Task) -> list[Message]:
    """To both, with the file that takes it out of the calendar; nothing for a mere hold."""
    booking = _booking(task.key("booking"))
    if booking is None or booking.status != CANCELLED or booking.starts_at <= task.at:
        return []
    # What was only held was never told; the appointments of a plan were told together.
    if booking.plan is None and not outbox.told_before(task.letter, (ANNOUNCED,)):
        return []
    messages = _tell_person(task, booking, _cancelled_words, method="CANCEL")
    if booking.ended_by != PSYCHOLOGIST:
        messages += _tell_psychologist(task, booking, "visit_cancelled")
    return messages


def reminder_due(task: Task) -> list[Message]:
    """To the person, by mail and by text, if the appointment still stands at that time.

    Late, it waits for the morning rather than come at night, and is left out when it would come
    just before the appointment.
    """
    booking = _booking(task.key("booking"))
    if booking is None or booking.status != CONFIRMED:
        return []
    if booking.times_moved != task.key("moved"):
        return []
    moment = decent_moment(task.at, booking.place.time_zone)
    if moment > booking.starts_at - REMINDER_TOO_LATE:
        return []
    if moment > task.at:
        raise NotNow(moment)
    wanted = replace(task, channels=_reminding(task, booking.person_id))
    asked = [
        absolute(questions_path(row.public_id))
        for row in measures.open_before(booking.pk, task.at)
    ]
    return _tell_person(
        wanted, booking, _reminder_words, method=None, both=True, more={"questions": asked}
    )


def hold_ended(task: Task) -> list[Message]:
    """Nobody is told: the time is free again."""
    release_expired_holds(at=task.at)
    return []


def plan_booked(task: Task) -> list[Message]:
    """To the person, all appointments of a plan at once; each is reminded of by itself."""
    coming = [
        booking
        for booking in agenda.of_plan(task.key("plan"))
        if booking.status == CONFIRMED and booking.starts_at > task.at
    ]
    for booking in coming:
        plan_reminder(booking_id=booking.pk, at=task.at)
    if not coming or coming[0].person is None:
        return []
    first, person = coming[0], coming[0].person
    with override(person.language):
        context = _about(first) | {"appointments": [_about(booking) for booking in coming]}
        moments = changed_moments(coming)
        appointments = [
            appointment_of(each, changed_at=moments[each.pk], discreet=person.discreet)
            for each in coming
        ]
        words = Words(
            "plan",
            _("Vos rendez-vous à partir du %(when)s") % {"when": context["when"].sentence},
            _("Rendez-vous"),
            _("Rendez-vous notés à partir du %(when)s."),
        )
        # An invitation holds one appointment only (RFC 5546): these are published together.
        messages = to_person(
            task,
            person,
            words,
            context,
            link=absolute(booking_path(first.public_id)),
            spoken=context["when"],
            invitation=(calendar_file(appointments), "PUBLISH"),
        )
    if not _done_by_psychologist("agenda.plan", task.key("plan"), PLANNED):
        messages += _tell_psychologist(task, first, "visit_plan")
    return messages


def seat_displaced(task: Task) -> list[Message]:
    """To the person: something changed, the appointment stands."""
    booking = _booking(task.key("booking"))
    if booking is None or booking.status != CONFIRMED or booking.starts_at <= task.at:
        return []
    return _tell_person(task, booking, _displaced_words, method=None)


def _reminding(task: Task, person_id: int | None) -> list[str]:
    """The channels by which the person did not refuse to be reminded."""
    if person_id is None:
        return []
    return [way for way in task.channels if consents.allows(person_id, _REMINDERS[way])]


def _booking(booking_id: int) -> Booking | None:
    found = agenda.with_places([booking_id])
    return found[0] if found else None


def _about(booking: Booking) -> dict[str, Any]:
    """What a letter says of an appointment."""
    psychologist = booking.psychologist
    return {
        "when": when(booking.starts_at, booking.place.time_zone),
        "whom": f"{psychologist.given_name} {psychologist.family_name}",
        "place": "" if booking.modality == REMOTE else street_of(booking),
        "by_other": booking.ended_by == PSYCHOLOGIST,
        "by_time": booking.ended_by == "time",
        "consent_until": _consent_until(booking),
    }


def _consent_until(booking: Booking) -> str:
    """Until when a time that waits for consent is kept; empty when it does not wait."""
    wait = guardians.waits([booking.pk]).get(booking.pk)
    return when(wait.kept_until, booking.place.time_zone).sentence if wait else ""


def _invitation(booking: Booking, person: Person, method: Method) -> tuple[bytes, Method]:
    """The calendar file of a mail: stable UID, growing SEQUENCE."""
    appointment = appointment_of(
        booking, changed_at=changed_moments([booking])[booking.pk], discreet=person.discreet
    )
    sender = settings.MAIL_FROM_DISCREET if person.discreet else settings.MAIL_FROM
    invited = Invited(sender_name(person.discreet), sender, person.email)
    return calendar_file([appointment], method=method, invited=invited), method


def _tell_person(
    task: Task,
    booking: Booking,
    words: Callable[[When], Words],
    *,
    method: Method | None,
    both: bool = False,
    more: Mapping[str, Any] | None = None,
) -> list[Message]:
    person = booking.person
    if person is None:
        return []
    with override(person.language):
        context = _about(booking) | dict(more or {})
        spoken: When = context["when"]
        return to_person(
            task,
            person,
            words(spoken),
            context,
            link=absolute(booking_path(booking.public_id)),
            spoken=spoken,
            invitation=_invitation(booking, person, method) if method and person.email else None,
            both=both,
        )


def _confirmed_words(spoken: When) -> Words:
    return Words(
        "confirmed",
        _("Votre rendez-vous du %(when)s") % {"when": spoken.sentence},
        _("Rendez-vous"),
        _("Rendez-vous noté : %(when)s."),
    )


def _moved_words(spoken: When) -> Words:
    return Words(
        "moved",
        _("Votre rendez-vous a changé d’heure : %(when)s") % {"when": spoken.sentence},
        _("Rendez-vous"),
        _("Rendez-vous déplacé : %(when)s."),
    )


def _cancelled_words(spoken: When) -> Words:
    return Words(
        "cancelled",
        _("Votre rendez-vous du %(when)s est annulé") % {"when": spoken.sentence},
        _("Rendez-vous"),
        _("Rendez-vous annulé : %(when)s."),
    )


def _reminder_words(spoken: When) -> Words:
    return Words(
        "reminder",
        _("Rappel : votre rendez-vous du %(when)s") % {"when": spoken.sentence},
        _("Rendez-vous"),
        _("Rappel : rendez-vous %(when)s."),
    )


def _displaced_words(spoken: When) -> Words:
    return Words(
        "displaced",
        _("À propos de votre rendez-vous du %(when)s") % {"when": spoken.sentence},
        _("Rendez-vous"),
        _("Du nouveau pour votre rendez-vous %(when)s."),
    )


def _tell_psychologist(task: Task, booking: Booking, template: str) -> list[Message]:
    """When and where, never who: a mailbox may be read by others."""
    psychologist = booking.psychologist
    with override("fr"):
        context = _about(booking)
        spoken: When = context["when"]
        subjects = {
            "visit_confirmed": _("Nouveau rendez-vous : %(when)s"),
            "visit_moved": _("Rendez-vous déplacé : %(when)s"),
            "visit_cancelled": _("Rendez-vous annulé : %(when)s"),
            "visit_plan": _("Nouveaux rendez-vous à partir du %(when)s"),
        }
        return to_psychologist(
            task,
            psychologist,
            template,
            subjects[template] % {"when": spoken.sentence},
            {**context, "link": absolute(reverse("day_of", args=[booking.civil_day]))},
        )


def _done_by_psychologist(kind: str, key: object, *events: str) -> bool:
    """Whether the psychologist did the last of these acts: then there is nobody to tell."""
    acts = [
        entry.actor_role for entry in audit.about_object(kind, str(key)) if entry.event in events
    ]
    return bool(acts) and acts[-1] == PSYCHOLOGIST
