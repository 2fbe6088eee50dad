"""What was written about Camille, and a doctor's letter that waits for Sacha's psychologist."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from soutien.doors.cli.demo_data import identifiers
from soutien.registers.accounts.models import Account
from soutien.registers.audit import queries as audit
from soutien.registers.care.models import CareSession
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import Psychologist
from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import (
    ACCOMPANIMENT,
    REFERRAL,
    Deposit,
    Version,
    Writing,
)
from soutien.sealing import code_from, place_of, seal_by
from soutien.steps.shown import name_of
from soutien.steps.written import DoctorLetter, as_text, last_day_of

ZONE = ZoneInfo("Europe/Paris")
LASTS, ONE_DAY = timedelta(days=90), timedelta(days=1)
# Everybody knows it, as the demo's passwords.
PAGE = "the page on which the demo's doctor wrote"
WORDS = {
    "reasons": "Fatigue et inquiétudes depuis le printemps, sommeil léger.",
    "context": "Nouveau travail, déménagement récent.",
    "findings": "Examen sans particularité. Pas de traitement.",
}
NOTE = {
    "recipient": "Docteur Alix Exemple",
    "symptoms": "Inquiétudes le soir, réveils la nuit.",
    "needs": "Retrouver un rythme, parler du changement de travail.",
    "plan": "Se voir toutes les deux semaines, refaire le point à mi-chemin.",
}


def store_writings(
    *, camille: Person, psychologist: Psychologist, sacha: Person, doctor: Account, at: datetime
) -> None:
    """Both letters and a note for Camille, with their lines in the journal; one that waits."""
    held = CareSession.objects.filter(person=camille, psychologist=psychologist, performed=True)
    sessions = list(held.order_by("held_on"))
    if sessions:
        _of_camille(camille, sessions, doctor)
    letter = _letter(sacha, doctor)
    code = code_from(PAGE, as_text(letter))
    Deposit.objects.create(
        public_id=identifiers.public_id("deposit", "sacha"),
        place=place_of(code),
        content=seal_by(code, as_text(letter)),
        kept_code=code,
        author=doctor,
        written_on=at.astimezone(ZONE).date(),
        left_at=at,
        ends_at=at + LASTS,
    )


def _of_camille(camille: Person, sessions: list[CareSession], doctor: Account) -> None:
    first = sessions[0]
    letter = _letter(camille, doctor)
    before = first.held_on - timedelta(days=6)
    kept(REFERRAL, first, letter.heads | {"linked_to": ""}, on=before, author=doctor)
    kept(ACCOMPANIMENT, first, letter.heads | letter.clinical, on=before, author=doctor)
    note = kept("evaluation_note", first, heads_of(first) | NOTE, on=first.held_on)
    signed_at = _evening(first.held_on)
    writings.sign(note, signed_at)
    writings.hand_over(note, to="treating_doctor", basis="agreed", at=signed_at)
    audit.append(
        [
            audit.Line(
                at=signed_at,
                actor_role="psychologist",
                actor_account=None,
                event=f"writings.writing.{verb}",
                object_kind="writings.writing",
                object_id=str(note.pk),
                person_id=camille.pk,
                reason=reason,
            )
            for verb, reason in (("begun", ""), ("signed", ""), ("handed_over", "agreed"))
        ]
    )


def heads_of(session: CareSession) -> dict[str, Any]:
    """Who writes and about whom."""
    person, place, by = session.person, session.place, session.psychologist
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "birth_date": person.birth_date,
        "psychologist": name_of(by),
        "rpps": by.rpps,
        "phone": by.phone,
        "address": [place.address_line, f"{place.postcode} {place.town_name}"],
    }


def report(session: CareSession, words: Mapping[str, str]) -> Writing:
    """What was written at the end of a care, signed the same evening."""
    made = kept("end_report", session, heads_of(session) | dict(words), on=session.held_on)
    writings.sign(made, _evening(session.held_on))
    return made


def kept(
    kind: str,
    session: CareSession,
    body: Mapping[str, Any],
    *,
    on: date,
    author: Account | None = None,
) -> Writing:
    """One document with its first version, written in the evening."""
    at = _evening(on)
    writing = Writing.objects.create(
        public_id=identifiers.public_id("writing", kind, session.public_id),
        kind=kind,
        person_id=session.person_id,
        psychologist_id=session.psychologist_id,
        author=author,
        written_on=on,
        valid_before=last_day_of(on) + ONE_DAY if author else None,
        began_at=at,
    )
    Version.objects.create(writing=writing, number=1, body=dict(body), written_at=at)
    return writing


def _letter(who: Person, doctor: Account) -> DoctorLetter:
    return DoctorLetter(
        given_name=who.given_name,
        family_name=who.family_name,
        birth_date=date.fromisoformat(who.birth_date),
        doctor=doctor.display_name,
        referrer="gp",
        number="019990001",
        structure="Maison de santé de Craponne (démonstration)",
        **WORDS,
    )


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(18), ZONE)
