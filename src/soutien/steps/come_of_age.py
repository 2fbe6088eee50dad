"""Coming of age: a month before, everybody concerned is told; on the day, parents reach nothing.

Rights over the file end by themselves (standing.py). What is left then: a mailbox that is a
parent's, and addresses of appointments that lie in it.
"""

from __future__ import annotations

from datetime import date, datetime

from soutien.registers.accounts import queries as accounts
from soutien.registers.agenda import queries as agenda
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import plain
from soutien.registers.people import guardianships, majorities
from soutien.registers.people import queries as people
from soutien.registers.people.majorities import Majority
from soutien.registers.people.models import Person
from soutien.rules.calendar import day_number
from soutien.rules.guardianship import comes_of_age_on, told_on
from soutien.steps import gather
from soutien.steps.actor import SYSTEM
from soutien.steps.family import family_addresses, is_familys
from soutien.steps.permissions import allow
from soutien.steps.trace import act, announce, record

ZONE = "Europe/Paris"
# Of one run: a mail server sees a trickle.
BATCH = 200


@act("people.majority.told")
def tell_of_majority(*, at: datetime) -> int:
    """Write to whoever comes of age within a month, and to their parents, once; how many."""
    allow(SYSTEM, "tell_of_majority")
    today, told = gather.civil_day(at, ZONE), 0
    majority = gather.terms_on(today).majority_age_years
    for person in people.not_told(guardians.children_with_somebody(), today):
        if day_number(today) < told_on(_born(person), majority):
            continue
        if told == BATCH:
            break
        if majorities.tell(person.pk, at):
            told += 1
            record(SYSTEM, "people.majority.told", at=at, object_id=person.pk, person_id=person.pk)
            _announce(person, today, at)
    return told


@act("people.majority.passed")
def pass_majority(*, at: datetime) -> int:
    """On the day: no letter goes to a parent any more, and links they hold open nothing.

    An account and a mailbox of one's own stay as they are; appointments stay the young adult's.
    """
    allow(SYSTEM, "pass_majority")
    today, done = gather.civil_day(at, ZONE), 0
    majority = gather.terms_on(today).majority_age_years
    for row in majorities.not_passed():
        of_age = comes_of_age_on(_born(row.person), majority)
        if day_number(today) < of_age or not majorities.passed(row.pk, at):
            continue
        done += 1
        _leave_the_family(row, at)
        if done == BATCH:
            break
    return done


def _announce(person: Person, today: date, at: datetime) -> None:
    """To the young person, to who acts for them, and to who agreed without an account."""
    announce("people.majority.near", at=at, person=person.pk)
    written: set[str] = set()
    for row in guardianships.of_child(person.pk):
        if row.valid_before is None or row.valid_before > today:
            account = accounts.of_person(row.guardian_id)
            written |= {plain(row.guardian.email), plain(account.email if account else "")}
            announce("people.majority.near", at=at, guardianship=row.pk)
    for holder in guardians.live([person.pk]):
        if holder.email and plain(holder.email) not in written:
            announce("people.majority.near", at=at, holder=holder.pk)


def _leave_the_family(row: Majority, at: datetime) -> None:
    person, family = row.person, family_addresses(row.person_id)
    parents = {
        name: "" for name in ("email", "phone") if is_familys(getattr(person, name), family)
    }
    if parents:
        people.change(person.pk, **parents)
    renewed = agenda.new_addresses(person.pk, at)
    record(SYSTEM, "people.majority.passed", at=at, object_id=person.pk, person_id=person.pk)
    if renewed and "email" not in parents and person.email:
        announce("people.majority.passed", at=at, person=person.pk)


def _born(person: Person) -> int:
    return day_number(date.fromisoformat(person.birth_date))
