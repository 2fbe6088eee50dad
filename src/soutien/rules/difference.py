"""What two decisions on one claim differ by: the law, the facts, the counter, the amounts.

Each decision keeps its proof; this reads two of them and says, in words, only what changed. The
wording stands in ``difference.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from soutien.rules.calendar import NEVER, NO_DAY
from soutien.rules.codes import (
    ActCode,
    Coverage,
    ExemptionKind,
    LinkedTo,
    Reason,
    Referrer,
    ThirdParty,
    word,
    words,
)
from soutien.rules.explain import in_words
from soutien.rules.life import Cause
from soutien.rules.money import euros
from soutien.rules.owed import Payee, Payer
from soutien.rules.terms import Law

# Never told, whoever asks.
UNTOLD = frozenset({"psychiatric_bar"})
_CODES: Mapping[str, Any] = {
    "acts": ActCode,
    "links": LinkedTo,
    "referrers": Referrer,
    "coverages": Coverage,
    "third_parties": ThirdParty,
}


class Proof(NamedTuple):
    """One decision as it is kept: what it says, and what it was taken on, by name."""

    outcome: Mapping[str, int | None]
    session: Mapping[str, int]
    past: Mapping[str, int]
    terms: Mapping[str, int]
    law_version: str
    cause: Cause


class Change(NamedTuple):
    """One thing that changed. ``about`` is outcome, session, past, terms or law."""

    about: str
    name: str
    before: int | str | None
    after: int | str | None


class Owing(NamedTuple):
    """What a payer owes a payee more by, or less by where negative.

    ``undue_cents``: of what is less, what was paid or ordered and must be given back.
    """

    payer: Payer
    payee: Payee
    cents: int
    undue_cents: int = 0


class Difference(NamedTuple):
    """What the later decision says otherwise, and why it was taken."""

    cause: Cause
    changes: tuple[Change, ...]
    dues: tuple[Owing, ...] = ()


def difference(before: Proof, after: Proof, dues: tuple[Owing, ...] = ()) -> Difference:
    """All that differs, what people ask for first: outcome and amounts, facts, then the law.

    ``dues`` is what it makes payers owe more or less, and what is owed back to them.
    """
    changes = [
        Change(about, name, former.get(name), later.get(name))
        for about, former, later in (
            ("outcome", before.outcome, after.outcome),
            ("session", before.session, after.session),
            ("past", before.past, after.past),
            ("terms", before.terms, after.terms),
        )
        for name in dict.fromkeys((*former, *later))
        if former.get(name) != later.get(name) and name not in UNTOLD
    ]
    if before.law_version != after.law_version:
        changes.append(Change("law", "law", before.law_version, after.law_version))
    return Difference(after.cause, tuple(changes), dues)


@lru_cache(maxsize=1)
def wording() -> Mapping[str, Any]:
    """The words of ``difference.toml``."""
    return tomllib.loads((files("soutien.rules") / "difference.toml").read_text("utf-8"))


def told(found: Difference, law: Law, lang: str = "fr") -> list[str]:
    """The difference as lines a person reads: why, then ``thing: before → after``."""
    said, separator = wording(), " : " if lang == "fr" else ": "
    cause = said["causes"][word(found.cause)][lang]
    lines = [f"{said['words']['cause'][lang]}{separator}{cause}"]
    lines += [
        f"{label}{separator}{before} → {after}"
        for label, before, after in in_rows(found, law, lang)
    ]
    lines += dues_in_words(found.dues, lang)
    return lines if found.changes else [*lines, said["words"]["same"][lang]]


def dues_in_words(dues: tuple[Owing, ...], lang: str = "fr") -> list[str]:
    """Who owes whom after a decision taken again: « La caisse doit 20 € de plus à … ».

    What was not paid yet is never told as a debt: it is only owed no more.
    """
    said = wording()["dues"]
    lines = []
    for due in dues:
        less = max(-due.cents - due.undue_cents, 0)
        amounts = {"more": max(due.cents, 0), "less": less, "back": due.undue_cents}
        for how, cents in amounts.items():
            if cents:
                line = said[how][lang].format(
                    payer=said[due.payer.value][lang],
                    payee=said[due.payee.value][lang],
                    amount=euros(cents, lang),
                )
                lines.append(line[0].upper() + line[1:])
    return lines


def in_rows(found: Difference, law: Law, lang: str = "fr") -> Iterator[tuple[str, str, str]]:
    """Each change as its name, what it was and what it is, in words."""
    said = wording()
    for change in found.changes:
        if change.about == "law":
            yield said["words"]["law"][lang], str(change.before), str(change.after)
            continue
        if change.about == "terms":
            term = law.terms.get(change.name)
            title = term.title(lang) if term else change.name
            kind = {"day": "day", "cents": "cents"}.get(term.unit if term else "", "count")
        else:
            title = said[change.about][change.name][lang]
            kind = said[change.about][change.name]["as"]
        yield title, _written(change.before, kind, lang), _written(change.after, kind, lang)


def _written(value: int | str | None, kind: str, lang: str) -> str:
    said = wording()
    if kind == "left" and value is None:
        return str(said["words"]["no_cap"][lang])
    if not isinstance(value, int):
        return "—"
    if kind == "day":
        return "—" if value in (NO_DAY, NEVER) else in_words(value, lang)
    if kind == "yes":
        return str(said["words"]["yes" if value else "no"][lang])
    if kind == "cents":
        return euros(value, lang)
    if kind == "exemptions":
        names = [said["exemptions"][name][lang] for name in words(ExemptionKind(value))]
        return ", ".join(names) or str(said["words"]["nothing"][lang])
    if kind == "reasons":
        return _reasons(value, lang)
    if kind in _CODES:
        return str(said[kind][word(_CODES[kind](value))][lang])
    return str(value)


def _reasons(bits: int, lang: str) -> str:
    """Each reason in a few words; the decision itself says its article and its remedy."""
    said = wording()
    found = [said["reasons"][code][lang] for code in words(Reason(bits))]
    return ", ".join(found) or str(said["words"]["nothing"][lang])
