"""Writes docs/rules.md from the codes, the sentences and the terms of the law.

python -m tools.rules_page         write the page
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from enum import IntEnum, IntFlag
from pathlib import Path

from soutien.doors.cli.law import shown
from soutien.rules.codes import Coverage, Notice, Profile, Reason, ThirdParty, word
from soutien.rules.explain import Sentence, sentences
from soutien.rules.terms import Law, Term, load_law

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rules.md"
HEAD = """\
# What a decision can say

Written by `python -m tools.rules_page` from the codes, the sentences and the terms themselves; a
test compares. Codes are stored: none is ever renumbered or reused. Words in ‹angles› are taken
from the decision, or from the terms in force on the day of the session: `soutien law` prints them.

A session is refused with **every** reason that applies, in the order below, or accepted on **one**
ground. How it is paid on the spot, and what should be noticed, is said of accepted sessions only.
Examples of each, one sentence a row: `tests/law/rows/`.
"""
CODES = "\n| code | what is said | rules | text |\n|---|---|---|---|\n"
TERMS = """
## Terms

One file a term in `src/soutien/rules/programme/`, with the law and the source of each value; a
value without a day has held since the programme began. The *operational* profile is what the
funds applied, the *legal* one is the strict text.

| term | what it is | operational | legal | rules |
|---|---|---|---|---|
"""
GROUPS: tuple[tuple[str, str, type[IntEnum | IntFlag]], ...] = (
    ("Reasons of a refusal", "reason", Reason),
    ("Grounds of payment", "coverage", Coverage),
    ("What is paid on the spot", "third_party", ThirdParty),
    ("Notices", "notice", Notice),
)
# A ground of payment there is none of: a refused session has no ground.
UNSAID = {("coverage", "none")}


def in_angles(text: str) -> str:
    """A sentence with its places shown: ``{day}`` becomes ‹day›."""
    return re.sub(r"{(\w+)}", lambda found: f"‹{found[1].replace('_', ' ')}›", text)


def texts_of(entry: Sentence, law: Law) -> str:
    """The legal text of a sentence, or those of the term it quotes."""
    if not entry.term:
        return entry.text
    names = (
        ("evaluation_fee_cents", "follow_up_fee_cents")
        if entry.term == "tariff"
        else (entry.term,)
    )
    found = [
        value.law
        for name in names
        for history in law.terms[name].values.values()
        for value in history
    ]
    return "; ".join(dict.fromkeys(found))


def code_rows(about: str, kind: Iterable[IntEnum | IntFlag], law: Law) -> Iterator[str]:
    """One line a code, in the stable order."""
    english, french = sentences()["en"], sentences()["fr"]
    for code in kind:
        key = (about, word(code))
        if key in UNSAID:
            continue
        entry = english[key]
        said = f"{in_angles(entry.sentence)}<br>*{in_angles(french[key].sentence)}*"
        yield (
            f"| `{word(code)}` | {said} | {', '.join(entry.rules)} | {texts_of(entry, law)} |\n"
        )


def history(term: Term, profile: Profile) -> str:
    """What a term was and since when, or its only value; one told again is told once."""
    told: list[str] = []
    before = ""
    for value in term.values[profile]:
        written = shown(term, value, "en")
        if written != before:
            told.append(f"{written} since {value.valid_from}")
        before = written
    return before if len(told) == 1 else "<br>".join(told)


def term_rows(law: Law) -> Iterator[str]:
    """One line a term."""
    for name, term in law.terms.items():
        cells = [history(term, profile) for profile in (Profile.OPERATIONAL, Profile.LEGAL)]
        title = f"{term.title_en}<br>*{term.title_fr}*"
        yield f"| `{name}` | {title} | {' | '.join(cells)} | {', '.join(term.rules)} |\n"


def page() -> str:
    """The text of docs/rules.md."""
    law = load_law()
    parts = [HEAD]
    for title, about, kind in GROUPS:
        parts += [f"\n## {title}\n", CODES, *code_rows(about, kind, law)]
    return "".join([*parts, TERMS, *term_rows(law)])


def main() -> int:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
