"""What a comparison of two laws found: a page to print and hand on, a CSV and a JSON."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa

from soutien.batch.disclosure import hidden_rows, small
from soutien.batch.plain_table import write_csv
from soutien.batch.ready import TRAITS, Ready
from soutien.batch.scenario import LEVELS, Scenario, differing
from soutien.batch.whatif import AGES, CENTS, MEASURES, MOVES, Found
from soutien.rules.codes import word
from soutien.rules.explain import in_words
from soutien.rules.money import euros
from soutien.rules.terms import Law

Told = dict[str, Any]
LANGUAGES = ("fr", "en")
CENTRAL = LEVELS.index("central")
DIMENSIONS = ("age", *TRAITS)
SHOWN_BY_GROUP = ("people", "sessions", "amo_cents", "amc_cents", "patient_cents")
MOVED_BY_GROUP = ("winners", "losers")
PEOPLE = ("people_gained", "people_lost", *MOVED_BY_GROUP)
_HUNDRED = 100


@lru_cache(maxsize=1)
def wording() -> Mapping[str, Any]:
    """The words of ``report.toml``."""
    return tomllib.loads((files("soutien.batch") / "report.toml").read_text("utf-8"))


def told(found: Found, nation: Ready, scenario: Scenario, law: Law, on: date) -> Told:
    """All that was found, in a form for programs; small groups are not in it."""
    return {
        "title_fr": scenario.title_fr,
        "title_en": scenario.title_en,
        "written_on": on.isoformat(),
        "law": law.version,
        "profiles": [word(scenario.before.profile), word(scenario.after.profile)],
        "taken_from": scenario.taken_from,
        "held_as_in": scenario.held_as_in,
        "people": nation.people,
        "sessions": nation.sessions,
        "rows_not_understood": nation.rejected,
        "made_up": (nation.folder.parent / "nation.json").exists(),
        "terms": [
            {"term": term.name, "unit": term.unit, "before": before, "after": after}
            for term, before, after in differing(law, scenario)
        ],
        "covered": [
            {"kind": word(one.kind), "under_age": one.under_age} for one in scenario.after.covered
        ],
        "assumed": {name: list(values) for name, values in scenario.behaviour.items()},
        "totals": [_total(found, name) for name in (*MEASURES, *MOVES)],
        "groups": {
            name: _groups(found, place, group_names(nation, name))
            for place, name in enumerate(DIMENSIONS)
        },
    }


def group_names(nation: Ready, dimension: str) -> list[str]:
    """The groups of a dimension, in the order of their numbers."""
    if dimension != "age":
        return nation.words[dimension] or ["untold"]
    later = [*AGES[1:], None]
    return [
        f"{first}-{after - 1}" if after else f"{first}+"
        for first, after in zip(AGES, later, strict=True)
    ]


def _total(found: Found, name: str) -> Told:
    """One sum, before and at each level after; a small count of people is None."""
    before = int(found.before[name].sum()) if name in found.before else None
    after: list[int | None] = [int(level[name].sum()) for level in found.after]
    if name in (*PEOPLE, "people"):
        before = None if before is None or small(before) else before
        after = [None if small(number or 0) else number for number in after]
    return {"measure": name, "before": before, "after": after}


def _groups(found: Found, axis: int, names: list[str]) -> list[Told]:
    """Each group of a dimension; those too small are named and say nothing."""

    def by_group(values: Any) -> list[int]:
        others = tuple(place for place in range(len(found.shape)) if place != axis)
        return [int(number) for number in values.reshape(found.shape).sum(axis=others)]

    columns = [by_group(found.before["people"])]
    columns += [by_group(level["people"]) for level in found.after]
    columns += [by_group(found.after[CENTRAL][name]) for name in PEOPLE]
    hidden = hidden_rows([list(row) for row in zip(*columns, strict=True)])
    before = {name: by_group(found.before[name]) for name in SHOWN_BY_GROUP}
    after = {name: [by_group(level[name]) for level in found.after] for name in SHOWN_BY_GROUP}
    moved = {name: by_group(found.after[CENTRAL][name]) for name in MOVED_BY_GROUP}
    rows = []
    for place, name in enumerate(names):
        row: Told = {"group": name, "hidden": place in hidden}
        if place not in hidden:
            for measure in SHOWN_BY_GROUP:
                row[measure] = {
                    "before": before[measure][place],
                    "after": [level[place] for level in after[measure]],
                }
            row |= {measure: numbers[place] for measure, numbers in moved.items()}
        rows.append(row)
    return rows


def write_report(found: Told, law: Law, target: Path) -> list[Path]:
    """The pages in both languages, the CSV and the JSON; the files that were written."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for lang in LANGUAGES:
        path = target / f"whatif.{lang}.html"
        path.write_text("".join(page(found, law, lang)), "utf-8")
        written.append(path)
    path = target / "whatif.json"
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    written.append(path)
    path = target / "whatif.csv"
    names = ("dimension", "group", "measure", "before", *LEVELS)
    columns = zip(*_lines(found), strict=True)
    table = pa.table(dict(zip(names, map(pa.array, columns), strict=True)))
    write_csv(table, path)
    return [*written, path]


def _lines(found: Told) -> Iterator[tuple[Any, ...]]:
    """The CSV: one line a measure; nothing where a group is not shown."""
    for row in found["totals"]:
        yield "all", "", row["measure"], row["before"], *row["after"]
    for dimension, rows in found["groups"].items():
        for row in rows:
            for name in SHOWN_BY_GROUP:
                numbers = row.get(name, {"before": None, "after": [None] * len(LEVELS)})
                yield dimension, row["group"], name, numbers["before"], *numbers["after"]
            for name in MOVED_BY_GROUP:
                yield dimension, row["group"], name, None, None, row.get(name), None


# --- The page -----------------------------------------------------------------------------

_STYLE = """
:root { color-scheme: light; }
body { font: 1rem/1.5 system-ui, sans-serif; color: #161616; background: #fff; max-width: 62rem;
  margin: 0 auto; padding: 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2rem; break-after: avoid; }
.beside { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: flex-start;
  break-inside: avoid; }
.wide { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #929292; text-align: right; }
th:first-child, td:first-child { text-align: left; }
svg { max-width: 100%; height: auto; } svg text { font: 13px system-ui, sans-serif; }
.lead { font-size: 1.15rem; border-left: .3rem solid #000091; padding-left: 1rem; }
.small { color: #444; font-size: .9rem; }
@media print { body { max-width: none; font-size: 10pt; padding: 0; } }
"""
_BEFORE, _AFTER, _LINE = "#929292", "#000091", "#161616"


class _Page:
    """Says numbers and words in one language."""

    def __init__(self, found: Told, law: Law, lang: str):
        self.found, self.law, self.lang = found, law, lang
        self.totals = {row["measure"]: row for row in found["totals"]}

    def word(self, name: str, **values: Any) -> str:
        text: str = wording()["words"][name][self.lang]
        return text.format(**values) if values else text

    def named(self, table: str, name: str) -> str:
        known = wording()[table].get(name)
        return str(known[self.lang]) if known else name

    def number(self, measure: str, value: int | None, signed: bool = False) -> str:
        if value is None:
            return self.word("hidden")
        sign = "+" if signed and value > 0 else ""
        if measure.endswith("_cents"):
            # Whole euros: the cents of a nation are in the JSON.
            return sign + euros(round(value / _HUNDRED) * _HUNDRED, self.lang)
        grouped = f"{value:,}" if self.lang == "en" else f"{value:,}".replace(",", "\u202f")
        return sign + grouped

    def range_of(self, measure: str, values: list[int | None], signed: bool = False) -> str:
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return self.word("hidden")
        low, high = min(known), max(known)
        if low == high:
            return self.number(measure, low, signed)
        return self.word(
            "range",
            low=self.number(measure, low, signed),
            high=self.number(measure, high, signed),
        )

    def gaps(self, measure: str) -> list[int | None]:
        row = self.totals[measure]
        return [
            None if row["before"] is None or value is None else value - row["before"]
            for value in row["after"]
        ]

    def value(self, unit: str, number: int) -> str:
        if unit == "cents":
            return euros(number, self.lang)
        if unit == "day":
            return in_words(number, self.lang)
        if unit == "yes_no":
            return self.word("yes" if number else "no")
        return f"{number}\u00a0%" if unit == "percent" else str(number)

    def group(self, name: str) -> str:
        return self.named("groups", name)


def _table(caption: str, head: list[str], rows: list[list[str]]) -> str:
    cells = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(text)}</td>" for text in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def bars(
    label: str, rows: list[tuple[str, int | None, list[int | None]]], legend: tuple[str, str]
) -> str:
    """Two bars a row, before and after, with the range of what is assumed as a line."""
    shown = [one for one in rows if one[1] is not None and None not in one[2]]
    most = max([1, *(number or 0 for _, before, after in shown for number in (before, *after))])
    left, width, step = 10, 400, 58
    height = step * max(len(shown), 1) + 30
    pieces = [
        f'<svg viewBox="0 0 {width + 2 * left} {height}" width="{width + 2 * left}" '
        f'height="{height}" role="img" aria-label="{escape(label)}">'
        f'<rect x="{left}" y="4" width="12" height="12" fill="{_BEFORE}"/>'
        f'<text x="{left + 18}" y="15" fill="{_LINE}">{escape(legend[0])}</text>'
        f'<rect x="{left + 90}" y="4" width="12" height="12" fill="{_AFTER}"/>'
        f'<text x="{left + 108}" y="15" fill="{_LINE}">{escape(legend[1])}</text>'
    ]
    for place, (name, before, after) in enumerate(shown):
        y = 28 + place * step
        low, high = min(one or 0 for one in after), max(one or 0 for one in after)
        across = [round((number or 0) / most * width, 1) for number in (before, after[CENTRAL])]
        ends = [round(number / most * width + left, 1) for number in (low, high)]
        pieces.append(
            f'<text x="{left}" y="{y + 12}" fill="{_LINE}">{escape(name)}</text>'
            f'<rect x="{left}" y="{y + 17}" width="{across[0]}" height="12" fill="{_BEFORE}"/>'
            f'<rect x="{left}" y="{y + 31}" width="{across[1]}" height="12" fill="{_AFTER}"/>'
            f'<path d="M{ends[0]} {y + 37}H{ends[1]}M{ends[0]} {y + 33}v8M{ends[1]} {y + 33}v8" '
            f'stroke="{_LINE}" stroke-width="2" fill="none"/>'
        )
    return "".join([*pieces, "</svg>"])


def page(found: Told, law: Law, lang: str) -> Iterator[str]:
    """The whole page: nothing is fetched from elsewhere, and it prints."""
    say = _Page(found, law, lang)
    title = escape(found["title_en" if lang == "en" else "title_fr"])
    yield (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main><h1>{title}</h1>"
    )
    yield f"<p>{escape(say.word('made_up' if found['made_up'] else 'given'))}</p>"
    yield "<p>{} {}</p>".format(
        escape(say.word("intro", taken=found["taken_from"], held=found["held_as_in"])),
        escape(
            say.word(
                "people_sessions",
                people=say.number("people", found["people"]),
                sessions=say.number("sessions", found["sessions"]),
            )
        ),
    )
    yield f"<h2>{escape(say.word('summary'))}</h2>{_short(say)}"
    yield f"<h2>{escape(say.word('changes'))}</h2>{_terms(say)}"
    yield f"<h2>{escape(say.word('totals'))}</h2>{_totals(say)}"
    yield f"<h2>{escape(say.word('moves'))}</h2>{_moves(say)}"
    for dimension in DIMENSIONS:
        yield _dimension(say, dimension)
    yield f'<p class="small">{escape(say.word("hidden_why"))}</p>'
    yield f"<h2>{escape(say.word('assumed'))}</h2>{_assumed(say)}"
    limits = "".join(f"<li>{escape(one[lang])}</li>" for one in wording()["limits"])
    yield f"<h2>{escape(say.word('method'))}</h2><ul>{limits}</ul>"
    on = in_words(date.fromisoformat(found["written_on"]).toordinal(), lang)
    former, later = found["profiles"]
    closing = say.word("law", version=found["law"], before=former, after=later, on=on)
    yield f'<p class="small">{escape(closing)}</p></main></body></html>'


def _short(say: _Page) -> str:
    sessions = say.totals["sessions"]
    values = {
        "before": say.number("sessions", sessions["before"]),
        "after": say.number("sessions", sessions["after"][CENTRAL]),
        "range": say.range_of("sessions", sessions["after"]),
    }
    for name in ("amo", "amc", "patient"):
        gaps = say.gaps(f"{name}_cents")
        values[name] = say.number(f"{name}_cents", gaps[CENTRAL], True)
        values[f"{name}_range"] = say.range_of(f"{name}_cents", gaps, True)
    moved = {name: say.number(name, say.totals[name]["after"][CENTRAL]) for name in MOVED_BY_GROUP}
    return (
        f'<p class="lead">{escape(say.word("short", **values))} '
        f"{escape(say.word('winners', **moved))}</p>"
    )


def _terms(say: _Page) -> str:
    rows = [
        [
            say.law.terms[row["term"]].title(say.lang),
            say.value(row["unit"], row["before"]),
            say.value(row["unit"], row["after"]),
        ]
        for row in say.found["terms"]
    ]
    rows += [
        [
            say.word("covered", kind=say.group(one["kind"]), age=one["under_age"]),
            say.word("no"),
            say.word("yes"),
        ]
        for one in say.found["covered"]
    ]
    if not rows:
        return f"<p>{escape(say.word('nothing_changes'))}</p>"
    return _table(
        say.word("changes"), [say.word("term"), say.word("before"), say.word("after")], rows
    )


def _totals(say: _Page) -> str:
    rows, drawn = [], []
    for name in MEASURES:
        row, gaps = say.totals[name], say.gaps(name)
        rows.append(
            [
                say.named("measures", name),
                say.number(name, row["before"]),
                *(say.number(name, value) for value in row["after"]),
                say.number(name, gaps[CENTRAL], True),
            ]
        )
        if name in CENTS:
            drawn.append((say.named("measures", name), row["before"], row["after"]))
    head = [say.word(name) for name in ("measure", "before", *LEVELS, "gap")]
    return _beside(say, say.word("totals"), drawn, _table(say.word("totals"), head, rows))


def _moves(say: _Page) -> str:
    rows = [
        [
            say.named("measures", name),
            *(say.number(name, value) for value in say.totals[name]["after"]),
        ]
        for name in MOVES
    ]
    return _table(say.word("moves"), [say.word(name) for name in ("measure", *LEVELS)], rows)


def _beside(
    say: _Page, what: str, drawn: list[tuple[str, int | None, list[int | None]]], table: str
) -> str:
    legend = say.word("before"), say.word("after")
    return f'<div class="beside">{bars(say.word("chart", what=what), drawn, legend)}{table}</div>'


def _dimension(say: _Page, dimension: str) -> str:
    title = say.named("dimensions", dimension)
    rows, drawn = [], []
    for row in say.found["groups"][dimension]:
        name = say.group(row["group"])
        if row["hidden"]:
            rows.append([name, *[say.word("hidden")] * 6])
            continue
        sessions, amo, patient = (
            row[measure] for measure in ("sessions", "amo_cents", "patient_cents")
        )
        drawn.append((name, sessions["before"], sessions["after"]))
        rows.append(
            [
                name,
                say.number("sessions", sessions["before"]),
                say.number("sessions", sessions["after"][CENTRAL]),
                *(
                    say.number("amo_cents", one["after"][CENTRAL] - one["before"], True)
                    for one in (amo, patient)
                ),
                *(say.number(name, row[name]) for name in MOVED_BY_GROUP),
            ]
        )
    sessions_word, gap = say.named("measures", "sessions"), say.word("gap")
    head = [
        say.word("group"),
        f"{sessions_word}, {say.word('before').lower()}",
        f"{sessions_word}, {say.word('after').lower()}",
        *(
            f"{say.named('measures', name)}, {gap.lower()}"
            for name in ("amo_cents", "patient_cents")
        ),
        *(say.named("measures", name) for name in MOVED_BY_GROUP),
    ]
    what = f"{sessions_word} {title.lower()}"
    return f"<h2>{escape(title)}</h2>{_beside(say, what, drawn, _table(title, head, rows))}"


def _assumed(say: _Page) -> str:
    rows = [
        [say.named("assumptions", name), *(f"{value}\u00a0%" for value in values)]
        for name, values in say.found["assumed"].items()
    ]
    head = [say.word(name) for name in ("assumption", *LEVELS)]
    return _table(say.word("assumed"), head, rows)
