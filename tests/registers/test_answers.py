"""What the other registers answer to the steps."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests import factories

from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, Role
from soutien.registers.audit import queries as audit
from soutien.registers.care import queries as care
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import Decision
from soutien.registers.outbox import queries as outbox
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ON = date(2026, 3, 2)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def camille():
    return factories.person(at=AT)


@pytest.fixture
def practice():
    return factories.place(factories.psychologist())


def sent(who, where, held_on: date, **fields):
    """A session whose sheet reached the fund."""
    session = factories.care_session(who, where, held_on=held_on)
    return factories.claim(factories.care_sheet(session), received_on=held_on, **fields)


def test_a_person_comes_with_rights_in_five_questions(camille, django_assert_num_queries):
    factories.affiliation(camille, valid_from=ON)
    factories.exemption(camille, "css", valid_from=ON, valid_before=ON + DAY)
    factories.cover(camille, valid_from=ON)
    factories.psychiatric_situation(camille, "psychiatric_ald", valid_from=ON)
    with django_assert_num_queries(5):
        found = people.with_rights(camille.pk)
        rights = [
            *found.affiliations.all(),
            *found.exemptions.all(),
            *found.covers.all(),
            *found.psychiatric.all(),
        ]
    assert len(rights) == 4
    assert people.by_public_id(camille.public_id) == camille
    with pytest.raises(Person.DoesNotExist):
        people.with_rights(0)


def test_the_scheme_of_a_day(camille):
    factories.affiliation(camille, valid_from=ON, valid_before=ON + DAY)
    msa = factories.affiliation(camille, regime="msa", valid_from=ON + DAY)
    assert people.affiliation_on(camille.pk, ON - DAY) is None
    assert people.affiliation_on(camille.pk, ON).regime == "general"
    assert people.affiliation_on(camille.pk, ON + DAY) == msa


def test_nobody_has_the_nir_of_somebody_else(camille):
    nir = factories.made_up_nir(1)
    people.record_nir(camille.pk, nir)
    assert people.by_nir(nir) == camille
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.person(at=AT, nir=nir)
    people.record_nir(camille.pk, "")
    factories.person(at=AT)
    assert factories.person(at=AT, nir=nir) == people.by_nir(nir)
    assert people.count() == 3


def test_sessions_are_told_by_day_between_two_days(camille, practice):
    for days in (3, 0, 9):
        factories.care_session(camille, practice, held_on=ON + days * DAY)
    found = care.sessions_of_person(camille.pk, since=ON, before=ON + 9 * DAY)
    assert [row.held_on for row in found] == [ON, ON + 3 * DAY]
    assert len(care.sessions_of_person(camille.pk)) == 3
    assert found[0].psychologist_id == practice.psychologist_id


def test_a_session_is_found_by_its_address_and_its_booking(camille, practice):
    booking = factories.booking(practice, who=camille, starts_at=AT)
    session = factories.care_session(camille, practice, held_on=ON, booking=booking)
    assert care.by_public_id(session.public_id) == session
    assert care.session_of_booking(booking.pk) == session
    assert care.by_public_id(uuid.uuid4()) is None


def test_the_last_letter_written_by_a_day_counts(camille):
    factories.referral(camille, written_on=ON)
    second = factories.referral(camille, written_on=ON + DAY)
    factories.referral(camille, written_on=ON + 3 * DAY)
    assert care.latest_referral(camille.pk, ON + 2 * DAY) == second
    assert care.latest_referral(camille.pk, ON - DAY) is None


def test_only_the_last_decision_on_a_claim_counts(camille, practice):
    corrected = sent(camille, practice, ON)
    factories.decision(corrected, accepted=False)
    last = factories.decision(corrected, sequence=2)
    refused = sent(camille, practice, ON + DAY)
    factories.decision(refused, accepted=False)
    sent(camille, practice, ON + 2 * DAY)
    factories.decision(sent(factories.person(at=AT), practice, ON))
    found = claims.latest_decisions(camille.pk)
    assert [(row.care_session_id, row.accepted) for row in found] == [
        (corrected.care_session_id, True),
        (refused.care_session_id, False),
    ]
    assert (found[0].decision_id, found[0].amo_cents) == (last.pk, 3000)
    assert claims.latest_decision(corrected.pk) == last
    assert [row.sequence for row in claims.decisions_of(corrected.pk)] == [1, 2]
    assert claims.decision_numbered(corrected.pk, 2) == last


def test_the_fund_reads_its_claims_newest_first_in_three_questions(
    camille, practice, django_assert_num_queries
):
    paid = sent(camille, practice, ON)
    factories.decision(paid, accepted=False)
    factories.decision(paid, sequence=2)
    refused = sent(camille, practice, ON + DAY)
    factories.decision(refused, accepted=False)
    waiting = sent(camille, practice, ON + 2 * DAY)
    sent(camille, practice, ON + 3 * DAY, fund_code="019990001")
    # How many, which of them, and their rows: no more for a longer list.
    with django_assert_num_queries(3):
        page = claims.claims_page(fund_code=factories.FUND)
    assert page.total == 3
    assert [(row.id, row.accepted, row.amo_cents) for row in page.rows] == [
        (waiting.pk, None, None),
        (refused.pk, False, 0),
        (paid.pk, True, 3000),
    ]
    assert page.rows[2].held_on == ON
    assert claims.claims_page(person_id=camille.pk).total == 4
    second = claims.claims_page(fund_code=factories.FUND, first=1, size=1)
    assert (second.total, [row.id for row in second.rows]) == (3, [refused.pk])
    for accepted, expected in ((True, paid), (False, refused)):
        assert [row.id for row in claims.claims_page(accepted=accepted).rows] == [expected.pk]


def test_a_sheet_becomes_one_claim(camille, practice):
    claim = sent(camille, practice, ON)
    sheet = claim.care_sheet
    assert claims.claims_of_sheet(sheet.pk) == [claim]
    assert claim == claims.by_public_id(claim.public_id)
    assert claims.sheet_by_public_id(sheet.public_id) == sheet
    assert claims.sheet_of_session(claim.care_session_id) == sheet
    assert list(claims.sheets_of_psychologist(practice.psychologist_id, since=ON)) == [sheet]
    assert not claims.sheets_of_psychologist(practice.psychologist_id, since=ON + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.claim(sheet, received_on=ON)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amo_cents": 2999},
        {"coverage": 0},
        {"reasons": 4},
        {"accepted": False, "reasons": 1},
        {"accepted": False, "coverage": 0, "amo_cents": 0, "amc_cents": 0},
    ],
)
def test_a_decision_that_does_not_add_up_cannot_be_written(camille, practice, wrong):
    claim = sent(camille, practice, ON)
    right = factories.decision(claim)
    values = {
        field.attname: getattr(right, field.attname)
        for field in Decision._meta.concrete_fields
        if not field.primary_key
    }
    with pytest.raises(IntegrityError, match="claims_decision_"), transaction.atomic():
        Decision.objects.create(**(values | {"sequence": 2} | wrong))


def test_a_trace_is_written_and_read_back(camille):
    for minutes, event in enumerate(("care.year.opened", "claims.claim.opened")):
        audit.write(
            at=AT + minutes * MINUTE,
            actor_role="fund_agent",
            actor_account=None,
            event=event,
            object_kind="claim",
            object_id=7,
            person_id=camille.pk,
        )
    found = audit.about_person(camille.pk)
    assert [entry.event for entry in found] == ["claims.claim.opened", "care.year.opened"]
    assert found[0].object_id == "7"


def test_a_letter_holds_keys_only():
    address = uuid.uuid4()
    letter = outbox.announce(
        kind="agenda.booking.confirmed", payload={"booking": address, "person_id": 3}, at=AT
    )
    assert factories.reread(letter).payload == {"booking": str(address), "person_id": 3}
    for value in ("Camille", "", True, None, 1.5):
        with pytest.raises(ValueError, match="keys only"):
            outbox.announce(kind="x", payload={"who": value}, at=AT)  # type: ignore[dict-item]


def test_a_letter_is_due_until_it_is_delivered():
    late = outbox.announce(kind="late", payload={}, at=AT, deliver_after=AT + MINUTE)
    now = outbox.announce(kind="now", payload={}, at=AT)
    assert outbox.due(AT - MINUTE) == []
    assert outbox.due(AT) == [now]
    assert outbox.due(AT + MINUTE) == [now, late]
    assert outbox.due(AT + MINUTE, limit=1) == [now]
    outbox.delivered(now.pk, at=AT)
    outbox.try_again(late.pk, after=AT + 2 * MINUTE)
    assert outbox.due(AT + MINUTE) == []
    assert outbox.due(AT + 2 * MINUTE) == [late]


def test_an_account_is_found_by_address_whatever_its_capitals(camille):
    made = factories.account(Role.PERSON, person=camille, email="Camille@Example.org")
    assert accounts.by_email(" CAMILLE@example.ORG ") == made == accounts.of_person(camille.pk)
    assert made.check_password("password")
    assert accounts.of_psychologist(0) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.account(email="camille@example.org")


def test_an_account_has_one_relation_at_most_and_a_known_role(camille):
    practice = factories.psychologist()
    for fields in (
        {"person": camille, "psychologist": practice},
        {"person": camille, "fund_code": factories.FUND},
        {"psychologist": practice, "fund_code": factories.FUND},
    ):
        with pytest.raises(IntegrityError, match="accounts_one_relation"), transaction.atomic():
            factories.account(**fields)
    with pytest.raises(IntegrityError, match="accounts_role_known"), transaction.atomic():
        factories.account("gardener")
    assert Account.objects.create_superuser("root@example.org").role == Role.ADMINISTRATOR
