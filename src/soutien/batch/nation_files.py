"""A made-up nation as Parquet, part by part, and its totals beside the published ones.

``sessions`` is what ``soutien batch decide`` reads; ``wished`` has the same columns: sessions
people would have held beyond the cap, which nobody held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from soutien.batch.nation import (
    FROM_1970,
    REGIMES,
    TEN_THOUSAND,
    Nation,
    Numbers,
    People,
    Psychologists,
    Sessions,
    departements,
    figures,
    people_of,
    psychologists,
    seasons,
    sessions_of,
    steered_need,
    words_of,
)
from soutien.rules.codes import ExemptionKind, Profile, word

PEOPLE_A_PART = 50_000
PERSONS, RIGHTS, SESSIONS, WISHED = "persons", "rights", "sessions", "wished"
FOLDERS = (PERSONS, RIGHTS, SESSIONS, WISHED)
PSYCHOLOGISTS = "psychologists.parquet"
Bar = Callable[[str, int], Any]
_RIGHTS = {word(kind) for kind in ExemptionKind}
_PERCENT = 100
_YOUNGER_THAN = (25, 35)
_LINKED = {"ald", "maternity", "at_mp"}


class NationError(Exception):
    """The nation cannot be written; the message says what to do."""


def day_column(numbers: Numbers) -> pa.Array:
    """Days as the law counts them, 0 where there is none, as a column of days."""
    days = np.asarray(numbers)
    return pa.array((days - FROM_1970).astype(np.int32), mask=days == 0).cast(pa.date32())


def coded(places: Numbers, words: list[str], absent: Numbers | None = None) -> pa.Array:
    """Places in a list as a column of its words, each written once."""
    assert len(set(words)) == len(words)
    indices = pa.array(np.asarray(places).astype(np.int32), mask=absent)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat() if day else ""


def _rights_in_text(people: People) -> tuple[Numbers, list[str]]:
    """Each person's right as docs/batch.md writes it, as places in a list of different texts."""
    words = words_of("cover")
    # One text for all who have none: a list of words names no word twice.
    cover = np.where(people.right_from > 0, people.cover, 0)
    key = np.stack([cover, people.right_from, people.right_until])
    different, places = np.unique(key, axis=1, return_inverse=True)
    texts = [
        f"{words[cover]}:{_iso(since)}/{_iso(until)}" if since else ""
        for cover, since, until in different.T.tolist()
    ]
    return places.reshape(-1), texts


def persons_table(people: People) -> pa.Table:
    """One row a person."""
    words = words_of("cover")
    return pa.table(
        {
            "person": pa.array(people.number),
            "birth_date": day_column(people.birth_date),
            "sex": coded(people.sex, words_of("sex")),
            "area": coded(people.area, words_of("area")),
            "departement": coded(people.departement, departements()),
            "regime": coded(people.regime, list(REGIMES)),
            "cover": coded(people.cover, words),
            "first_session_on": day_column(people.first_day),
        }
    )


def rights_table(people: People) -> pa.Table:
    """One row a dated right; a right without an end has none."""
    having = people.right_from > 0
    return pa.table(
        {
            "person": pa.array(people.number[having]),
            "kind": coded(people.cover[having], words_of("cover")),
            "starts_on": day_column(people.right_from[having]),
            "ends_on": day_column(people.right_until[having]),
        }
    )


def psychologists_table(known: Psychologists) -> pa.Table:
    """One row a psychologist, in the order of their numbers."""
    order = np.argsort(known.number)
    return pa.table(
        {
            "psychologist": pa.array(known.number[order]),
            "departement": coded(known.departement[order], departements()),
            "agreement_from": day_column(known.since[order]),
        }
    )


class Claimed(NamedTuple):
    """What sessions say on their sheets, mistakes included."""

    price_cents: Numbers
    remote: Numbers
    act_code: Numbers
    received_on: Numbers
    asked: Numbers
    linked: Numbers
    complete: Numbers
    needs_letter: Numbers


_ACTS = ["EEP", "APS", "PSS"]


def claimed(nation: Nation, part: int, people: People, found: Sessions) -> Claimed:
    """Prices and letters as the law of each day wants them; some sheets have a mistake."""
    rng, told, size = nation.random(3, part), figures(), len(found.person)
    mistakes = told["mistakes"]

    def wrong(name: str) -> Numbers:
        return rng.random(size) * TEN_THOUSAND < mistakes[name]

    periods = nation.law.periods(Profile.OPERATIONAL)
    starts = np.array([day.toordinal() for day, _ in periods])
    place = np.searchsorted(starts, found.held_on, side="right") - 1
    opened = np.searchsorted(starts, found.letter_on, side="right") - 1
    first = np.array([terms.evaluation_fee_cents for _, terms in periods])[place]
    later = np.array([terms.follow_up_fee_cents for _, terms in periods])[place]
    letters = np.array([terms.referral_required for _, terms in periods])
    price = np.where(found.evaluation == 1, first, later)
    price = price + wrong("price") * 1_000
    remote = (rng.random(size) * 1_000 < told["shares"]["remote"]) & (found.evaluation == 0)
    remote |= wrong("remote_evaluation") & (found.evaluation == 1)
    act = np.where(found.evaluation == 1, 0, np.where(remote, 2, 1))
    act = np.where(wrong("act_code"), (act + 1) % len(_ACTS), act)
    cover = np.array([name in _LINKED for name in words_of("cover")])[people.cover]
    linked = cover[found.person] & (rng.random(size) * 1_000 < told["shares"]["linked"])
    return Claimed(
        price_cents=price,
        remote=remote,
        act_code=act,
        received_on=found.held_on + rng.integers(1, 60, size),
        asked=rng.random(size) * 1_000 < told["shares"]["third_party_asked"],
        linked=linked,
        complete=~wrong("sheet"),
        needs_letter=(letters[place] == 1) | (letters[opened] == 1),
    )


def sessions_table(
    people: People, known: Psychologists, every: Sessions, sheets: Claimed, held: int
) -> pa.Table:
    """One row a session, in the columns of docs/batch.md: those held, or those wished only."""
    # Chosen before they are columns: under an absent value a column holds whatever was there.
    chosen = every.held == held
    found = Sessions(*(values[chosen] for values in every))
    said = Claimed(*(values[chosen] for values in sheets))
    rights, texts = _rights_in_text(people)
    who, none = found.person, ~said.needs_letter
    since = np.empty(len(known.number), np.int64)
    since[known.number] = known.since
    days, places = np.unique(since, return_inverse=True)
    agreed = [f"{_iso(day)}/" for day in days.tolist()]
    nothing = ~said.linked
    uninsured = words_of("cover").index("alone")
    return pa.table(
        {
            "person": pa.array(people.number[who]),
            "psychologist": pa.array(found.psychologist),
            "held_on": day_column(found.held_on),
            "kind": coded(found.evaluation, ["follow_up", "evaluation"]),
            "birth_date": day_column(people.birth_date[who]),
            "regime": coded(people.regime[who], list(REGIMES)),
            "price_cents": pa.array(said.price_cents.astype(np.int32)),
            "modality": coded(said.remote, ["in_person", "remote"]),
            # A code for an evaluation by video does not exist.
            "act_code": coded(said.act_code, _ACTS, said.remote & (found.evaluation == 1)),
            "received_on": day_column(said.received_on),
            "linked_to": coded(people.cover[who], words_of("cover"), nothing),
            "third_party_requested": pa.array(said.asked),
            "amc": pa.array((people.right_from[who] == 0) & (people.cover[who] != uninsured)),
            "referrer": coded(np.zeros(len(who)), ["gp"], none),
            "referral_day": day_column(np.where(none, 0, found.letter_on)),
            "exemptions": coded(rights[who], texts),
            "agreements": coded(places[found.psychologist], agreed),
            "sheet_complete": pa.array(said.complete),
        }
    )


@dataclass
class Totals:
    """What the nation holds up to each day that something is published of."""

    nation: Nation
    found: dict[tuple[date, str], float] = field(default_factory=dict)
    people: int = 0
    sessions: int = 0
    wished: int = 0

    def _add(self, on: date, what: str, number: float) -> None:
        self.found[on, what] = self.found.get((on, what), 0) + float(number)

    def note_spent(self, held_on: Numbers, amo_cents: Numbers) -> None:
        """Adds what the Assurance Maladie paid for some sessions."""
        for on in self._published("amo_euros"):
            self._add(on, "amo_euros", int(amo_cents[held_on <= on.toordinal()].sum()) / _PERCENT)

    def note_partners(self, known: Psychologists) -> None:
        """Counts those under agreement on each published day."""
        for one in self._published("partners"):
            self._add(one, "partners", (known.since <= one.toordinal()).sum())

    def _published(self, what: str) -> Iterator[date]:
        told = figures()
        for one in (*told["published"], *told["carried_on"]):
            if one["what"] == what:
                yield one["on"]

    def note(self, people: People, found: Sessions, prices: Numbers) -> None:
        """Adds a part of the nation."""
        self.people += len(people.number)
        self.sessions += int(found.held.sum())
        self.wished += int((1 - found.held).sum())
        held = found.held == 1
        for one in self._published("people"):
            self._add(one, "people", (people.first_day <= one.toordinal()).sum())
        for one in self._published("sessions"):
            self._add(one, "sessions", (found.held_on[held] <= one.toordinal()).sum())
        for one in self._published("spent_euros"):
            spent = held & (found.held_on <= one.toordinal())
            self._add(one, "spent_euros", int(prices[spent].sum()) / _PERCENT)
        age = (people.first_day - people.birth_date) / 365.25
        here = {
            "women_percent": people.sex == words_of("sex").index("woman"),
            "css_percent": people.cover == words_of("cover").index("css"),
            "rural_percent": people.area == words_of("area").index("rural"),
            "suburb_percent": people.area == words_of("area").index("suburb"),
            **{f"under_{years}_percent": age < years for years in _YOUNGER_THAN},
            "one_session_percent": np.bincount(found.person, minlength=len(age)) == 1,
        }
        for what, having in here.items():
            for on in self._published(what):
                come = people.first_day <= on.toordinal()
                self._add(on, what, (having & come).sum())
                self._add(on, f"{what} of", come.sum())
        for on in self._published("all_used_percent"):
            self._note_full_years(on, found.person[held], found.held_on[held])

    def _note_full_years(self, on: date, who: Numbers, days: Numbers) -> None:
        """Of those who came in a year, who held all that the law of its last day covers."""
        inside = (days >= date(on.year, 1, 1).toordinal()) & (days <= on.toordinal())
        times = np.bincount(who[inside])
        cap = self.nation.law.on(on).sessions_per_year_max
        self._add(on, "all_used_percent", (times >= cap).sum())
        self._add(on, "all_used_percent of", (times > 0).sum())

    def beside(self) -> list[dict[str, Any]]:
        """Each published total, scaled to this nation, what is there, and the gap in percent."""
        rows = []
        for one in (*figures()["published"], *figures()["carried_on"]):
            on, what = one["on"], one["what"]
            if (on, what) not in self.found:
                continue
            there = self.found[on, what]
            if what.endswith("_percent"):
                there = _PERCENT * there / max(self.found[on, f"{what} of"], 1)
                asked = float(one["value"])
            else:
                asked = one["value"] * self.nation.scale
            rows.append(
                {
                    "on": on.isoformat(),
                    "what": what,
                    "published": round(asked, 1),
                    "here": round(there, 1),
                    "gap_percent": round(_PERCENT * (there - asked) / asked, 1),
                    "steered": one.get("steered", True),
                    "source": one.get("source", ""),
                }
            )
        return rows


def write_nation(nation: Nation, target: Path, bar: Bar) -> Totals:
    """Writes the whole nation into a new folder. Raises NationError where one is there."""
    if target.exists() and any(target.iterdir()):
        raise NationError(f"{target} is there already: remove it, or give another name")
    for name in FOLDERS:
        (target / name).mkdir(parents=True, mode=0o700)
    known, calm, totals = psychologists(nation), seasons(nation), Totals(nation)
    _write(target / PSYCHOLOGISTS, psychologists_table(known))
    totals.note_partners(known)
    need = steered_need(nation, known, calm)
    with bar("people", nation.people) as shown:
        for part, first in enumerate(range(0, nation.people, PEOPLE_A_PART)):
            last = min(first + PEOPLE_A_PART, nation.people)
            people = people_of(nation, part, first, last)
            found = sessions_of(nation, people, known, need, calm, part)
            said = claimed(nation, part, people, found)
            tables = {
                PERSONS: persons_table(people),
                RIGHTS: rights_table(people),
                SESSIONS: sessions_table(people, known, found, said, 1),
                WISHED: sessions_table(people, known, found, said, 0),
            }
            for name, one in tables.items():
                _write(target / name / f"part-{part:04}.parquet", one)
            totals.note(people, found, said.price_cents)
            shown.update(last - first)
    return totals


def _write(path: Path, table: pa.Table) -> None:
    parquet.write_table(table, path, compression="zstd")
