"""Each kind of document as the parts of its paper. Doctors, funds and employers read French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import override

from soutien.doors.web.components.days import clock, plain_day
from soutien.doors.web.writings import doctor_papers
from soutien.doors.web.writings.doctor_papers import FRENCH
from soutien.doors.web.writings.paper import Paper, Section, paragraphs_of
from soutien.registers.writings.models import ACCOMPANIMENT, BY_DOCTORS, REFERRAL
from soutien.steps.written import ATTENDANCE, OpenWriting

PAPER_TITLES = {
    "evaluation_note": "Note d’évaluation",
    "end_report": "Compte rendu de fin de prise en charge",
    "doctor_signal": "Courrier au médecin",
    "specialist_letter": "Courrier d’orientation",
    ATTENDANCE: "Attestation de présence",
}
# What is written in each, in the order it is read.
SECTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "evaluation_note": (
        ("goals", "Ce que la personne souhaite"),
        ("symptoms", "Symptômes"),
        ("needs", "Besoins, première appréciation"),
        ("plan", "Ce qui est prévu"),
    ),
    "end_report": (
        ("goals", "Ce que la personne souhaitait"),
        ("symptoms", "Symptômes"),
        ("evolution", "Évolution"),
        ("scores", "Scores"),
        ("technique", "Méthode"),
        ("count", "Nombre de séances faites"),
        ("conclusion", "Conclusion"),
        ("following", "La suite"),
    ),
    "doctor_signal": (
        ("observed", "Ce que j’observe"),
        ("so_far", "Ce qui a été fait"),
        ("asked", "Ce que je demande"),
    ),
    "specialist_letter": (
        ("observed", "Ce que j’observe"),
        ("so_far", "Ce qui a été fait"),
        ("asked", "Ce que je demande"),
    ),
}


def paper_of(found: OpenWriting) -> Paper:
    """The document, part by part, in the order it is read."""
    if found.kind == REFERRAL:
        assert found.valid_before is not None  # A doctor's letter always ends.
        last_day = found.valid_before - timedelta(days=1)
        return doctor_papers.referral(found.body, written_on=found.written_on, last_day=last_day)
    if found.kind == ACCOMPANIMENT:
        return doctor_papers.accompaniment(found.body, written_on=found.written_on)
    with override(FRENCH):
        return _attendance(found) if found.kind == ATTENDANCE else _of_psychologist(found)


def author_of(found: OpenWriting) -> str:
    """Who wrote it, by name."""
    return str(found.body["doctor" if found.kind in BY_DOCTORS else "psychologist"])


def _of_psychologist(found: OpenWriting) -> Paper:
    body = found.body
    born = plain_day(date.fromisoformat(body["birth_date"]))
    about = f"Concernant {body['given_name']} {body['family_name']}, date de naissance {born}."
    number = f"Numéro RPPS {body['rpps']}"
    lines = (body["psychologist"], "Psychologue", number, *body["address"], body["phone"])
    return Paper(
        title=PAPER_TITLES[found.kind],
        sender=tuple(line for line in lines if line),
        recipient=(body["recipient"],) if body.get("recipient") else (),
        dated=f"Le {plain_day(found.written_on)}",
        sections=(
            Section(paragraphs=(about,)),
            *(
                Section(title, paragraphs_of(body[name]))
                for name, title in SECTIONS[found.kind]
                if body.get(name)
            ),
        ),
        signed=f"{body['psychologist']}, signature :",
        notes=(_standing(found),),
    )


def _attendance(found: OpenWriting) -> Paper:
    """Who was received, by whom and when. No trade, no reason, no name of ours."""
    body = found.body
    day = plain_day(date.fromisoformat(body["held_on"]))
    hours = ""
    if "from" in body:
        begin, end = (_clock(body, name) for name in ("from", "to"))
        hours = f", de {begin} à {end}"
    words = (
        f"{body['psychologist']} atteste avoir reçu {body['given_name']} "
        f"{body['family_name']} le {day}{hours}."
    )
    return Paper(
        title=PAPER_TITLES[ATTENDANCE],
        sender=(body["psychologist"], *body.get("address", ())),
        dated=f"Le {plain_day(found.written_on)}",
        sections=(
            Section(paragraphs=(words, "Attestation établie à la demande de la personne.")),
        ),
        signed=f"{body['psychologist']}, signature :",
    )


def _clock(body: Mapping[str, Any], name: str) -> str:
    return clock(datetime.fromisoformat(body[name]), body["time_zone"])


def _standing(found: OpenWriting) -> str:
    """Whether it is finished."""
    if found.signed_at is None:
        return "Brouillon, non signé."
    return f"Signé le {plain_day(timezone.localtime(found.signed_at).date())}."
