"""``soutien score SCALE ANSWER…``: the score of a questionnaire, and whether it asks for help.

Nothing is stored, nothing leaves the machine. A score is no diagnosis.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from soutien.doors.environment import scales_folder
from soutien.rules.explain import LANGUAGES
from soutien.rules.scales import SEXES, Scale, ScaleError, load_scale, scale_names
from soutien.rules.screen import Danger, Score, score, uncertainty

WRONG_USE = 2
# No question gives so many points that they need a fourth digit.
LONGEST_ANSWER = 3
WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "total": "Total : {total} sur {total_max}",
        "estimated": "Réponses laissées vides : {blanks}. Elles ont pris la moyenne des autres.",
        "no_total": "Trop de réponses sont vides ({blanks}) : aucun total n’est donné.",
        "band": "{band}",
        "needs_sex": "La tranche dépend du sexe : ajoutez --sex male ou --sex female.",
        "needs_age": "La tranche dépend de l’âge : ajoutez --age.",
        "uncertainty": "Le hasard seul peut donner de {low} à {high}.",
        "yes": "Une réponse parle d’un danger. Appelez le 3114 (jour et nuit, gratuit), le 15 ou "
        "le 112 si une vie est en danger. Une personne doit en parler avec vous, quel que soit "
        "le total.",
        "unanswered": "La question sur le danger est vide : il faut la poser de vive voix. "
        "3114, 15 et 112 répondent jour et nuit.",
        "caution": "Ce n’est pas un diagnostic.",
    },
    "en": {
        "total": "Total: {total} of {total_max}",
        "estimated": "Questions left blank: {blanks}. They took the mean of the others.",
        "no_total": "Too many questions are blank ({blanks}): no total is told.",
        "band": "{band}",
        "needs_sex": "The band depends on sex: add --sex male or --sex female.",
        "needs_age": "The band depends on age: add --age.",
        "uncertainty": "Chance alone may give {low} to {high}.",
        "yes": "An answer tells of a danger. Call 3114 (day and night, free), 15 or 112 if a life "
        "is in danger. Somebody has to talk with you about it, whatever the total.",
        "unanswered": "The question on danger is blank: it has to be asked in person. 3114, 15 "
        "and 112 answer day and night.",
        "caution": "This is no diagnosis.",
    },
}


def an_answer(text: str) -> int | None:
    """A number of points, or - for a blank."""
    if text == "-":
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > LONGEST_ANSWER:
        raise argparse.ArgumentTypeError(
            f"{text[:20]!r} is not an answer: write its points, or - for a question left blank"
        )
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A scale, its answers in order, and what some bands depend on."""
    parser.add_argument("scale", nargs="?", help="for example phq-9; left out: lists the scales")
    parser.add_argument(
        "answers", nargs="*", type=an_answer, help="points of each answer in order, - for a blank"
    )
    parser.add_argument("--sex", choices=SEXES, default="", help="when the band depends on it")
    parser.add_argument("--age", type=int, help="in years, when the band depends on it")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of the text")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def as_json(scale: Scale, told: Score, lang: str) -> dict[str, Any]:
    """A score as data."""
    band = told.band
    chance = None if told.total is None else uncertainty(scale, told.total)
    return {
        "scale": told.scale,
        "version": told.version,
        "total": told.total,
        "total_max": told.total_max,
        "band": band and band.code,
        "band_title": band and band.title(lang),
        "needs": list(told.needs),
        # null: the question on danger was left blank, somebody has to ask it.
        "danger": {Danger.YES: True, Danger.NO: False, Danger.UNANSWERED: None}[told.danger],
        "blanks": list(told.blanks),
        "estimated": told.estimated,
        "subscales": dict(told.subscales),
        "in_programme_range": told.in_programme_range,
        "uncertainty": chance and {"low": chance[0], "high": chance[1]},
    }


def lines(scale: Scale, told: Score, lang: str) -> list[str]:
    """A score in words; what asks for help comes first."""
    words, blanks = WORDS[lang], ", ".join(map(str, told.blanks))
    found = [] if told.danger is Danger.NO else [words[told.danger], ""]
    found.append(scale.title(lang))
    if told.total is None:
        found.append(words["no_total"].format(blanks=blanks))
    else:
        found.append(words["total"].format(total=told.total, total_max=told.total_max))
        if told.band:
            found.append(told.band.title(lang))
        found += [words[f"needs_{need}"] for need in told.needs]
        if told.estimated:
            found.append(words["estimated"].format(blanks=blanks))
        if chance := uncertainty(scale, told.total):
            found.append(words["uncertainty"].format(low=chance[0], high=chance[1]))
    for part in scale.subscales:
        title = part.title_fr if lang == "fr" else part.title_en
        points = told.subscales[part.code]
        found.append(f"  {title}: {'-' if points is None else points}")
    return [*found, words["caution"]]


def run(args: argparse.Namespace) -> int:
    """Print the score; 2 and a clear message when an answer or the scale is wrong."""
    folder = scales_folder()
    if args.scale is None:
        for name in scale_names(folder):
            known = load_scale(name, folder)
            print(f"{name:12} {known.items:3} answers  {known.title(args.lang)}")
        return 0
    try:
        scale = load_scale(args.scale, folder)
        told = score(scale, args.answers, sex=args.sex, age=args.age)
    except ScaleError as error:
        print(f"soutien score: {error}", file=sys.stderr)
        return WRONG_USE
    if args.json:
        print(json.dumps(as_json(scale, told, args.lang), ensure_ascii=False))
    else:
        print("\n".join(lines(scale, told, args.lang)))
    return 0
