"""A doctor's two letters in words (R-041). Funds and doctors read them: they are in French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import override

from soutien.doors.web.components.days import plain_day
from soutien.doors.web.sheets.fields import Box
from soutien.doors.web.writings.paper import Paper, Section, paragraphs_of
from soutien.registers.writings.models import ACCOMPANIMENT, REFERRAL
from soutien.rules.codes import LinkedTo, word

FRENCH = "fr"
REFERRERS = {
    "gp": "Médecin généraliste",
    "hospital_doctor": "Médecin hospitalier",
    "specialist_doctor": "Médecin spécialiste",
    "school_doctor": "Médecin scolaire",
    "student_health_doctor": "Médecin de la santé étudiante",
    "occupational_doctor": "Médecin du travail",
    "midwife": "Sage-femme",
    "school_nurse": "Infirmier ou infirmière scolaire",
}
LINKS = {
    word(LinkedTo.ALD): "une affection de longue durée (ALD)",
    word(LinkedTo.THIRD_PARTY_ACCIDENT): "un accident causé par un tiers",
    word(LinkedTo.MATERNITY): "la maternité",
    word(LinkedTo.AT_MP): "un accident du travail ou une maladie professionnelle",
}
TITLES = {REFERRAL: "Courrier d’adressage", ACCOMPANIMENT: "Courrier d’accompagnement"}
CLINICAL = {
    "reasons": "Motif",
    "context": "Contexte",
    "findings": "Éléments cliniques",
    "scores": "Scores",
}


def referral(body: Mapping[str, Any], *, written_on: date, last_day: date) -> Paper:
    """For the fund: that the person falls within the scheme, and not a word on why."""
    with override(FRENCH):
        born = plain_day(date.fromisoformat(body["birth_date"]))
        statement = (
            f"J’adresse {_named(body)}, date de naissance {born}, vers un psychologue partenaire "
            "du dispositif Mon soutien psy. Sa situation relève de ce dispositif (article "
            "L. 162-58 du code de la sécurité sociale)."
        )
        boxes = tuple(Box(label, body["linked_to"] == code) for code, label in LINKS.items())
        return Paper(
            title=TITLES[REFERRAL],
            sender=_sender(body),
            recipient=("À l’attention de la caisse d’assurance maladie",),
            dated=f"Le {plain_day(written_on)}",
            sections=(
                Section(paragraphs=(statement,)),
                Section("Les séances sont en lien avec", boxes=boxes),
            ),
            signed=f"{body['doctor']}, signature :",
            notes=(
                "La première séance a lieu au plus tard le "
                f"{plain_day(last_day)}, ce jour compris.",
            ),
        )


def accompaniment(body: Mapping[str, Any], *, written_on: date, code: str = "") -> Paper:
    """For the psychologist only: what the doctor wants them to know."""
    with override(FRENCH):
        born = plain_day(date.fromisoformat(body["birth_date"]))
        return Paper(
            title=TITLES[ACCOMPANIMENT],
            sender=_sender(body),
            recipient=("À l’attention du psychologue, personnel",),
            dated=f"Le {plain_day(written_on)}",
            sections=(
                Section(paragraphs=(f"Pour {_named(body)}, date de naissance {born}.",)),
                *(
                    Section(title, paragraphs_of(body[name]))
                    for name, title in CLINICAL.items()
                    if body.get(name)
                ),
            ),
            signed=f"{body['doctor']}, signature :",
            code=code,
            code_label="Code pour votre psychologue" if code else "",
            code_note="Il ouvre les deux courriers une seule fois, dans Soutien." if code else "",
        )


def _named(body: Mapping[str, Any]) -> str:
    return f"{body['given_name']} {body['family_name']}"


def _sender(body: Mapping[str, Any]) -> tuple[str, ...]:
    lines = (
        body["doctor"],
        REFERRERS[body["referrer"]],
        body["structure"],
        f"Numéro {body['number']}",
    )
    return tuple(line for line in lines if line)
