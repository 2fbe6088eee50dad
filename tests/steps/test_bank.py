"""Where one is paid: given by oneself, in force once a second person confirms it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories, paying
from tests.paying import AT, CODE, DAY, IBANS, ON
from tests.steps.refusals import refused

from soutien.registers.accounts.models import Role
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import HELD, IN_FORCE, REFUSED, REPLACED, BankDetail
from soutien.registers.people.models import Person
from soutien.steps.actor import Actor
from soutien.steps.bank import (
    BankDetailView,
    answer_bank_detail,
    give_bank_detail,
    list_bank_details,
    open_bank_detail,
)
from soutien.steps.keeping import forget_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> Person:
    found = factories.person(at=AT)
    factories.affiliation(found, valid_from=ON - 900 * DAY, fund_code=CODE)
    return found


def given(who: Person, iban: str = IBANS[0], *, days: int = 0) -> BankDetailView:
    actor = Actor("person", person_id=who.pk, account_id=77)
    return give_bank_detail(
        actor=actor, iban=iban, holder_name="Camille Exemple", at=AT + days * DAY
    )


def in_force(who: Person) -> list[str]:
    return [one.iban for one in payments.details_of(person_id=who.pk) if one.state == IN_FORCE]


def test_an_account_is_held_until_an_agent_confirms_it(who: Person) -> None:
    held = given(who)
    assert (held.state, held.iban) == (HELD, "… 0189")
    assert given(who).public_id == held.public_id
    one = paying.agent()
    [listed] = list_bank_details(actor=one, at=AT)
    assert listed.iban == "FR76 3000 6000 0112 3456 7890 189"
    assert not listed.change
    asked = {"actor": one, "public_id": held.public_id, "at": AT}
    assert answer_bank_detail(confirmed=True, **asked).state == IN_FORCE
    assert answer_bank_detail(confirmed=True, **asked).state == IN_FORCE
    with refused("bank_answered"):
        answer_bank_detail(confirmed=False, **asked)
    assert list_bank_details(actor=one, at=AT) == []


def test_a_change_leaves_the_former_account_in_force_until_it_is_confirmed(who: Person) -> None:
    one = paying.agent()
    answer_bank_detail(actor=one, public_id=given(who).public_id, confirmed=True, at=AT)
    change = given(who, IBANS[1], days=1)
    assert in_force(who) == [IBANS[0]]
    assert list_bank_details(actor=one, at=AT)[0].change
    answer_bank_detail(actor=one, public_id=change.public_id, confirmed=True, at=AT + DAY)
    assert in_force(who) == [IBANS[1]]


def test_refused_it_is_never_paid_to_and_a_second_change_replaces_the_first(who: Person) -> None:
    first, second = given(who), given(who, IBANS[1])
    assert [one.state for one in payments.details_of(person_id=who.pk)] == [HELD, REPLACED]
    asked = {"actor": paying.agent(), "confirmed": False, "at": AT}
    with refused("bank_answered"):
        answer_bank_detail(public_id=first.public_id, **asked)
    assert answer_bank_detail(public_id=second.public_id, **asked).state == REFUSED
    assert in_force(who) == []


def test_who_gave_it_and_another_fund_confirm_nothing(who: Person) -> None:
    held = given(who)
    asked = {"public_id": held.public_id, "confirmed": True, "at": AT}
    same = Actor("fund_agent", account_id=77, fund_code=CODE)
    with refused("needs_another_person"):
        answer_bank_detail(actor=same, **asked)
    with refused("not_allowed"):
        answer_bank_detail(actor=paying.agent("019990070"), **asked)
    with refused("not_allowed"):
        answer_bank_detail(actor=Actor("person", person_id=who.pk, account_id=77), **asked)


def test_the_database_refuses_one_person_for_both(who: Person) -> None:
    detail = BankDetail.objects.get(public_id=given(who).public_id)
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        payments.answer_detail(detail, IN_FORCE, at=AT, by=77)


def test_twin_without_the_constraint_one_person_does_both(who: Person) -> None:
    detail = BankDetail.objects.get(public_id=given(who).public_id)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE payments_bankdetail DROP CONSTRAINT payments_bankdetail_two_people"
            )
    else:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = ON")
    try:
        payments.answer_detail(detail, IN_FORCE, at=AT, by=77)
        assert in_force(who) == [IBANS[0]]
    finally:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


def test_one_owner_has_one_account_in_force(who: Person) -> None:
    paying.confirmed(person=who)
    with pytest.raises(IntegrityError), transaction.atomic():
        paying.confirmed(person=who)


@pytest.mark.parametrize(
    "iban",
    ["", "FR00", "FR7630006000011234567890188", "FR7630006000011234567890289", "x" * 5000],
)
def test_a_number_that_cannot_be_is_refused(who: Person, iban: str) -> None:
    with refused("iban_wrong"):
        given(who, iban)


def test_without_a_fund_nobody_could_confirm_it() -> None:
    with refused("bank_no_fund"):
        given(factories.person(at=AT))


def test_a_psychologist_gives_it_to_the_fund_of_their_last_claim() -> None:
    place = factories.place(factories.psychologist())
    paying.owed_claims(place, factories.person(at=AT), 1)
    actor = Actor("psychologist", psychologist_id=place.psychologist_id, account_id=5)
    held = give_bank_detail(actor=actor, iban=IBANS[1], holder_name="Cabinet", at=AT)
    assert held.by_psychologist
    assert [one.public_id for one in list_bank_details(actor=paying.agent(), at=AT)] == [
        held.public_id
    ]
    assert [one.state for one in open_bank_detail(actor=actor, at=AT)] == [HELD]
    with refused("not_allowed"):
        give_bank_detail(
            actor=Actor(Role.REPLACEMENT, psychologist_id=place.psychologist_id),
            iban=IBANS[0],
            holder_name="x",
            at=AT,
        )


def test_who_is_forgotten_leaves_no_number(who: Person) -> None:
    given(who)
    forget_person(who.pk, AT)
    kept = BankDetail.objects.get()
    assert (kept.iban, kept.holder_name, kept.state) == ("", "", REPLACED)
