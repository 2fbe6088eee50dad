"""Letters about waiting: a place in the queue, a time offered, a request to be called back."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from soutien.doors.appointments import absolute
from soutien.doors.couriers.message import Message
from soutien.doors.couriers.writing import Task, Words, to_person, to_psychologist
from soutien.doors.days import when
from soutien.doors.waiting_links import OFFER, REQUEST, WAIT, waiting_path
from soutien.registers.waiting import queries as waiting
from soutien.registers.waiting.models import ACTIVE, Request, Wait


def wait_joined(task: Task) -> list[Message]:
    """Where to see one's place, and to leave it."""
    return _to_waiting(task, "waiting", gettext_noop("Vous êtes sur la liste d’attente"), ACTIVE)


def wait_asked(task: Task) -> list[Message]:
    """Two offers went by: is the place still wanted?"""
    return _to_waiting(task, "still_waiting", gettext_noop("Attendez-vous toujours ?"), ("asked",))


def wait_answered(task: Task) -> list[Message]:
    """The psychologist answered somebody who waits; the page says what."""
    return _to_waiting(
        task, "answer", gettext_noop("Une réponse vous attend"), ("refused", "booked")
    )


def wait_unanswered(task: Task) -> list[Message]:
    """The place was given back, after a long silence."""
    return _to_waiting(
        task, "no_longer_waiting", gettext_noop("Vous n’attendez plus"), ("unanswered",)
    )


def offer_made(task: Task) -> list[Message]:
    """A time is free, until when; by mail and by text, because it does not last."""
    offer = waiting.offer_by_id(task.key("offer"))
    if offer is None or offer.status != "open" or offer.answer_before <= task.at:
        return []
    booking, wait = offer.booking, offer.wait
    zone = booking.place.time_zone
    with override(wait.language):
        spoken, until = when(booking.starts_at, zone), when(offer.answer_before, zone)
        words = Words(
            "offer",
            _("Une heure s’est libérée : %(when)s") % {"when": spoken.sentence},
            _("Une heure s’est libérée"),
            _("Gardé pour vous : %(when)s. Pour répondre :"),
        )
        return to_person(
            task,
            wait,
            words,
            {"when": spoken, "until": until},
            link=absolute(waiting_path(OFFER, offer.public_id)),
            spoken=spoken,
            both=True,
        )


def offer_over(task: Task) -> list[Message]:
    """The time is gone; the place in the queue is kept."""
    offer = waiting.offer_by_id(task.key("offer"))
    if offer is None or offer.wait.status not in ACTIVE:
        return []
    return _written(task, offer.wait, "offer_over", gettext_noop("Vous gardez votre place"))


def request_made(task: Task) -> list[Message]:
    """To the psychologist: somebody asks to be called back; the page says who."""
    request = waiting.request_by_id(task.key("request"))
    if request is None or request.status != "open":
        return []
    with override("fr"):
        link = absolute(reverse("inbox"))
        subject = _("Une demande vous attend")
        return to_psychologist(task, request.psychologist, "request", subject, {"link": link})


def request_answered(task: Task) -> list[Message]:
    """To who asked: there is an answer, or there will be none from here; the page says what."""
    request = waiting.request_by_id(task.key("request"))
    if request is None or request.status == "open":
        return []
    return _to_asking(task, request)


def nothing_to_tell(task: Task) -> list[Message]:
    """Who did it knows it."""
    return []


def _to_waiting(
    task: Task, template: str, subject: str, statuses: tuple[str, ...]
) -> list[Message]:
    wait = waiting.wait_by_id(task.key("wait"))
    if wait is None or wait.status not in statuses:
        return []
    return _written(task, wait, template, subject)


def _written(task: Task, wait: Wait, template: str, subject: str) -> list[Message]:
    with override(wait.language):
        words = Words(
            template, _(subject), _("Un message vous attend"), _("Un message vous attend :")
        )
        link = absolute(waiting_path(WAIT, wait.public_id))
        return to_person(task, wait, words, {}, link=link)


def _to_asking(task: Task, request: Request) -> list[Message]:
    with override(request.language):
        words = Words(
            "answer",
            _("Une réponse vous attend"),
            _("Un message vous attend"),
            _("Un message vous attend :"),
        )
        link = absolute(waiting_path(REQUEST, request.public_id))
        return to_person(task, request, words, {}, link=link)
