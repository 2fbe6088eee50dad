"""How messages are made: by mail and by text, in the reader's language, discreet when asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from soutien.doors.calendar_file import Method
from soutien.doors.couriers.message import MAIL, PERSON, PSYCHOLOGIST, TEXT, Message
from soutien.doors.couriers.sms import mobile, one_text
from soutien.doors.days import When
from soutien.registers.accounts import queries as accounts
from soutien.registers.outbox.models import Letter
from soutien.registers.psychologists.models import Psychologist

BLANK_LINES = re.compile(r"\n{3,}")


class Reachable(Protocol):
    """Somebody to write to, with or without an account."""

    email: Any
    phone: Any
    language: Any
    discreet: Any


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


def to_person(
    task: Task,
    person: Reachable,
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
    told = {**context, "link": link, "discreet": person.discreet}
    if person.email and MAIL in task.channels:
        calendar, method = invitation or (b"", "")
        messages.append(
            Message(
                channel=MAIL,
                recipient=PERSON,
                to=person.email,
                subject=words.neutral if person.discreet else words.subject,
                body=body_of(words.template, told),
                sender_name=sender_name(person.discreet),
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


def sender_name(discreet: bool) -> str:
    return _("Rendez-vous") if discreet else str(settings.OPERATOR_NAME)


def _lines(text: str, spoken: When | None, link: str) -> list[str]:
    """What a text may say, the fullest first."""
    if spoken is None:
        return [f"{text} {link}", text]
    moment = _("%(day)s à %(clock)s") % {"day": spoken.short_day, "clock": spoken.clock}
    short = text % {"when": moment}
    full = text % {"when": f"{moment} ({spoken.zone})" if spoken.zone else moment}
    return [f"{full} {link}", full, short]


def body_of(template: str, context: Mapping[str, Any]) -> str:
    text = render_to_string(
        f"soutien/letters/{template}.txt", {**context, "operator": settings.OPERATOR_NAME}
    )
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return BLANK_LINES.sub("\n\n", lines).strip() + "\n"


def to_psychologist(
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
            body=body_of(template, context),
            sender_name=str(settings.OPERATOR_NAME),
            sender=settings.MAIL_FROM,
        )
    ]
