"""What a service of rights says of somebody, beside what is written here.

A part of the steps about rights; nothing here asks who may.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from soutien.registers.claims import queries as claims
from soutien.registers.people import rights as periods
from soutien.registers.people.models import Person
from soutien.registers.people.rights import Row
from soutien.registers.rights.models import Check
from soutien.rules.codes import word
from soutien.rules.life import Cause
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.entitled import Evidence, Late, Right, note, right_of, rows_of, write
from soutien.steps.shown import name_of

OPENED, ENDED, ABSENT = "opened", "ended", "absent"
LATE = word(Cause.RIGHT_OPENED_LATE)


@dataclass(frozen=True, slots=True)
class Said:
    """A service's answer: nobody by that number, or all rights it knows for a day."""

    known: bool
    rights: tuple[Right, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A right that the service says and we do not, that it ends, or that it does not know."""

    what: str
    written: Right | None
    said: Right | None

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "what": self.what,
            "written": self.written.told() if self.written else None,
            "said": self.said.told() if self.said else None,
        }

    @classmethod
    def of(cls, told: dict[str, Any]) -> Difference:
        """Back from JSON."""
        both = (Right.of(told[name]) if told[name] else None for name in ("written", "said"))
        return cls(told["what"], *both)


@dataclass(frozen=True, slots=True)
class CheckView:
    """An answer that differs, and what was done of it."""

    public_id: uuid.UUID
    person_public_id: uuid.UUID
    person_id: int
    person_name: str
    asked_at: datetime
    differences: tuple[Difference, ...]
    settled_how: str
    changed: tuple[Late, ...] = ()


def differences(written: Iterable[Right], said: Said, on: date) -> tuple[Difference, ...]:
    """Where an answer and what is written differ on a day; the complementary part is not asked."""
    mine = {_key(right): right for right in written if right.right != "cover"}
    theirs = {_key(right): right for right in said.rights if right.right != "cover"}
    found = []
    for key, right in theirs.items():
        over = right.ends_on is not None and right.ends_on < on
        here = mine.get(key)
        if here is None:
            found += [] if over else [Difference(OPENED, None, right)]
        elif right.ends_on is not None and right.ends_on != here.ends_on:
            found.append(Difference(ENDED, here, replace(here, ends_on=right.ends_on)))
    absent = (right for key, right in mine.items() if key not in theirs)
    return (*found, *(Difference(ABSENT, right, None) for right in absent))


def in_force(person: Person, on: date) -> list[Right]:
    """The rights of somebody on a day, as they are written."""
    return [right_of(row) for row in rows_of(person) if gather.in_force([row], on) is not None]


def take(actor: Actor, person: Person, found: Iterable[Difference], on: date, at: datetime) -> int:
    """Write what the service says of a locked person; how many rights changed.

    One that it does not know is not ended by itself: its silence says no day.
    """
    evidence, changed = Evidence("service", dated_on=on), 0
    rows = {_key(right_of(row)): row for row in rows_of(person)}
    for one in found:
        if one.what == OPENED and one.said is not None:
            changed += write(actor, person, one.said, evidence, at=at) is not None
        elif one.what == ENDED and one.said is not None:
            row = rows.get(_key(one.said))
            changed += row is not None and _ended(actor, person, row, one.said, evidence, at)
    return changed


def _ended(
    actor: Actor, person: Person, row: Row, said: Right, evidence: Evidence, at: datetime
) -> bool:
    before = right_of(row)
    if before.ends_on == said.ends_on or (said.ends_on and said.ends_on < before.valid_from):
        return False
    now = replace(before, ends_on=said.ends_on)
    periods.alter(row, **now.columns())
    note(actor, person, row.public_id, "ended", before, now, evidence, at=at)
    return True


def check_view(check: Check, person: Person) -> CheckView:
    """An answer with what the decisions taken again since then say otherwise."""
    return CheckView(
        check.public_id,
        person.public_id,
        person.pk,
        name_of(person),
        check.asked_at,
        tuple(Difference.of(told) for told in check.differences),
        check.settled_how,
        _changed(person.pk, check.settled_at) if check.settled_at else (),
    )


def _changed(person_id: int, since: datetime) -> tuple[Late, ...]:
    """The claims decided again for a right opened late, each before and after."""
    decided = claims.decided_again(person_id, LATE, since)
    return tuple(
        Late(
            public_id=later.claim.public_id,
            reference=later.claim.reference,
            held_on=later.claim.care_session.held_on,
            accepted_before=former.accepted,
            accepted_after=later.accepted,
            amo_before=former.amo_cents,
            amo_after=later.amo_cents,
            amc_before=former.amc_cents,
            amc_after=later.amc_cents,
            patient_before=former.patient_cents if former.accepted else former.price_cents,
            patient_after=later.patient_cents if later.accepted else later.price_cents,
        )
        for later in decided
        if (former := later.replaces) is not None
    )


def _key(right: Right) -> tuple[str, str]:
    """What makes two rights the same one: of a scheme the scheme, of a ground its kind."""
    return right.right, right.kind if right.right == "exemption" else "scheme"
