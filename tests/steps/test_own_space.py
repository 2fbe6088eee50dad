"""A young person's own account over their file: offered in the room, opened by their mailbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused

from soutien.registers.accounts.models import Account, MailLink, Role
from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.own_space import offer_own_space, open_space_offer, take_own_space
from soutien.steps.standing import Reads

pytestmark = pytest.mark.django_db

TODAY = scene.MONDAY
AT = scene.at(TODAY)
DAY = timedelta(days=1)
OWN = "lea.seule@example.org"
MOTHERS = "nadia@example.org"


@pytest.fixture
def where() -> scene.Practice:
    return scene.practice()


@pytest.fixture
def mother() -> Person:
    who = factories.person(at=AT, given_name="Nadia", email=MOTHERS, phone="0612345678")
    factories.account(Role.PERSON, person=who)
    return who


@pytest.fixture
def lea(where: scene.Practice, mother: Person) -> Person:
    """Sixteen; her mother booked with her own address, and acts for her."""
    who = factories.person(
        at=AT, given_name="Léa", birth_date="2010-01-05", email=MOTHERS, phone="06 12 34 56 78"
    )
    factories.guardianship(mother, who, valid_from=TODAY)
    factories.booking(where.place, starts_at=AT + 7 * DAY, who=who)
    return who


def offered(where: scene.Practice, who: Person, **told: Any) -> MailLink:
    values: dict[str, Any] = {"email": OWN, "in_person": True, "language": "fr", "at": AT}
    offer_own_space(actor=where.actor, patient_id=who.public_id, **(values | told))
    return MailLink.objects.latest("pk")


def taken(link: MailLink) -> Account:
    return take_own_space(actor=ANONYMOUS, public_id=link.public_id, password="", at=AT + DAY)


def test_the_psychologist_who_sees_her_offers_and_her_mailbox_opens(
    where: scene.Practice, lea: Person, mother: Person
):
    space = open_space_offer(actor=where.actor, patient_id=lea.public_id, at=AT)
    assert (space.old_enough, space.has_account) == (True, False)
    assert space.reads is Reads.APPOINTMENTS
    account = taken(offered(where, lea))
    assert (account.person_id, account.email, account.role) == (lea.pk, OWN, Role.PERSON)
    now = factories.reread(lea)
    # Her mother's number is no way to reach her any more; the former address is told.
    assert (now.email, now.phone) == (OWN, "")
    kinds = list(Letter.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["accounts.link.asked", "people.address.left", "accounts.space.taken"]
    events = list(Entry.objects.filter(person_id=lea.pk).values_list("event", flat=True))
    assert {"accounts.space.offered", "accounts.space.taken"} <= set(events)


def test_the_link_opens_once_and_one_account_whoever_comes_second(
    where: scene.Practice, lea: Person
):
    first, second = offered(where, lea), offered(where, lea, email="autre@example.org")
    taken(first)
    for link, code in ((first, "link_over"), (second, "own_space_exists")):
        with refused(code):
            taken(link)
    assert Account.objects.filter(person=lea).count() == 1
    with refused("own_space_exists"):
        offered(where, lea)
    with refused("link_over"):
        take_own_space(actor=ANONYMOUS, public_id=uuid4(), password="", at=AT)


def test_a_parents_mailbox_another_account_and_an_absent_person_are_refused(
    where: scene.Practice, lea: Person
):
    factories.holder(lea, at=AT, email="karim@example.org")
    taken_already = factories.account(Role.PERSON, person=factories.person(at=AT))
    for told, code in (
        ({"email": "NADIA@example.org"}, "own_space_address"),
        ({"email": "karim@example.org"}, "own_space_address"),
        ({"email": taken_already.email}, "own_space_address"),
        ({"in_person": False}, "own_space_in_person"),
    ):
        with refused(code):
            offered(where, lea, **told)
    assert not MailLink.objects.exists()


def test_a_child_is_too_young_and_another_psychologist_knows_nobody(
    where: scene.Practice, lea: Person
):
    young = factories.person(at=AT, birth_date="2015-06-01")
    factories.booking(where.place, starts_at=AT + 9 * DAY, who=young)
    with refused("own_space_young"):
        offered(where, young)
    for actor in (scene.practice().actor, Actor("guardian", account_id=1, on_behalf_of=lea.pk)):
        with refused("not_allowed"):
            offer_own_space(
                actor=actor,
                patient_id=lea.public_id,
                email=OWN,
                in_person=True,
                language="fr",
                at=AT,
            )


def test_a_young_adult_takes_over_the_file_that_only_a_parent_had(
    where: scene.Practice, lea: Person
):
    grown = AT + (scene.date(2028, 1, 5) - TODAY)
    factories.booking(where.place, starts_at=grown + DAY, who=lea)
    link = offered(where, lea, at=grown)
    account = take_own_space(actor=ANONYMOUS, public_id=link.public_id, password="", at=grown)
    assert account.person_id == lea.pk
    # Nobody acts for her any more: nobody is told.
    assert not Letter.objects.filter(kind="accounts.space.taken").exists()
