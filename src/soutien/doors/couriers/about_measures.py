"""Letters about questions and answers: that they are there, never what they are about."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from soutien.doors.appointments import absolute
from soutien.doors.couriers.message import Message
from soutien.doors.couriers.writing import Task, Words, to_person, to_psychologist
from soutien.doors.days import when
from soutien.doors.measure_links import questions_path
from soutien.registers.agenda import queries as agenda
from soutien.registers.measures import queries as measures
from soutien.registers.measures.models import Outcome
from soutien.rules.screen import Danger


def questionnaire_asked(task: Task) -> list[Message]:
    """To the person: some questions before an appointment, when no reminder is to come."""
    row = measures.by_id(task.key("questionnaire"))
    if row is None or not measures.stands(row, task.at):
        return []
    found = agenda.with_places([row.booking_id])
    if not found or found[0].status != "confirmed" or found[0].starts_at <= task.at:
        return []
    booking, person = found[0], found[0].person
    if person is None:
        return []
    with override(person.language):
        spoken = when(booking.starts_at, booking.place.time_zone)
        words = Words(
            "questions",
            _("Avant votre rendez-vous du %(when)s") % {"when": spoken.sentence},
            _("Rendez-vous"),
            _("Quelques questions avant le %(when)s, si vous voulez."),
        )
        link = absolute(questions_path(row.public_id))
        return to_person(task, person, words, {"when": spoken}, link=link, spoken=spoken)


def outcome_filled(task: Task) -> list[Message]:
    """To the psychologist: something is there to be read; at once, when a person must."""
    outcome = measures.outcome_by_id(task.key("outcome"))
    if outcome is None or measures.is_read(outcome):
        return []
    return _tell(task, outcome, urgent=_asks_for_somebody(outcome))


def outcome_waits(task: Task) -> list[Message]:
    """To the psychologist, again: what a person must read was not read."""
    outcome = measures.outcome_by_id(task.key("outcome"))
    if outcome is None or measures.is_read(outcome) or not _asks_for_somebody(outcome):
        return []
    return _tell(task, outcome, urgent=True)


def _asks_for_somebody(outcome: Outcome) -> bool:
    return Danger(outcome.told["danger"]) is not Danger.NO


def _tell(task: Task, outcome: Outcome, *, urgent: bool) -> list[Message]:
    """Neither who, nor what: a mailbox may be read by others."""
    with override("fr"):
        subject = _("À lire dès maintenant") if urgent else _("Une réponse à lire")
        told = {"urgent": urgent, "link": absolute(reverse("unread"))}
        return to_psychologist(task, outcome.psychologist, "answers", subject, told)
