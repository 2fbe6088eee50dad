"""What each kind of letter becomes: the messages to send, or none when there is nothing to say.

A letter holds keys; what it says is read when it is delivered, so that an appointment cancelled
meanwhile is never told as if it stood. Nothing clinical is ever written, and nobody's name goes
to somebody else's mailbox. Who asked for discretion is written to under a neutral name, with a
neutral subject, without the name of whom they see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from soutien.doors.appointments import (
    ANNOUNCED,
    CANCELLED,
    CONFIRMED,
    MOVED,
    WITHDRAWN,
    absolute,
    appointment_of,
    changed_moments,
    street_of,
)
from soutien.doors.booking_links import booking_path
from soutien.doors.calendar_file import Invited, Method, calendar_file
from soutien.doors.couriers.message import MAIL, PERSON, PSYCHOLOGIST, TEXT, Message
from soutien.doors.couriers.sms import mobile, one_text
from soutien.doors.days import When, when
from soutien.registers.accounts import queries as accounts
from soutien.registers.agenda import queries as agenda
from soutien.registers.agenda.models import Booking
from soutien.registers.audit import queries as audit
from soutien.registers.claims import queries as claims
from soutien.registers.outbox import queries as outbox
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import Psychologist
from soutien.steps.book import release_expired_holds
from soutien.steps.hours import decent_moment
from soutien.steps.remind import plan_reminder

REMOTE = "remote"
# A reminder that comes closer than this to its appointment only startles.
REMINDER_TOO_LATE = timedelta(hours=3)
BLANK_LINES = re.compile(r"\n{3,}")


class NotNow(Exception):
    """The letter is to be told later: ``after``."""

    def __init__(self, after: datetime) -> None:
        super().__init__(f"to be told after {after.isoformat()}")
        self.after = after


@dataclass(frozen=True, slots=True)
class Task:
    """A letter to write at a moment, with the channels that this deployment has."""

    letter: Letter
    at: datetime
    channels: Collection[str]

    def key(self, name: str) -> Any:
        """One of the letter's keys. Raises KeyError."""
        return self.letter.payload[name]


Writer = Callable[[Task], list[Message]]


@dataclass(frozen=True, slots=True)
class Words:
    """One message in its channels: a template and a subject for mails, a line for texts.

    A discreet mail has ``neutral`` for its subject. Without ``text``, no text is sent.
    """

    template: str
    subject: str
    neutral: str
    text: str = ""


# --- to the person -----------------------------------------------------------------------------


def _to_person(
    task: Task,
    person: Person,
    words: Words,
    context: Mapping[str, Any],
    *,
    link: str,
    spoken: When | None = None,
    invitation: tuple[bytes, Method] | None = None,
    both: bool = False,
) -> list[Message]:
    """A mail when there is an address, a text when there is none (``both``: a text as well)."""
    messages = []
    sender = settings.MAIL_FROM_DISCREET if person.discreet else settings.MAIL_FROM
    if person.email and MAIL in task.channels:
        calendar, method = invitation or (b"", "")
        messages.append(
            Message(
                channel=MAIL,
                recipient=PERSON,
                to=person.email,
                subject=words.neutral if person.discreet else words.subject,
                body=_body(words.template, {**context, "link": link, "discreet": person.discreet}),
                sender_name=_sender_name(person.discreet),
                sender=sender,
                calendar=calendar,
                method=method,
            )
        )
    number = mobile(person.phone)
    if words.text and number and TEXT in task.channels and (both or not messages):
        messages.append(
            Message(
                channel=TEXT,
                recipient=PERSON,
                to=number,
                body=one_text(_lines(words.text, spoken, link)),
            )
        )
    return messages


def _sender_name(discreet: bool) -> str:
    return _("Rendez-vous") if discreet else str(settings.OPERATOR_NAME)


def _lines(text: str, spoken: When | None, link: str) -> list[str]:
    """What a text may say, the fullest first."""
    if spoken is None:
        return [f"{text} {link}", text]
    moment = _("%(day)s à %(clock)s") % {"day": spoken.short_day, "clock": spoken.clock}
    short = text % {"when": moment}
    full = text % {"when": f"{moment} ({spoken.zone})" if spoken.zone else moment}
    return [f"{full} {link}", full, short]


def _body(template: str, context: Mapping[str, Any]) -> str:
    text = render_to_string(
        f"soutien/letters/{template}.txt", {**context, "operator": settings.OPERATOR_NAME}
    )
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return BLANK_LINES.sub("\n\n", lines).strip() + "\n"


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
    }


def _invitation(booking: Booking, person: Person, method: Method) -> tuple[bytes, Method]:
    """The calendar file of a mail: stable UID, growing SEQUENCE."""
    appointment = appointment_of(
        booking, changed_at=changed_moments([booking])[booking.pk], discreet=person.discreet
    )
    sender = settings.MAIL_FROM_DISCREET if person.discreet else settings.MAIL_FROM
    invited = Invited(_sender_name(person.discreet), sender, person.email)
    return calendar_file([appointment], method=method, invited=invited), method


def _tell_person(
    task: Task,
    booking: Booking,
    words: Callable[[When], Words],
    *,
    method: Method | None,
    both: bool = False,
) -> list[Message]:
    person = booking.person
    if person is None:
        return []
    with override(person.language):
        context = _about(booking)
        spoken: When = context["when"]
        return _to_person(
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


# --- to the psychologist -----------------------------------------------------------------------


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
        }
        return _to_psychologist(
            task,
            psychologist,
            template,
            subjects[template] % {"when": spoken.sentence},
            {**context, "link": absolute(reverse("day_of", args=[booking.civil_day]))},
        )


def _to_psychologist(
    task: Task, psychologist: Psychologist, template: str, subject: str, context: Mapping[str, Any]
) -> list[Message]:
    account = accounts.of_psychologist(psychologist.pk)
    to = psychologist.email or (account.email if account else "")
    if not to or MAIL not in task.channels:
        return []
    return [
        Message(
            channel=MAIL,
            recipient=PSYCHOLOGIST,
            to=to,
            subject=subject,
            body=_body(template, context),
            sender_name=str(settings.OPERATOR_NAME),
            sender=settings.MAIL_FROM,
        )
    ]


def _done_by_psychologist(booking: Booking, *events: str) -> bool:
    """Whether the psychologist did the last of these acts: then there is nobody to tell."""
    acts = [
        entry.actor_role
        for entry in audit.about_object("agenda.booking", booking.pk)
        if entry.event in events
    ]
    return bool(acts) and acts[-1] == PSYCHOLOGIST


# --- one writer a kind -------------------------------------------------------------------------


def booking_confirmed(task: Task) -> list[Message]:
    """To both, with the calendar file; and a reminder is planned."""
    booking = _booking(task.key("booking"))
    if booking is None or booking.status != CONFIRMED:
        return []
    plan_reminder(booking_id=booking.pk, at=task.at)
    if booking.starts_at <= task.at:
        return []
    messages = _tell_person(task, booking, _confirmed_words, method="REQUEST")
    if not _done_by_psychologist(booking, "agenda.booking.confirmed", "agenda.booking.overbooked"):
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
    if not _done_by_psychologist(booking, MOVED):
        messages += _tell_psychologist(task, booking, "visit_moved")
    return messages


def booking_cancelled(task: Task) -> list[Message]:
    """To both, with the file that takes it out of the calendar; nothing for a mere hold."""
    booking = _booking(task.key("booking"))
    if booking is None or booking.status != CANCELLED or booking.starts_at <= task.at:
        return []
    if not outbox.told_before(task.letter, (ANNOUNCED,)):
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
    if int(booking.starts_at.timestamp()) != task.key("starts"):
        return []
    moment = decent_moment(task.at, booking.place.time_zone)
    if moment > booking.starts_at - REMINDER_TOO_LATE:
        return []
    if moment > task.at:
        raise NotNow(moment)
    return _tell_person(task, booking, _reminder_words, method=None, both=True)


def hold_ended(task: Task) -> list[Message]:
    """Nobody is told: the time is free again."""
    release_expired_holds(at=task.at)
    return []


def session_held(task: Task) -> list[Message]:
    """To the person: a document is there, and nothing of what it is."""
    sheet = claims.sheet_of_session(task.key("care_session"))
    if sheet is None:
        return []
    session = sheet.care_session
    with override(sheet.person.language):
        own = absolute(reverse("sheet", args=[sheet.public_id]))
        link = _link(sheet.person, own, session.booking)
        words = Words("document", _("Un document vous attend"), _("Un message vous attend"))
        return _to_person(task, sheet.person, words, {}, link=link)


def session_missed(task: Task) -> list[Message]:
    """Nobody is told: both were there, or should have been."""
    return []


def claim_decided(task: Task) -> list[Message]:
    """To the person: an answer is there. One that a person must still confirm is not told."""
    decision = claims.latest_decision(task.key("claim"))
    if decision is None or decision.to_confirm or decision.pk != task.key("decision"):
        return []
    claim = decision.claim
    with override(claim.person.language):
        own = absolute(reverse("claim_person", args=[claim.public_id]))
        link = _link(claim.person, own, claim.care_session.booking)
        words = Words("answer", _("Une réponse vous attend"), _("Un message vous attend"))
        return _to_person(task, claim.person, words, {}, link=link)


def seat_displaced(task: Task) -> list[Message]:
    """To the person: something changed, the appointment stands."""
    booking = _booking(task.key("booking"))
    if booking is None or booking.status != CONFIRMED or booking.starts_at <= task.at:
        return []
    return _tell_person(task, booking, _displaced_words, method=None)


def _link(person: Person, own: str, booking: Booking | None) -> str:
    """The page itself for who has an account, else the appointment's own unguessable page."""
    if accounts.of_person(person.pk) is not None:
        return own
    return absolute(booking_path(booking.public_id) if booking else reverse("home"))


WRITERS: Mapping[str, Writer] = {
    ANNOUNCED: booking_confirmed,
    MOVED: booking_moved,
    WITHDRAWN: booking_cancelled,
    "agenda.reminder.due": reminder_due,
    "agenda.hold.ends": hold_ended,
    "care.session.held": session_held,
    "care.session.missed": session_missed,
    "care.seat.displaced": seat_displaced,
    "claims.claim.decided": claim_decided,
}
