"""Writes docs/permissions.md from steps/permissions.py: who may do what, for people to read.

python -m tools.permissions_page   write the page
"""

from __future__ import annotations

import inspect
import os
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

PAGE = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"
HEAD = """\
# Who may do what

Written by `python -m tools.permissions_page` from `steps/permissions.py`, the one table that the
product asks before every act and every look; a test compares. **What is not written here is
refused**, in the same words as for something that does not exist.

Reading a cell: the step is open to the role when the thing it is about is tied to the actor by one
of these words. An empty cell is a refusal.
"""
TIES = {
    "anyone": ("all", "nothing is asked: the step is about nobody, or only about who takes it"),
    "nobody": ("new", "the thing belongs to no person yet: a time that nobody has taken"),
    "link": ("link", "the actor holds its unguessable address, received by e-mail or text"),
    "own": ("own", "the actor is the person it is about"),
    "my_ward": ("ward", "the actor acts for the young child it is about, on this day"),
    "my_teenager": ("teenager", "the actor acts for the teenager it is about, on this day"),
    "my_protected": ("protected", "the actor represents the adult it is about, on this day"),
    "my_assisted": ("assisted", "the actor assists the adult it is about, on this day"),
    "my_agenda": ("agenda", "the actor is its psychologist, or replaces them on this day"),
    "my_patient": ("patient", "its person has an appointment or a session with the actor"),
    "my_newcomer": ("newcomer", "a time of the actor's own agenda, for somebody not known yet"),
    "my_fund": ("fund", "the actor works for the fund that received it"),
    "my_members": ("members", "the actor works for the insurer of the person's cover"),
    "my_town": ("town", "the actor works for the town it is about"),
    "my_account": ("account", "the actor signed in with the account it is about"),
}
OWN_ACCOUNT, BY_LINK = frozenset({"my_account"}), frozenset({"link"})
KINDS = {
    "public": "what anybody may read: the directory, prices, texts",
    "identity": "who somebody is, and how to reach them",
    "health": "that somebody is in care: appointments, sessions, rights",
    "clinical": "what is said in care: notes, questionnaires, scores",
    "money": "what is claimed, decided and paid",
    "technical": "hours, files, links, accounts: about nobody in care",
}
WHO = {
    "anonymous": "a visitor, or whoever opens a link without signing in",
    "person": "somebody who looks for help or receives it, signed in or from the browser that "
    "has just booked",
    "guardian": "a person who has chosen a child to act for; every page says so. Ends on the day "
    "of majority, or on a decision",
    "psychologist": "sees their own agenda and the people in it",
    "replacement": "does a psychologist's daily work in their place, on the days of the "
    "replacement only; arranges nothing for good",
    "doctor": "writes letters, and reads their own again",
    "fund_agent": "reads the claims that their own fund received",
    "fund_supervisor": "may what an agent of the same fund may",
    "insurer_agent": "no step yet: a cover does not say which insurer's agents may read it",
    "town_editor": "answers for what their own town publishes: writes, publishes, withdraws",
    "town_author": "writes pages of their own town; an editor publishes them",
    "analyst": "no step about anybody",
    "administrator": "runs the machine; reads nothing about anybody's care",
    "system": "the product itself: couriers, timers, commands typed on its server",
}
PROMISES = """\
## What holds whatever the table says

- What is said in care (`clinical`) is never open to {never}: the table is tested for it, and the
  step itself refuses, even if a row were written wrongly.
- A password alone opens no page to {second}: a second factor is asked.
- Nobody but the product itself acts on things of everybody: where the data is about somebody, a
  tie is asked.
- A closed account, a session that ended, a child who came of age and a replacement that is over
  are refused from the next request on.
- Whoever acts for a child acts for that child alone meanwhile, not even for themselves.
"""


def steps() -> dict[str, str]:
    """The first line of what each step says of itself."""
    import soutien.steps

    found = {}
    for part in iter_modules(soutien.steps.__path__):
        module = import_module(f"soutien.steps.{part.name}")
        for name, function in vars(module).items():
            plain = inspect.unwrap(function) if inspect.isfunction(function) else None
            if plain is not None and plain.__module__ == module.__name__:
                found[name] = (inspect.getdoc(plain) or "").partition("\n")[0]
    return found


def words(ties: frozenset[str]) -> str:
    """The ties of a cell, in the order of the legend."""
    return ", ".join(short for tie, (short, _long) in TIES.items() if tie in ties)


def listed(roles: frozenset[str]) -> str:
    """Roles in the table's order: « doctor, analyst and administrator »."""
    names = [f"`{role}`" for role in WHO if role in roles]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def page() -> str:
    """The text of docs/permissions.md. Needs Django started."""
    from soutien.steps.permissions import NEEDS_SECOND_FACTOR, NEVER_CLINICAL, ROLES, RULES

    about = steps()
    roles = (*ROLES, "system")
    open_to_all = [
        step for step, rule in RULES.items() if {"anyone"} == set().union(*rule.roles.values())
    ]
    everybody = [step for step in open_to_all if set(RULES[step].roles) == set(ROLES)]
    machine = [step for step, rule in RULES.items() if set(rule.roles) == {"system"}]
    lines = [HEAD, "| word | tie |", "|---|---|"]
    lines += [f"| {short} | {long} |" for short, long in TIES.values()]
    lines += ["", "| kind of data | what it is |", "|---|---|"]
    lines += [f"| {kind} | {what} |" for kind, what in KINDS.items()]
    lines += ["", "## The roles", ""]
    own_account = [
        step
        for step, rule in RULES.items()
        if {ties for role, ties in rule.roles.items() if role != "system"} == {OWN_ACCOUNT}
    ]
    by_link = [
        step
        for step, rule in RULES.items()
        if set(rule.roles) == set(ROLES) and set(rule.roles.values()) == {BY_LINK}
    ]
    grouped = {*everybody, *machine, *own_account, *by_link}
    rest = [step for step in RULES if step not in grouped]
    for role in roles:
        own = [step for step in (*rest, *machine) if role in RULES[step].roles]
        touched = {kind for step in own for kind in RULES[step].data}
        kinds = ", ".join(kind for kind in KINDS if kind in touched)
        beyond = f"{len(own)} steps, on data that is {kinds}" if own else "nothing"
        lines.append(
            f"- **{role}**: {WHO[role]}. Beyond what is open to everybody, one's own account and "
            f"links: {beyond}."
        )
    lines += [
        "",
        PROMISES.format(never=listed(NEVER_CLINICAL), second=listed(NEEDS_SECOND_FACTOR)),
    ]
    lines += ["## Step by step", "", "What each step does: [steps](steps.md).", ""]
    lines.append(f"Open to everybody: {', '.join(f'`{step}`' for step in everybody)}.\n")
    lines.append(
        "To whoever signed in, about their own account: "
        f"{', '.join(f'`{step}`' for step in own_account)}.\n"
    )
    lines.append(
        f"To whoever holds a link sent to them: {', '.join(f'`{step}`' for step in by_link)}.\n"
    )
    lines.append(f"The product itself alone: {', '.join(f'`{step}`' for step in machine)}.\n")
    shown = [role for role in roles if any(role in RULES[step].roles for step in rest)]
    lines.append("Every other step; a role without a column may take none of them.\n")
    lines.append(f"| step | data | {' | '.join(shown)} |")
    lines.append("|---" * (len(shown) + 2) + "|")
    for step in rest:
        rule = RULES[step]
        kinds = ", ".join(kind for kind in KINDS if kind in rule.data)
        cells = " | ".join(words(rule.roles.get(role, frozenset())) for role in shown)
        lines.append(f"| `{step}` | {kinds} | {cells} |")
    lines += ["", "## In words", "", "| step | what it does |", "|---|---|"]
    lines += [f"| `{step}` | {about[step]} |" for step in RULES]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Starts Django with the tests' settings, which need nothing, and writes the page."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
    print(f"Written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
