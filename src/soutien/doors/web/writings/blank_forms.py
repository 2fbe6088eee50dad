"""Papers to sign on a child's behalf, with the names that are known (R-035, R-036). In French."""

from __future__ import annotations

from datetime import date

from django.utils.translation import override

from soutien.doors.web.components.days import plain_day
from soutien.doors.web.writings.doctor_papers import FRENCH
from soutien.doors.web.writings.paper import Paper, Section
from soutien.steps.written import Prepared

CONSENT, ONE_HOLDER = "accord", "un-seul-titulaire"
_LINE = "………………………………………………"
_SIGN = f"Nom et prénom : {_LINE}   Lien avec l’enfant : ………………………"
_DAY = f"Date : ……………………   Signature : {_LINE}"


def blank_form(which: str, known: Prepared, on: date) -> Paper:
    """A form ready to be signed. Raises KeyError for another."""
    with override(FRENCH):
        return {CONSENT: _consent, ONE_HOLDER: _one_holder}[which](known, plain_day(on))


def _child(known: Prepared) -> str:
    born = plain_day(known.born_on)
    return f"Enfant : {known.person_name}, date de naissance {born}."


def _consent(known: Prepared, day: str) -> Paper:
    both = "Nous donnons notre accord pour qu’un psychologue reçoive cet enfant : "
    return Paper(
        title="Accord des titulaires de l’autorité parentale",
        recipient=(known.psychologist_name,),
        dated=f"Préparé le {day}",
        sections=(
            Section(
                paragraphs=(
                    _child(known),
                    f"{both}{known.psychologist_name}, dans le cadre de Mon soutien psy.",
                    "Chacun peut revenir sur son accord à tout moment, en le disant au "
                    "psychologue.",
                )
            ),
            Section("Premier titulaire", (_SIGN, _DAY)),
            Section("Second titulaire", (_SIGN, _DAY)),
        ),
    )


def _one_holder(known: Prepared, day: str) -> Paper:
    return Paper(
        title="Attestation d’un seul titulaire de l’autorité parentale",
        recipient=(known.psychologist_name,),
        dated=f"Préparé le {day}",
        sections=(
            Section(
                paragraphs=(
                    _child(known),
                    "J’atteste que l’autre titulaire de l’autorité parentale n’a pas pu être "
                    "informé, malgré mes démarches, et j’assume l’entière responsabilité de "
                    "cette demande de soins.",
                )
            ),
            Section("Ce que j’ai fait pour le joindre", (_LINE * 2, _LINE * 2)),
            Section("Titulaire présent", (_SIGN, _DAY)),
        ),
    )
