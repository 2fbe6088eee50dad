"""Several sessions on one care sheet: one line a session, and nothing that no sheet can say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from tests import factories as make
from tests.steps.scene import (
    AUTUMN,
    DAY,
    SIGNED,
    Practice,
    at,
    booked,
    closed,
    decided,
    insured,
    line_of,
    paid,
    practice,
    seats,
    sheet_of,
)

from soutien.registers.care.models import CareSession
from soutien.registers.claims import queries as claims
from soutien.registers.claims.models import CareSheet, Claim, SheetLine
from soutien.registers.people.models import Person
from soutien.steps.claim import send_care_sheet
from soutien.steps.errors import Refusal
from soutien.steps.issue import issue_one_sheet
from soutien.steps.issued import Signatures
from soutien.steps.look import open_care_sheet
from soutien.steps.meet import correct_session

pytestmark = pytest.mark.django_db
WEEK = 7 * DAY
LATER = at(AUTUMN + 60 * DAY)


@pytest.fixture
def here() -> Practice:
    return practice()


@pytest.fixture
def who() -> Person:
    return insured()


@pytest.fixture
def three(here: Practice, who: Person) -> list[CareSession]:
    """An evaluation paid, then three sessions whose sheets nobody sent."""
    paid(here, who, day=AUTUMN - WEEK, kind="evaluation")
    return [closed(here, booked(here, who, day=AUTUMN + week * WEEK)) for week in range(3)]


def together(here: Practice, sessions: list[CareSession], **words: Any) -> CareSheet:
    values = {"signatures": SIGNED, "at": LATER} | words
    return issue_one_sheet(
        actor=here.actor, session_ids=[session.public_id for session in sessions], **values
    )


def send(here: Practice, sheet: CareSheet) -> Claim:
    return send_care_sheet(
        actor=here.actor, care_sheet_id=sheet.public_id, received_on=LATER.date(), at=LATER
    )


def refused(code: str, asked: Callable[[], object]) -> Refusal:
    before = CareSheet.objects.count()
    with pytest.raises(Refusal) as caught, transaction.atomic():
        asked()
    assert caught.value.code == code
    assert CareSheet.objects.count() == before
    return caught.value


def test_three_sessions_stand_on_one_sheet_and_each_is_decided(
    here: Practice, who: Person, three: list[CareSession]
):
    alone = [sheet_of(session) for session in three]
    sheet = together(here, three)
    printed = open_care_sheet(actor=here.actor, care_sheet_id=sheet.public_id, at=LATER).printed
    assert [act["code"] for act in printed["acts"]] == ["APS"] * 3
    assert printed["total_cents"] == 15000
    assert printed["amo_not_paid_by_insured"] is True
    assert {sheet_of(session) for session in three} == {sheet}
    assert sheet.number not in {one.number for one in alone}
    # Asked again, and sent again, it is the same.
    assert together(here, three) == sheet
    first = send(here, sheet)
    assert send(here, sheet) == first
    sent = claims.claims_of_sheet(sheet.pk)
    assert [claim.care_session_id for claim in sent] == [session.pk for session in three]
    assert [decided(claim).used_before for claim in sent] == [1, 2, 3]
    assert all(decided(claim).accepted for claim in sent)
    assert len({claim.reference for claim in sent}) == 3
    assert seats(who) == (4, 0)
    for replaced in alone:
        refused("sheet_replaced", lambda one=replaced: send(here, one))
    refused("lines_gone", lambda: together(here, three[:2]))


def test_what_no_sheet_can_say_is_refused_before(here: Practice, three: list[CareSession]):
    unsigned = Signatures(person=False, psychologist=True)
    refused("signature_missing", lambda: together(here, three, signatures=unsigned))
    refused("lines_none", lambda: together(here, []))
    together(here, three[:2])
    refused("lines_left_behind", lambda: together(here, three[1:]))
    stranger = practice()
    refused("not_allowed", lambda: together(stranger, three))


def test_sessions_paid_otherwise_do_not_stand_together(here: Practice, who: Person):
    """The evening before October the person still advanced all of it."""
    evaluated = closed(here, booked(here, who, day=date(2026, 9, 21), kind="evaluation"))
    later = closed(here, booked(here, who, day=date(2026, 10, 5)))
    assert not sheet_of(evaluated).amo_third_party
    assert sheet_of(later).amo_third_party
    # Where the share was not advanced for one of them, it is asked for all.
    assert together(here, [evaluated, later]).amo_third_party
    elsewhere = make.place(here.place.psychologist, town_name="Bron")
    other = make.care_session(who, elsewhere, held_on=date(2026, 10, 12))
    make.care_sheet(other, amo_third_party=True)
    answered = refused("lines_differ", lambda: together(here, [evaluated, later, other]))
    assert "deux feuilles" in answered.remedy("fr") or "une feuille" in answered.remedy("fr")


def test_a_form_has_eight_lines(here: Practice, who: Person):
    paid(here, who, day=AUTUMN - WEEK, kind="evaluation")
    every = [closed(here, booked(here, who, day=AUTUMN + days * DAY)) for days in range(9)]
    refused("lines_too_many", lambda: together(here, every))
    sheet = together(here, every[:8])
    assert claims.lines_of(sheet.pk)[-1].position == 8
    with pytest.raises(IntegrityError, match="claims_line_on_the_form"), transaction.atomic():
        SheetLine.objects.create(
            care_sheet=sheet, position=9, care_session=every[8], act_code="APS", price_cents=5000
        )


@pytest.mark.parametrize("performed", [True, False])
def test_one_of_them_corrected_is_issued_again_with_the_others(
    here: Practice, three: list[CareSession], performed: bool
):
    sheet = together(here, three)
    booking = three[1].booking
    assert booking is not None
    again = correct_session(
        actor=here.actor,
        booking_id=booking.public_id,
        corrected_for="modality" if performed else "attendance",
        performed=performed,
        modality="remote" if performed else "in_person",
        signatures=SIGNED if performed else Signatures(person=False, psychologist=False),
        at=LATER,
    )
    refused("sheet_replaced", lambda: send(here, sheet))
    anew = sheet_of(three[0])
    assert anew != sheet
    codes = [line.act_code for line in claims.lines_of(anew.pk)]
    assert codes == (["APS", "PSS", "APS"] if performed else ["APS", "APS"])
    assert (sheet_of(again) == anew) if performed else not claims.sheet_of_session(again.pk)
    send(here, anew)
    assert all(decided(claim).accepted for claim in claims.claims_of_sheet(anew.pk))


def test_a_session_is_claimed_once_and_stands_once(here: Practice, three: list[CareSession]):
    first = send(here, sheet_of(three[0]))
    line = line_of(three[1])
    other = {"care_sheet": sheet_of(three[2]), "act_code": "APS", "price_cents": 5000}
    with pytest.raises(IntegrityError, match="UNIQUE|claims_line_of"), transaction.atomic():
        SheetLine.objects.create(position=2, care_session=three[1], **other)
    SheetLine.objects.create(position=2, care_session=three[1], replaces=line, **other)
    with pytest.raises(IntegrityError, match="append_only|replaces"), transaction.atomic():
        SheetLine.objects.create(position=3, care_session=three[1], replaces=line, **other)
    with pytest.raises(IntegrityError, match="append_only|of_a_session"), transaction.atomic():
        make.claim(first.care_sheet, received_on=LATER.date())


@pytest.mark.postgres_only
def test_without_its_constraint_a_session_would_be_claimed_twice(here: Practice, who: Person):
    sheet = sheet_of(closed(here, booked(here, who, day=AUTUMN, kind="evaluation")))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_claim DROP CONSTRAINT claims_claim_of_a_session")
        cursor.execute("DROP INDEX claims_line_of_a_session")
    make.claim(sheet, received_on=LATER.date())
    make.claim(sheet, received_on=LATER.date())
    line = sheet.lines.get()
    other = {"act_code": line.act_code, "price_cents": line.price_cents}
    SheetLine.objects.create(care_sheet=sheet, position=2, care_session=line.care_session, **other)


@pytest.mark.django_db(transaction=True)
def test_what_sheets_of_one_session_said_is_a_line_and_goes_back():
    who = make.person(at=LATER)
    session = make.care_session(who, make.place(make.psychologist()), held_on=AUTUMN)
    sheet = make.care_sheet(session, act_code="EEP", price_cents=4000)
    claim = make.claim(sheet, received_on=AUTUMN)
    before = "SELECT id, care_session_id, act_code, price_cents FROM claims_caresheet"
    try:
        MigrationExecutor(connection).migrate([("claims", "0005_what_people_said_of_a_refusal")])
        with connection.cursor() as cursor:
            cursor.execute(before)
            assert cursor.fetchall() == [(sheet.pk, session.pk, "EEP", 4000)]
            with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
                cursor.execute("UPDATE claims_caresheet SET act_code = 'APS'")
            with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
                cursor.execute("DELETE FROM claims_claim")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    line = SheetLine.objects.get()
    assert (line.pk, line.care_sheet, line.position) == (sheet.pk, sheet, 1)
    assert (line.care_session, line.act_code, line.price_cents) == (session, "EEP", 4000)
    assert Claim.objects.get() == claim
    for table in ("claims_caresheet", "claims_sheetline", "claims_claim"):
        with (
            pytest.raises(IntegrityError, match="append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table}")
