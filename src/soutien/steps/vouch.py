"""Keeping the directory true: psychologists are asked, answer in one click, visitors report.

An answer makes an entry fresh. A report never changes an entry: enough of them make us ask, and
only silence after that puts the entry in doubt.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from soutien.registers.psychologists import confirmations
from soutien.registers.psychologists import queries as directory
from soutien.registers.psychologists.models import ConfirmationRequest
from soutien.steps import gather
from soutien.steps.actor import ANONYMOUS, SYSTEM, Actor
from soutien.steps.errors import Refusal
from soutien.steps.freshness import FADES_AFTER, SILENT_AFTER
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import announce, record

# A month after the last word, we ask; half a month later, once more. Who answers either mail
# never fades: the second one leaves on the very day before which an entry is fresh.
ASKS_AFTER = timedelta(days=30)
ASKS_AGAIN_AFTER = FADES_AFTER - ASKS_AFTER
# Who has been silent for a quarter is asked once a month: more would be noise.
ASKS_THE_SILENT_AFTER = timedelta(days=30)
# Three visitors in a month are no accident, and no single person is enough.
REPORTS_THAT_ASK = 3
REPORTS_COUNT_FOR = timedelta(days=30)
# Two weeks: a psychologist on holiday comes home to the mail before anything is said.
REPLY_AWAITED_FOR = timedelta(days=14)
# A link still works when the next mails have left, and not for ever.
LINK_LASTS = timedelta(days=60)
# Further than that nobody knows; the entry then simply asks to be confirmed.
FULL_FOR_AT_MOST = timedelta(days=365)
# Mails planned at once: the rest follows the next time.
AT_ONCE = 200
REPORT_KINDS = ("no_answer", "no_place")
LETTER = "psychologists.confirmation.asked"
_ZONE = "Europe/Paris"


class EntryView(NamedTuple):
    """What the page of a link shows: whose entry, what it says, and what was answered."""

    psychologist_public_id: uuid.UUID
    given_name: str
    family_name: str
    accepts_new_patients: bool
    full_until: date | None
    confirmed_on: date | None
    answer: str
    latest_full_until: date


@transaction.atomic
def plan_confirmations(*, at: datetime) -> int:
    """Ask those who are due, once a day at most; how many letters were left.

    Before that, entries whose "no place until" has come take people again and are asked, and
    those left without an answer after visitors' reports are put in doubt.
    """
    allow(SYSTEM, "plan_confirmations")
    on = gather.civil_day(at, _ZONE)
    back = confirmations.returning(on=on, limit=AT_ONCE)
    confirmations.opened_again(back)
    asked = _ask(back, "returning", on, at)
    for psychologist_id in confirmations.doubt_unanswered(
        asked_before=on - REPLY_AWAITED_FOR, on=on
    ):
        record(SYSTEM, "psychologists.entry.doubted", at=at, object_id=psychologist_id)
    due = confirmations.due(
        on=on,
        confirmed_by=on - ASKS_AFTER,
        silent_before=on - SILENT_AFTER,
        asked_by=on - ASKS_AGAIN_AFTER,
        silent_asked_by=on - ASKS_THE_SILENT_AFTER,
        limit=AT_ONCE,
    )
    return asked + _ask(due, "due", on, at)


@transaction.atomic
def open_confirmation(*, actor: Actor, request_id: uuid.UUID, at: datetime) -> EntryView:
    """What the page behind a link shows. Refuses ``link_too_old`` and ``not_found``."""
    request = _request(actor, "open_confirmation", request_id, at)
    record(actor, "psychologists.confirmation.opened", at=at, object_id=request.pk)
    who = request.psychologist
    return EntryView(
        psychologist_public_id=who.public_id,
        given_name=who.given_name,
        family_name=who.family_name,
        accepts_new_patients=who.accepts_new_patients,
        full_until=who.full_until,
        confirmed_on=who.confirmed_on,
        answer=request.answer,
        latest_full_until=gather.civil_day(at, _ZONE) + FULL_FOR_AT_MOST,
    )


@transaction.atomic
def answer_confirmation(
    *,
    actor: Actor,
    request_id: uuid.UUID,
    takes_people: bool,
    full_until: date | None = None,
    at: datetime,
) -> None:
    """The psychologist's word: takes new people, or has no place before a day.

    It may be given again: the last word counts. Refuses ``full_until_unclear`` (with the
    ``latest`` day) when the day is missing, not ahead, or too far, and ``link_too_old``.
    """
    request = _request(actor, "answer_confirmation", request_id, at, lock=True)
    on = gather.civil_day(at, _ZONE)
    latest = on + FULL_FOR_AT_MOST
    if takes_people:
        full_until = None
    elif full_until is None or not on < full_until <= latest:
        raise Refusal("full_until_unclear", latest=latest)
    answer = "open" if takes_people else "full"
    confirmations.answered(request, answer=answer, full_until=full_until, on=on, at=at)
    record(
        actor,
        "psychologists.entry.confirmed",
        at=at,
        object_id=request.psychologist_id,
        reason=answer,
    )


@transaction.atomic
def report_availability(*, public_id: uuid.UUID, kind: str, at: datetime) -> None:
    """A visitor says that a psychologist did not answer, or has no place left.

    Nothing is kept of the visitor. Enough reports since the last word make us ask; the entry
    stays as it is. Refuses ``not_found`` who is not listed. Raises ValueError for another kind.
    """
    allow(ANONYMOUS, "report_availability")
    if kind not in REPORT_KINDS:
        raise ValueError(f"Unknown report {kind!r}: give one of {', '.join(REPORT_KINDS)}.")
    on = gather.civil_day(at, _ZONE)
    psychologist = directory.by_public_id(public_id)
    if psychologist is None or not directory.listed(psychologist.pk, on):
        raise Refusal("not_found")
    confirmations.add_report(psychologist.pk, kind=kind, on=on)
    # Reports of the day of the last word count: they may have come after it.
    since = max(on - REPORTS_COUNT_FOR, psychologist.confirmed_on or date.min)
    enough = confirmations.reports_since(psychologist.pk, since) >= REPORTS_THAT_ASK
    asked = confirmations.asked_since(psychologist.pk, on - ASKS_AGAIN_AFTER)
    if enough and not asked and psychologist.email:
        _ask([psychologist.pk], "reports", on, at)


def _ask(psychologist_ids: Iterable[int], reason: str, on: date, at: datetime) -> int:
    """One request and one letter each; how many."""
    made = confirmations.ask(psychologist_ids, reason=reason, on=on)
    for request in made:
        record(SYSTEM, LETTER, at=at, object_id=request.pk, reason=reason)
        announce(LETTER, at=at, request=request.public_id)
    return len(made)


def _request(
    actor: Actor, step: str, request_id: uuid.UUID, at: datetime, *, lock: bool = False
) -> ConfirmationRequest:
    """The request of a link, when the actor may take the step and the entry still exists."""
    request = confirmations.request_of(request_id, lock=lock)
    psychologist_id = request.psychologist_id if request else None
    allow(actor, step, relations(actor, psychologist_id=psychologist_id, by_link=True))
    on = gather.civil_day(at, _ZONE)
    if request is None or not directory.listed(request.psychologist_id, on):
        raise Refusal("not_found")
    if request.asked_on + LINK_LASTS < on:
        raise Refusal("link_too_old", lasts_days=LINK_LASTS.days)
    return request
