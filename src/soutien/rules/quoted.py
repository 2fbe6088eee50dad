"""Figures of the law in what people write: ``{{ terme "sessions_per_year_max" }}`` is its value.

A page that says a figure so never goes stale: it is filled in on the day it is read.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from soutien.rules.calendar import day_number
from soutien.rules.codes import Profile
from soutien.rules.explain import in_words
from soutien.rules.money import euros
from soutien.rules.terms import Law, Term, Value

MARK = re.compile(r"\{\{\s*term(?:e)?\s*[\"“”«»']?\s*([a-z_]{1,60})\s*[\"“”«»']?\s*\}\}")
UNKNOWN = {"fr": "(chiffre inconnu)", "en": "(unknown figure)"}
_YES_NO = {"fr": ("non", "oui"), "en": ("no", "yes")}


class Figure(NamedTuple):
    """One figure that a text quotes: its term, what it says, and since when."""

    name: str
    title: str
    shown: str
    since: date
    law: str


class Quoted(NamedTuple):
    """A text with its figures filled in, those figures, and names that are no term."""

    text: str
    figures: tuple[Figure, ...]
    unknown: tuple[str, ...]


def shown(term: Term, value: Value, lang: str) -> str:
    """A value as a sentence says it."""
    if term.unit == "cents":
        return euros(value.number, lang)
    if term.unit == "percent":
        return f"{value.number} %" if lang == "fr" else f"{value.number}%"
    if term.unit == "day":
        assert isinstance(value.written, date)
        return in_words(day_number(value.written), lang)
    if term.unit == "yes_no":
        return _YES_NO[lang][value.number]
    return str(value.number)


def quoted(
    text: str, law: Law, on: date, lang: str, profile: Profile = Profile.OPERATIONAL
) -> Quoted:
    """The text as it is read on a day; before the programme, as on its first day."""
    day = max(on, law.starts_on)
    figures: dict[str, Figure] = {}
    unknown: list[str] = []

    def filled(mark: re.Match[str]) -> str:
        term = law.terms.get(mark[1])
        if term is None:
            unknown.append(mark[1])
            return UNKNOWN[lang]
        value = term.value_on(day, profile)
        told = shown(term, value, lang)
        figures[term.name] = Figure(term.name, term.title(lang), told, value.valid_from, value.law)
        return told

    written = MARK.sub(filled, text)
    return Quoted(written, tuple(figures.values()), tuple(dict.fromkeys(unknown)))
