"""Who saw one's data: the journal, told to the person it is about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from soutien.registers.accounts.models import Account
from soutien.registers.audit import queries as audit
from soutien.registers.audit.models import Entry
from soutien.registers.psychologists import queries as directory
from soutien.steps.actor import Actor
from soutien.steps.permissions import allow, relations
from soutien.steps.trace import looking, record

LINES_A_PAGE = 50


class Who(StrEnum):
    """Who looked or acted, as the person it is about would say."""

    YOU = "you"
    ANOTHER_PERSON = "another_person"
    LINK = "link"  # nobody signed in: whoever holds the link
    GUARDIAN = "guardian"
    PSYCHOLOGIST = "psychologist"
    REPLACEMENT = "replacement"
    DOCTOR = "doctor"
    FUND = "fund"
    INSURER = "insurer"
    TOWN = "town"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"


class Whose(StrEnum):
    """Whose lines are shown."""

    OTHERS = "others"
    OWN = "own"
    SYSTEM = "system"
    REFUSED = "refused"
    ALL = "all"


_WHO = {
    "anonymous": Who.LINK,
    "guardian": Who.GUARDIAN,
    "psychologist": Who.PSYCHOLOGIST,
    "replacement": Who.REPLACEMENT,
    "doctor": Who.DOCTOR,
    "fund_agent": Who.FUND,
    "fund_supervisor": Who.FUND,
    "insurer_agent": Who.INSURER,
    "town_editor": Who.TOWN,
    "town_author": Who.TOWN,
    "analyst": Who.ANALYST,
    "administrator": Who.ADMINISTRATOR,
    "system": Who.SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Access:
    """One line. ``name`` is a psychologist's; nobody else is named.

    ``listed`` says that the person stood in a list among others.
    """

    at: datetime
    who: Who
    name: str
    event: str
    refused: bool
    listed: bool


@dataclass(frozen=True, slots=True)
class Accesses:
    """A page of lines, newest first."""

    total: int
    page: int
    pages: int
    lines: tuple[Access, ...]


@looking("audit.accesses.opened")
def open_accesses(
    *, actor: Actor, person_id: int, at: datetime, whose: Whose = Whose.OTHERS, page: int = 1
) -> Accesses:
    """Who saw or changed what of a person, and who was refused; a page of it."""
    allow(actor, "open_accesses", relations(actor, person_id=person_id))
    found = audit.about_person(person_id)
    if whose is Whose.REFUSED:
        found = found.filter(result=audit.REFUSED)
    elif whose is Whose.SYSTEM:
        found = found.filter(actor_role="system")
    elif whose is Whose.OWN:
        found = found.filter(actor_role="person", result=audit.DONE)
    elif whose is Whose.OTHERS:
        found = found.exclude(actor_role="system").exclude(actor_role="person", result=audit.DONE)
    total = found.count()
    pages = max(1, -(-total // LINES_A_PAGE))
    first = (min(max(page, 1), pages) - 1) * LINES_A_PAGE
    entries = list(found[first : first + LINES_A_PAGE])
    record(actor, "audit.accesses.opened", at=at, object_id=page, person_id=person_id)
    names = _names(entries)
    return Accesses(
        total=total,
        page=min(max(page, 1), pages),
        pages=pages,
        lines=tuple(
            Access(
                at=entry.at,
                who=_who(actor, entry),
                name=names.get(entry.actor_account or 0, ""),
                event=entry.event,
                refused=entry.result == audit.REFUSED,
                listed=entry.person_id is None,
            )
            for entry in entries
        ),
    )


def _who(reader: Actor, entry: Entry) -> Who:
    """Who it was, for this reader. A visitor without an account acts for the person booked."""
    if entry.actor_account is not None and entry.actor_account == reader.account_id:
        return Who.YOU
    if entry.actor_role == "person":
        return Who.ANOTHER_PERSON if entry.result == audit.REFUSED else Who.YOU
    return _WHO.get(entry.actor_role, Who.SYSTEM)


def _names(entries: Collection[Entry]) -> dict[int, str]:
    """The name of each psychologist among the accounts of these lines."""
    accounts = {
        entry.actor_account
        for entry in entries
        if entry.actor_role in {"psychologist", "replacement"} and entry.actor_account
    }
    of = dict(
        Account.objects.filter(pk__in=accounts, psychologist__isnull=False).values_list(
            "pk", "psychologist_id"
        )
    )
    names = directory.names([key for key in of.values() if key is not None])
    return {account: names[key] for account, key in of.items() if key is not None}
