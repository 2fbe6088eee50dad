"""The dated terms of the law: one file a term, one value a day and a profile.

``load_law().on(day, profile)`` gives every term in force on a day as one named tuple of
integers. A day before the programme starts has no terms: it is refused. A day long after the
last review is answered, and said to be so (``Law.needs_review``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from soutien.rules.calendar import add_months, civil_date, day_number
from soutien.rules.codes import Profile, word

# A reading of the texts is trusted for a little over a year (house rule).
MONTHS_BETWEEN_REVIEWS = 13
UNITS = frozenset(
    {"sessions", "years", "months", "days", "minutes", "cents", "percent", "yes_no", "day"}
)
CONFIDENCES = {
    "sourced": True,  # official text read in full
    "derived": True,  # follows from a text read in full
    "convention": True,  # our own choice, where the texts leave one
    "partial": True,  # official page or text read in part
    "secondary": False,  # press, insurer, association
    "unverified": False,
}


class Terms(NamedTuple):
    """Every term in force on one day, as integers; days are ordinals, yes is 1."""

    programme_starts_on: int
    age_years_min: int
    majority_age_years: int
    psychologist_seeks_consent: int
    sessions_per_year_max: int
    evaluations_per_year_max: int
    evaluation_in_person: int
    evaluation_fee_cents: int
    follow_up_fee_cents: int
    amo_rate_percent: int
    local_regime_rate_percent: int
    referral_required: int
    referral_months_max: int
    midwife_refers_from: int
    school_nurse_refers_from: int
    psychiatric_lookback_years: int
    psychiatric_leave_months_max: int
    resignation_notice_months: int
    claim_years_max: int
    third_party_sending_days_max: int
    amo_third_party_from: int
    former_css_third_party_years: int
    minor_ald_uncapped_from: int
    transition_watched: int
    remote_share_percent_max: int
    evaluation_minutes_max: int
    follow_up_minutes_max: int
    exchange_agreement_required: int


class TermError(Exception):
    """A term file is wrong, or a term was asked for that does not exist on that day."""


@dataclass(frozen=True)
class Value:
    """One value of a term from a day on; ``number`` is what the decision uses."""

    valid_from: date
    number: int
    written: int | date
    law: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Term:
    """The dated history of one term, per profile, with where it comes from."""

    name: str
    unit: str
    title_fr: str
    title_en: str
    rules: tuple[str, ...]
    reviewed_on: date
    values: Mapping[Profile, tuple[Value, ...]]
    note_fr: str = ""
    note_en: str = ""
    moved_by_operator: bool = False

    def value_on(self, day: date, profile: Profile = Profile.OPERATIONAL) -> Value:
        """The one value in force. Raises TermError before the first value."""
        history = self.values[profile]
        index = bisect_right([value.valid_from for value in history], day) - 1
        if index < 0:
            raise TermError(
                f"No value of {self.name!r} on {day}: its first value starts on "
                f"{history[0].valid_from}. Give a later day, or add the earlier value with its "
                f"law to rules/programme/{self.name}.toml."
            )
        return history[index]

    def title(self, lang: str) -> str:
        """The term in words."""
        return self.title_en if lang == "en" else self.title_fr

    def caution(self, lang: str, day: date, profile: Profile = Profile.OPERATIONAL) -> str:
        """A gentle sentence where the text behind the value could not be read; else empty."""
        if CONFIDENCES[self.value_on(day, profile).confidence]:
            return ""
        return self.note_en if lang == "en" else self.note_fr


@dataclass(frozen=True, eq=False)
class Law:
    """All terms, compiled into one table of periods per profile."""

    terms: Mapping[str, Term]
    version: str
    starts_on: date
    _starts: Mapping[Profile, tuple[int, ...]]
    _periods: Mapping[Profile, tuple[Terms, ...]]

    def on(self, day: date, profile: Profile = Profile.OPERATIONAL) -> Terms:
        """The terms in force on a day. Raises TermError before the programme starts."""
        if day < self.starts_on:
            raise TermError(
                f"No terms on {day}: the programme starts on {self.starts_on}. Give a later day."
            )
        return self.at_session(day_number(day), profile)

    def at_session(self, day: int, profile: Profile) -> Terms:
        """The terms to decide a session on; before the start, those of the first day."""
        index = bisect_right(self._starts[profile], day) - 1
        return self._periods[profile][index if index > 0 else 0]

    def periods(self, profile: Profile) -> tuple[tuple[date, Terms], ...]:
        """Each day on which some term changes, with the terms from that day on."""
        starts = (civil_date(start) for start in self._starts[profile])
        return tuple(zip(starts, self._periods[profile], strict=True))

    def needs_review(self, day: date) -> tuple[Term, ...]:
        """The terms whose last review is too old to be trusted on a day."""
        return tuple(
            term
            for term in self.terms.values()
            if day_number(day) > add_months(day_number(term.reviewed_on), MONTHS_BETWEEN_REVIEWS)
        )


def _number(unit: str, written: Any, where: str) -> int:
    if unit == "day":
        if type(written) is not date:
            raise TermError(f"{where}: the unit is a day, write it as 2026-10-01.")
        return day_number(written)
    if not isinstance(written, int) or isinstance(written, bool) or written < 0:
        raise TermError(f"{where}: write a whole number, zero or more.")
    return written


def _refuse_unknown(where: str, found: Any, needed: set[str], may: set[str]) -> None:
    """Raises TermError when a table of the file lacks a key, or has one nobody reads."""
    if not isinstance(found, Mapping):
        raise TermError(f"{where}: write each value as a table of its own, [[values]].")
    if missing := needed - found.keys():
        raise TermError(f"{where}: {', '.join(sorted(missing))} missing.")
    if unknown := found.keys() - needed - may:
        raise TermError(f"{where}: {', '.join(sorted(unknown))} unknown; correct the spelling.")


def _day(where: str, key: str, written: Any) -> date:
    # A moment is a day to isinstance, and would not compare with one.
    if type(written) is not date:
        raise TermError(f"{where}: {key} is a day, write it as 2026-10-01.")
    return written


def _value(where: str, unit: str, item: Any, moved_to: date | None) -> Value:
    """One value of a term, refused when anything in it is wrong."""
    _refuse_unknown(where, item, {"from", "value", "law", "source", "confidence"}, {"profile"})
    if item.get("profile", word(Profile.LEGAL)) not in map(word, Profile):
        known = ", ".join(map(word, Profile))
        raise TermError(f"{where}: profile {item['profile']!r} is unknown; use one of {known}.")
    if item["confidence"] not in CONFIDENCES:
        known = ", ".join(CONFIDENCES)
        raise TermError(
            f"{where}: confidence {item['confidence']!r} is unknown; use one of {known}."
        )
    written = item["value"] if moved_to is None else moved_to
    return Value(
        valid_from=_day(where, "from", item["from"]),
        number=_number(unit, written, where),
        written=written,
        law=item["law"],
        source=item["source"],
        confidence=item["confidence"] if moved_to is None else "convention",
    )


def read_term(name: str, text: str, moved_to: date | None = None) -> Term:
    """One term from its file. ``moved_to`` replaces the day of a term whose unit is a day.

    Raises TermError naming what is missing, out of order or of the wrong unit.
    """
    import tomllib

    where = f"rules/programme/{name}.toml"
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TermError(f"{where}: {error}.") from error
    needed = {"title_fr", "title_en", "unit", "rules", "reviewed_on", "values"}
    _refuse_unknown(where, data, needed, {"note_fr", "note_en"})
    unit = data["unit"]
    if unit not in UNITS:
        raise TermError(
            f"{where}: unit {unit!r} is unknown; use one of {', '.join(sorted(UNITS))}."
        )
    if moved_to is not None and unit != "day":
        raise TermError(f"{name} is not a day: only a term whose value is a day can be moved.")
    items = data["values"] if isinstance(data["values"], list) else [data["values"]]
    values = [_value(where, unit, item, moved_to) for item in items]
    histories: dict[Profile, tuple[Value, ...]] = {}
    for profile in Profile:
        history = tuple(
            value
            for item, value in zip(items, values, strict=True)
            if item.get("profile") in (None, word(profile))
        )
        days = [value.valid_from for value in history]
        if not days or any(a >= b for a, b in zip(days, days[1:], strict=False)):
            raise TermError(f"{where}: {word(profile)} needs values in strictly ascending days.")
        histories[profile] = history
    return Term(
        name=name,
        unit=unit,
        title_fr=data["title_fr"],
        title_en=data["title_en"],
        rules=tuple(data["rules"]),
        reviewed_on=_day(where, "reviewed_on", data["reviewed_on"]),
        values=histories,
        note_fr=data.get("note_fr", ""),
        note_en=data.get("note_en", ""),
        moved_by_operator=moved_to is not None,
    )


def _compile(terms: Mapping[str, Term], profile: Profile) -> dict[int, Terms]:
    days = sorted({value.valid_from for term in terms.values() for value in term.values[profile]})
    return {
        day_number(day): Terms(
            **{name: terms[name].value_on(day, profile).number for name in Terms._fields}
        )
        for day in days
    }


@lru_cache(maxsize=8)
def _load(moved: tuple[tuple[str, date], ...]) -> Law:
    # Only whoever reads the law pays for what reads it: `import soutien.rules` stays quick.
    import hashlib
    from importlib.resources import files

    overrides = dict(moved)
    folder = files("soutien.rules") / "programme"
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text("utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    unknown = (overrides.keys() - texts.keys()) | (texts.keys() ^ set(Terms._fields))
    if unknown:
        raise TermError(
            f"Unknown or missing terms: {', '.join(sorted(unknown))}. "
            "`soutien law` lists the terms there are."
        )
    terms = {name: read_term(name, texts[name], overrides.get(name)) for name in sorted(texts)}
    starts = terms["programme_starts_on"].values[Profile.OPERATIONAL][0]
    assert isinstance(starts.written, date)
    late = [
        name
        for name, term in terms.items()
        if any(history[0].valid_from > starts.written for history in term.values.values())
    ]
    if late:
        raise TermError(f"No value on the first day of the programme: {', '.join(late)}.")
    tables = {profile: _compile(terms, profile) for profile in Profile}
    digest = hashlib.sha256(
        "\0".join([*(texts[name] for name in sorted(texts)), repr(moved)]).encode()
    )
    return Law(
        terms=terms,
        version=digest.hexdigest()[:12],
        starts_on=starts.written,
        _starts={profile: tuple(table) for profile, table in tables.items()},
        _periods={profile: tuple(table.values()) for profile, table in tables.items()},
    )


def load_law(overrides: Mapping[str, date] | None = None) -> Law:
    """The law as the files state it, read once a process.

    ``overrides`` moves the day of terms whose unit is a day, for an operator who knows better
    (R-104: ``{"amo_third_party_from": date(2026, 10, 1)}``). Raises TermError.
    """
    return _load(tuple(sorted((overrides or {}).items())))
