"""One's own data: what is kept, all of it to take away, and what one says yes or no to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from soutien.registers.audit import queries as audit
from soutien.registers.audit.models import Entry
from soutien.registers.claims.models import Decision
from soutien.registers.consents import queries as consents
from soutien.registers.consents.models import Consent
from soutien.registers.corrections import queries as corrections
from soutien.registers.identities import queries as identities
from soutien.registers.outbox.models import Letter
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.rules.explain import LANGUAGES, explain
from soutien.rules.purposes import CARE_DAYS, PURPOSES, Purpose
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.answered import answer_of
from soutien.steps.errors import Refusal
from soutien.steps.own_data_shape import (
    ACCESSES,
    LETTER_KEYS,
    LETTERS,
    SECTIONS,
    letters_about,
    rows,
    told,
)
from soutien.steps.permissions import allow, relations
from soutien.steps.standing import Reads, who_reads
from soutien.steps.trace import act, looking, record

FORMAT, VERSION = "soutien.own-data", 1
DECISIONS = "decisions"
ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Former:
    """A value that was corrected."""

    field: str
    value: str
    replaced_at: datetime
    by_guardian: bool


@dataclass(frozen=True, slots=True)
class OwnData:
    """What is kept of a person, counted by kind, and how they can be reached.

    ``correction`` is what became of the last request to the fund; empty without one.
    """

    given_name: str
    family_name: str
    birth_date: str
    nir: str
    email: str
    phone: str
    language: str
    discreet: bool
    certified: bool
    counts: dict[str, int]
    former: tuple[Former, ...]
    correction: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """One purpose: what holds now, and all that was said of it, newest first."""

    purpose: Purpose
    allowed: bool
    said: tuple[Consent, ...]


@looking("people.data.opened")
def open_own_data(*, actor: Actor, person_id: int, at: datetime) -> OwnData:
    """What is kept of a person, by kind. Needs an account: a booking link opens no file."""
    allow(actor, "open_own_data", relations(actor, person_id=person_id))
    person = _of_an_account(actor, person_id)
    record(actor, "people.data.opened", at=at, object_id=person_id, person_id=person_id)
    by_another = actor.on_behalf_of is not None
    counts = {
        section.name: rows(section, person_id, by_another=by_another).count()
        for section in SECTIONS
    }
    counts[ACCESSES] = audit.about_person(person_id).count()
    return OwnData(
        given_name=person.given_name,
        family_name=person.family_name,
        birth_date=person.birth_date,
        nir=person.nir,
        email=person.email,
        phone=person.phone,
        language=person.language,
        discreet=person.discreet,
        certified=identities.traits_of_person(person_id) is not None,
        counts=counts,
        former=tuple(
            Former(line.field, line.value, line.replaced_at, line.replaced_by == "guardian")
            for line in corrections.of_person(person_id)
        ),
        correction=corrections.latest_state(person_id),
    )


@act("people.data.downloaded")
def download_own_data(*, actor: Actor, person_id: int, at: datetime) -> dict[str, Any]:
    """Everything that is kept about a person, as docs/data-export.md tells it.

    Nothing of other people: no agent has a name, and a psychologist's own notes are their author's
    to show (``OTHERWISE`` in own_data_shape.py).
    """
    allow(actor, "download_own_data", relations(actor, person_id=person_id))
    _of_an_account(actor, person_id)
    export: dict[str, Any] = {"format": FORMAT, "version": VERSION, "made_at": at.isoformat()}
    filed: list[str] = []
    for section in SECTIONS:
        found = list(rows(section, person_id, by_another=actor.on_behalf_of is not None))
        export[section.name] = [told(section, row, person_id) for row in found]
        if section.name in LETTER_KEYS:
            filed += letters_about((LETTER_KEYS[section.name], row) for row in found)
        if section.name == DECISIONS:
            for line, decision in zip(export[DECISIONS], found, strict=True):
                line["in_words"] = _in_words(decision)
    for line in export["consents"]:
        line["text"] = _text_read(line)
    export[LETTERS] = _letters(filed)
    export[ACCESSES] = [_access(entry) for entry in audit.about_person(person_id)]
    record(actor, "people.data.downloaded", at=at, object_id=person_id, person_id=person_id)
    return export


@looking("consents.list.opened")
def open_consents(*, actor: Actor, person_id: int, at: datetime) -> tuple[Standing, ...]:
    """Each purpose, what holds now, and all that was said."""
    allow(actor, "open_consents", relations(actor, person_id=person_id))
    person = _of_an_account(actor, person_id)
    record(actor, "consents.list.opened", at=at, object_id=person_id, person_id=person_id)
    said = list(consents.of_person(person_id))
    return tuple(
        Standing(
            purpose,
            consents.allows(person_id, purpose.code),
            tuple(line for line in said if line.purpose == purpose.code),
        )
        for purpose in PURPOSES.values()
        if purpose.code != CARE_DAYS or _may_show_days(actor, person, at)
    )


@act("consents.consent.said")
def say_consent(
    *, actor: Actor, person_id: int, purpose: str, given: bool, text_version: int, at: datetime
) -> None:
    """Yes or no to one purpose, in the version that was read. Said again, it is written once.

    Refuses ``text_changed`` when there is a newer text than the one that was read.
    """
    allow(actor, "say_consent", relations(actor, person_id=person_id))
    person = _of_an_account(actor, person_id)
    asked = PURPOSES.get(purpose)
    if asked is None or (purpose == CARE_DAYS and not _may_show_days(actor, person, at)):
        raise Refusal("not_found")
    if asked.text.version != text_version:
        raise Refusal("text_changed")
    line = consents.say(
        person_id, purpose, given=given, text_version=text_version, said_by=actor.role, at=at
    )
    if line is not None:
        verb = "consents.consent.given" if given else "consents.consent.withdrawn"
        record(actor, verb, at=at, object_id=line.pk, person_id=person_id, reason=purpose)


def _of_an_account(actor: Actor, person_id: int) -> Person:
    """The person; a browser that only booked is not let in: it never proved who it is."""
    if actor.account_id is None:
        raise Refusal("not_allowed")
    person = people.with_rights(person_id)
    if person.forgotten_at is not None:
        raise Refusal("not_found")
    return person


def _may_show_days(actor: Actor, person: Person, at: datetime) -> bool:
    """Only a young person says for themselves who reads the days of their care."""
    own = actor.on_behalf_of is None
    return own and who_reads(person, gather.civil_day(at, ZONE)) is Reads.APPOINTMENTS


def _in_words(decision: Decision) -> dict[str, list[str]]:
    """What was decided and why, in both languages, without a code."""
    answer = answer_of(decision, decision.claim.care_session.held_on)
    if answer is None:
        return {}
    return {lang: [line.sentence for line in explain(answer, lang)] for lang in LANGUAGES}


def _text_read(line: dict[str, Any]) -> dict[str, str]:
    """What was read before saying yes or no."""
    texts = PURPOSES[line["purpose"]].texts
    [text] = [text for text in texts if text.version == line["text_version"]]
    return {lang: f"{text.title[lang]}. {text.asks[lang]}" for lang in LANGUAGES}


def _letters(filed: list[str]) -> list[dict[str, Any]]:
    """Which letters left, when and by which way; what they said is read anew each time."""
    found = Letter.objects.filter(about__in=filed).order_by("created_at", "pk")
    return [
        {
            "kind": letter.kind,
            "written_at": letter.created_at.isoformat(),
            "sent": [
                {
                    "channel": sent.channel,
                    "to": "you" if sent.recipient == "person" else sent.recipient,
                    "at": sent.sent_at.isoformat() if sent.sent_at else None,
                }
                for sent in letter.dispatches.all()
            ],
        }
        for letter in found.prefetch_related("dispatches")
    ]


def _access(entry: Entry) -> dict[str, Any]:
    """Who saw or did what, by role: no agent has a name."""
    return {
        "at": entry.at.isoformat(),
        "role": entry.actor_role,
        "event": entry.event,
        "result": entry.result,
        "reason": entry.reason,
    }
