"""Coming of age: everybody is told a month before, once; on the day parents reach nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from tests import factories
from tests.doors.couriers.post_office import Clock, Office
from tests.steps import scene

from soutien.doors.booking_links import public_id_of
from soutien.doors.jobs.table import JOBS
from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.registers.people import queries as people
from soutien.registers.people.majorities import Majority
from soutien.registers.people.models import Person
from soutien.steps.come_of_age import pass_majority, tell_of_majority

pytestmark = pytest.mark.django_db

# Paris is an hour ahead of UTC then.
OF_AGE = date(2026, 12, 15)
TOLD_FROM = datetime(2026, 11, 14, 23, tzinfo=UTC)
MIDNIGHT = datetime(2026, 12, 14, 23, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MOTHERS = "nadia@example.org"


@pytest.fixture
def mother() -> Person:
    return factories.person(at=TOLD_FROM, given_name="Nadia", email=MOTHERS)


@pytest.fixture
def lea(mother: Person) -> Person:
    who = factories.person(at=TOLD_FROM, birth_date="2008-12-15", email=MOTHERS)
    factories.guardianship(mother, who, valid_from=date(2020, 1, 1))
    return who


def near() -> list[dict[str, int]]:
    return list(
        Letter.objects.filter(kind="people.majority.near")
        .order_by("pk")
        .values_list("payload", flat=True)
    )


def test_a_month_before_the_young_person_and_the_parents_are_told_once(
    lea: Person, mother: Person
):
    karim = factories.holder(lea, at=TOLD_FROM, email="karim@example.org")
    factories.holder(lea, at=TOLD_FROM, email=MOTHERS)
    assert tell_of_majority(at=TOLD_FROM - MINUTE) == 0
    assert tell_of_majority(at=TOLD_FROM) == 1
    assert [next(iter(keys)) for keys in near()] == ["person", "guardianship", "holder"]
    # The mother has one letter, though she also agreed by a link.
    assert near()[2] == {"holder": karim.pk}
    assert tell_of_majority(at=TOLD_FROM + DAY) == 0
    assert len(near()) == 3
    assert Entry.objects.filter(event="people.majority.told", person_id=lea.pk).count() == 1


def test_nobody_else_is_told(mother: Person):
    factories.person(at=TOLD_FROM, birth_date="2008-12-15")
    young = factories.person(at=TOLD_FROM, birth_date="2010-12-15")
    factories.guardianship(mother, young, valid_from=date(2020, 1, 1))
    assert tell_of_majority(at=TOLD_FROM) == 0


def test_the_letters_say_what_changes_and_name_nobody(lea: Person):
    tell_of_majority(at=TOLD_FROM)
    office = Office(Clock(TOLD_FROM + MINUTE))
    office.turn()
    assert [message.to for message in office.mail.messages] == [MOTHERS, MOTHERS]
    own, parent = (message.body for message in office.mail.messages)
    assert "15 décembre 2026" in own and "15 décembre 2026" in parent
    assert "votre accès s’arrête de lui-même" in parent
    assert lea.family_name not in own + parent
    # Delivered too late, it says nothing.
    other = factories.person(at=TOLD_FROM, birth_date="2008-11-20", email="tom@example.org")
    factories.holder(other, at=TOLD_FROM)
    tell_of_majority(at=TOLD_FROM + MINUTE)
    late = Office(Clock(TOLD_FROM + 10 * DAY))
    late.turn()
    assert late.mail.messages == []


def test_on_the_day_a_parents_mailbox_and_their_links_reach_nothing_more(lea: Person):
    where = scene.practice()
    coming = factories.booking(where.place, starts_at=MIDNIGHT + 5 * DAY, who=lea)
    past = factories.booking(where.place, starts_at=MIDNIGHT - 5 * DAY, who=lea)
    tell_of_majority(at=TOLD_FROM)
    assert pass_majority(at=MIDNIGHT - MINUTE) == 0
    assert factories.reread(lea).email == MOTHERS
    assert pass_majority(at=MIDNIGHT) == 1
    assert factories.reread(lea).email == ""
    # The appointment stands, under another address; what is past keeps its own.
    assert factories.reread(coming).status == "confirmed"
    assert not Booking.objects.filter(public_id=coming.public_id).exists()
    assert factories.reread(past).public_id == past.public_id
    assert not Letter.objects.filter(kind="people.majority.passed").exists()
    assert pass_majority(at=MIDNIGHT + DAY) == 0
    assert Entry.objects.filter(event="people.majority.passed").count() == 1


def test_an_own_mailbox_stays_and_receives_the_new_addresses(lea: Person):
    where = scene.practice()
    coming = factories.booking(where.place, starts_at=MIDNIGHT + 5 * DAY, who=lea)
    factories.account(Role.PERSON, person=lea)
    people.change(lea.pk, email="lea@example.org")
    tell_of_majority(at=TOLD_FROM)
    pass_majority(at=MIDNIGHT)
    assert factories.reread(lea).email == "lea@example.org"
    Letter.objects.exclude(kind="people.majority.passed").delete()
    office = Office(Clock(MIDNIGHT + MINUTE))
    office.turn()
    [message] = office.mail.messages
    assert message.to == "lea@example.org"
    [token] = re.findall(r"/rendez-vous/(\S+)", message.body)
    assert public_id_of(token) == factories.reread(coming).public_id != coming.public_id


def test_who_is_of_age_before_anybody_was_told_is_dealt_with_at_once(lea: Person):
    assert tell_of_majority(at=MIDNIGHT + DAY) == 1
    assert pass_majority(at=MIDNIGHT + DAY) == 1
    office = Office(Clock(MIDNIGHT + 2 * DAY))
    office.turn()
    assert office.mail.messages == []


def test_the_clock_does_both(lea: Person):
    act = JOBS["majority"].act
    assert [act(TOLD_FROM), act(TOLD_FROM), act(MIDNIGHT), act(MIDNIGHT)] == [1, 0, 1, 0]
    assert Majority.objects.get(person=lea).passed_at == MIDNIGHT
