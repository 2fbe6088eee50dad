"""Writes docs/data-export.md from steps/own_data_shape.py: what a person takes away.

python -m tools.data_export_page   write the page
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "data-export.md"
HEAD = """\
# The file with all of one's own data

Written by `python -m tools.data_export_page` from `steps/own_data_shape.py`; a test compares.

« Mes données », *Tout emporter*: one JSON object, made in one transaction, given to whoever
signed in and proved of late who they are. Each copy leaves a line in the journal.

`format` is `soutien.own-data`, `version` a whole number that goes up when a name below changes
its meaning or goes away (new names may come without it), `made_at` the moment in UTC. Every other
name is a list, in the order the rows were written. Moments are ISO 8601 in UTC, days `YYYY-MM-
DD`, money whole cents. What a row points to is told by its public id; a psychologist by name, a
place by its address; another person only as `somebody else`, oneself as `you`.

Nothing of other people is in it: no agent has a name, and nobody's account is told. A refusal
that a person at the fund has yet to confirm (R-022) is not there before it is notified.

Three lists are made for reading: `decisions` have `in_words`, the sentences of the decision in
French and English; `letters` say what was sent, when and by which way (what a letter said is read
anew from the rows each time, it is kept nowhere); `accesses` say who looked, by role.
"""


def page() -> str:
    """The whole page."""
    from soutien.steps.own_data_shape import OTHERWISE, SECTIONS, given, left_out

    parts = [HEAD]
    for section in SECTIONS:
        table = section.table._meta
        out = [
            f"`{field.name}`: {why}"
            for field in table.local_concrete_fields
            if (why := left_out(section, field))
        ]
        names = ", ".join(f"`{field.name}`" for field in given(section))
        parts.append(f"## {section.name}\n\n`{table.db_table}`: {names}.\n")
        if out:
            parts.append("Left out:\n\n" + "\n".join(f"- {line}." for line in out) + "\n")
    parts.append(
        "## letters\n\n`kind`, `written_at`, `sent` (`channel`, `to`, `at`).\n\n"
        "## accesses\n\n`at`, `role`, `event`, `result`, `reason`.\n"
    )
    kept = "\n".join(f"- `{model}`: {why}." for model, why in OTHERWISE.items())
    parts.append(f"## What is not in the file\n\n{kept}\n")
    return "\n".join(parts)


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PAGE.write_text(page())
    print(f"Wrote {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
