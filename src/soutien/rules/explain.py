"""From codes to sentences: what was decided, on which text, and what would change it.

Sentences stand in ``sentences.toml`` in French and English; every number in them comes from
the decision or from the terms in force on the day of the session.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from soutien.rules.answer import Answer
from soutien.rules.calendar import NO_DAY, civil_date, civil_year, day_of, year_month_day
from soutien.rules.codes import (
    ActCode,
    Coverage,
    Notice,
    Profile,
    Reason,
    ThirdParty,
    word,
    words,
)
from soutien.rules.decide import NO_CAP, expected_act_code, tariff_cents
from soutien.rules.money import euros
from soutien.rules.terms import Law

LANGUAGES = ("fr", "en")
_HUNDRED = 100
_MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_MONTH_NAMES = {lang: names.split() for lang, names in _MONTHS.items()}
_ACTS = {
    "fr": {
        ActCode.NONE: "une évaluation par vidéo n'a pas de code",
        ActCode.EEP: "EEP est attendu pour une évaluation en présence",
        ActCode.APS: "APS est attendu pour un suivi en présence",
        ActCode.PSS: "PSS est attendu pour un suivi par vidéo",
    },
    "en": {
        ActCode.NONE: "an evaluation by video has no code",
        ActCode.EEP: "EEP is expected for an evaluation in person",
        ActCode.APS: "APS is expected for a follow-up in person",
        ActCode.PSS: "PSS is expected for a follow-up by video",
    },
}


_THIRD_PARTY_BY_DATE = {
    Coverage.STANDARD_60_40,
    Coverage.LOCAL_REGIME_90_10,
    Coverage.FULL_COVERAGE_INVALIDITY,
}


class Line(NamedTuple):
    """One thing said about an answer.

    ``about`` is the group (reason, coverage, amount, third_party, left, notice), ``code`` the
    word within it, ``article`` the text it rests on, ``remedy`` what to do or what would change
    it, ``caution`` a gentle note where that text could not be read, else empty.
    """

    about: str
    code: str
    sentence: str
    article: str
    remedy: str
    caution: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The wording of one code in one language."""

    sentence: str
    remedy: str
    text: str
    term: str
    rules: tuple[str, ...]
    remedy_varies: bool


@lru_cache(maxsize=1)
def sentences() -> Mapping[str, Mapping[tuple[str, str], Sentence]]:
    """All sentences by language, then by (group, code)."""
    data = tomllib.loads((files("soutien.rules") / "sentences.toml").read_text("utf-8"))
    return {
        lang: {
            (about, code): Sentence(
                sentence=entry[lang],
                remedy=entry[f"remedy_{lang}"],
                text=entry.get("text", ""),
                term=entry.get("term", ""),
                rules=tuple(entry["rules"]),
                remedy_varies="{" in entry[f"remedy_{lang}"],
            )
            for about, entries in data.items()
            for code, entry in entries.items()
        }
        for lang in LANGUAGES
    }


@lru_cache(maxsize=4096)
def in_words(day: int, lang: str) -> str:
    """A day as people write it: ``1er janvier 2027``, ``1 January 2027``."""
    year, month, day_of_month = year_month_day(day)
    ordinal = "1er" if lang == "fr" and day_of_month == 1 else str(day_of_month)
    return f"{ordinal} {_MONTH_NAMES[lang][month - 1]} {year}"


class _Values(dict[str, Any]):
    """The values sentences may name, worked out only when one does."""

    def __init__(self, answer: Answer, lang: str) -> None:
        super().__init__()
        self.answer, self.lang = answer, lang

    def __missing__(self, name: str) -> Any:
        value = self[name] = self.worked_out(name)
        return value

    def worked_out(self, name: str) -> Any:
        answer, lang = self.answer, self.lang
        decision, session, terms = answer.decision, answer.session, answer.terms
        if name in _CENTS:
            return euros(getattr(decision, _CENTS[name]), lang)
        if name in _DAYS:
            return in_words(getattr(session, _DAYS[name]), lang)
        if name in _DERIVED:
            return _DERIVED[name](answer, lang)
        value = getattr(terms, name)
        return in_words(value, lang) if name in _DAY_TERMS else value


def _opened_on(answer: Answer, lang: str) -> str:
    past = answer.past.episode_opened_on
    opened = past if not answer.session.evaluation and past != NO_DAY else answer.session.day
    return in_words(opened, lang)


def _next_year(answer: Answer, lang: str) -> str:
    return in_words(day_of(civil_year(answer.session.day) + 1, 1, 1), lang)


_CENTS = {
    "price": "price_cents",
    "amo": "amo_cents",
    "local_regime": "local_regime_cents",
    "amc": "amc_cents",
    "patient": "patient_cents",
    "upfront": "patient_upfront_cents",
}
_DAYS = {
    name: name
    for name in ("day", "received_on", "aged_enough_on", "referral_day", "referral_last_day")
}
_DAY_TERMS = {"programme_starts_on", "amo_third_party_from", "minor_ald_uncapped_from"}
_DERIVED: Mapping[str, Callable[[Answer, str], Any]] = {
    "starts_on": lambda a, lang: in_words(a.terms.programme_starts_on, lang),
    "year": lambda a, lang: civil_year(a.session.day),
    "next_year_starts_on": _next_year,
    "episode_opened_on": _opened_on,
    "last_day_to_claim": lambda a, lang: in_words(a.session.barred_from - 1, lang),
    "tariff": lambda a, lang: euros(tariff_cents(a.session, a.terms), lang),
    "expected_act_code": lambda a, lang: _ACTS[lang][ActCode(expected_act_code(a.session))],
    "amo_rate": lambda a, lang: a.terms.amo_rate_percent,
    "amc_rate": lambda a, lang: _HUNDRED - a.terms.amo_rate_percent,
    "local_total_rate": lambda a, lang: (
        a.terms.amo_rate_percent + a.terms.local_regime_rate_percent
    ),
    "local_rest_rate": lambda a, lang: (
        _HUNDRED - a.terms.amo_rate_percent - a.terms.local_regime_rate_percent
    ),
    "left": lambda a, lang: a.decision.sessions_left,
}


@lru_cache(maxsize=2048)
def _text_of_term(law: Law, name: str, day: int, profile: Profile, lang: str) -> tuple[str, str]:
    """The legal text of a term's value on a day, and a caution where it could not be read."""
    term = law.terms[name]
    on = max(civil_date(day), law.starts_on)
    return term.value_on(on, profile).law, term.caution(lang, on, profile)


def _line(
    answer: Answer,
    wording: Mapping[tuple[str, str], Sentence],
    values: _Values,
    about: str,
    code: str,
    caution_of: str = "",
) -> Line:
    lang, session = values.lang, answer.session
    entry = wording[about, code]
    article, caution = entry.text, ""
    term = entry.term
    if term == "tariff":
        term = "evaluation_fee_cents" if session.evaluation else "follow_up_fee_cents"
    if term:
        article, caution = _text_of_term(answer.law, term, session.day, answer.profile, lang)
    if caution_of:
        text, caution = _text_of_term(answer.law, caution_of, session.day, answer.profile, lang)
        article = f"{article}; {text}"
    return Line(
        about,
        code,
        entry.sentence.format_map(values),
        article,
        entry.remedy.format_map(values) if entry.remedy_varies else entry.remedy,
        caution,
        entry.rules,
    )


def _money(answer: Answer) -> Iterator[tuple[str, str, str]]:
    decision, session = answer.decision, answer.session
    yield "amount", "price", ""
    yield "amount", "amo", ""
    if decision.local_regime_cents:
        yield "amount", "local_regime", ""
    if decision.amc_cents:
        yield "amount", "amc", ""
    elif decision.amo_cents == decision.price_cents:
        yield "amount", "amc_nothing", ""
    else:
        yield "amount", "amc_absent", ""
    yield "amount", "patient" if decision.patient_cents else "patient_nothing", ""
    granted_otherwise = (
        session.third_party_requested or session.health_centre or session.former_css
    )
    rests_on_the_date = (
        session.day >= answer.terms.amo_third_party_from
        and not granted_otherwise
        and decision.coverage in _THIRD_PARTY_BY_DATE
    )
    mode = word(ThirdParty(decision.third_party))
    yield "third_party", mode, "amo_third_party_from" if rests_on_the_date else ""


def _left(answer: Answer) -> Iterator[tuple[str, str, str]]:
    left = answer.decision.sessions_left
    if answer.decision.reasons & (Reason.BEFORE_PROGRAMME_START | Reason.ANNUAL_CAP_REACHED):
        return
    code = {NO_CAP: "no_cap", 0: "none", 1: "one"}.get(left, "some")
    yield "left", code, ""


def _said(answer: Answer) -> Iterator[tuple[str, str, str]]:
    """What is to be said, in order: (group, code, term whose text could not be read)."""
    decision = answer.decision
    if decision.accepted:
        yield "coverage", word(Coverage(decision.coverage)), ""
        yield from _money(answer)
    else:
        for code in words(Reason(decision.reasons)):
            yield "reason", code, ""
        yield "amount", "refused", ""
    yield from _left(answer)
    for code in words(Notice(decision.notices)):
        yield "notice", code, ""


def explain(answer: Answer, lang: str = "fr") -> list[Line]:
    """All that can be said of an answer, most important first.

    ``lang`` is ``fr`` or ``en``; any other is a KeyError.
    """
    values = _Values(answer, lang)
    wording = sentences()[lang]
    return [_line(answer, wording, values, *said) for said in _said(answer)]
