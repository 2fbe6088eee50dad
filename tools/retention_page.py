"""Writes docs/retention.md from rules/retention.toml: how long each kind of data is kept, and why.

python -m tools.retention_page   write the page
"""

from __future__ import annotations

import sys
from pathlib import Path

from soutien.rules.retention import KEPT

PAGE = Path(__file__).resolve().parents[1] / "docs" / "retention.md"
HEAD = """\
# How long data is kept

Written by `python -m tools.retention_page` from `rules/retention.toml`; a test compares.

`soutien retention run` removes what was kept long enough, a batch of 200 at a time, each batch
in one transaction with its line in the journal; killed, it goes on where it was. `--dry-run`
counts and changes nothing. Days are civil days in Paris: what ended on the 10th and is kept
twelve months is there all through the 10th of that month, and goes on the 11th.

Where no text gives a term the house takes a cautious one, and the setting lets whoever runs the
site answer for another. What a text protects is never gone under, whatever the setting says.

| Kind | Kept | From | Setting | Why |
|---|---|---|---|---|
"""
TAIL = """
## What is forgotten, and what stays

`visitors` and `care_records` **forget a person**: names, day of birth, NIR and its index,
addresses, rights, who acted for them, what they corrected, their questionnaires, and the sealed
words of their sheets and decisions are removed. The row stays, `forgotten_at` says since when,
and what points to it is nobody's: the days of sessions, the amounts and the reasons, without
which accounts would not add up.

The tables of sheets and decisions refuse change and removal (decision 0009). One more change is
let through by the database itself: the sealed column may be emptied, alone, once the row of its
person says `forgotten_at`. `corrections_formervalue` is removed on the same word, or when its
person asked to be erased, as is what they asked their fund to correct (`corrections_request`);
the papers they added (`documents_document`) go whole, likewise.
What was written of care (`writings_*`) goes whole once its person is forgotten, never before.
Questionnaires and what came out of them (`measures_*`) belong to the file of care: they stay with
the sessions and are removed whole, once the row of their person says `forgotten_at`.
Goals and reviews (`care_goals`, `care_review`) go with their person; the days of an episode stay.
A psychologist's notes (`care_note`) follow the same term as the care itself: they go, with all
their versions, when their person is forgotten, or earlier by their author's hand.
What holders of parental authority signed (`guardians_*`) proves that care was lawful: it goes
with the child's file, whole.

## What is never removed

- **The journal** (`audit_*`): append-only and chained, without a name. It says who looked; it
  loses its subject when the person is forgotten.
- **Consents** (`consents_consent`): the proof of what was said; codes and moments only.
- **Amounts** of sheets, claims and decisions.
- **The psychologists' own entries**: they follow the files they come from (docs/imports.md).

Kept by somebody's being here: a person with an account, with an appointment to come, waiting, or
who acts for a child, is not forgotten however long ago the last session was.

Backups hold what was there when they were made: keep them for less time than the shortest term
that matters, and run the removal again after a restore.
"""


def page() -> str:
    """The whole page."""
    lines = []
    for kind, kept in KEPT.items():
        term = f"{kept.months} months" if kept.months else f"{kept.days} days"
        least = f", at least {kept.least}" if kept.least else ""
        setting = f"`{kept.setting}`" if kept.setting else ""
        counted = kept.counted_from["en"]
        cells = (f"`{kind}`: {kept.title['en']}", term + least, counted, setting, kept.why)
        lines.append(f"| {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n" + TAIL


def main() -> int:
    PAGE.write_text(page())
    print(f"Wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
