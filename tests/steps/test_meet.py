"""Closing a session: held or missed, and the sheet that is issued or not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import AUTUMN, DAY, MONDAY, RIGHTS, SIGNED

from soutien.registers.audit.models import Entry
from soutien.registers.care.models import CareSession
from soutien.registers.claims.models import CareSheet
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Affiliation, Cover, Exemption, Person
from soutien.steps.actor import Actor
from soutien.steps.meet import OpenExemption, Rights, Signatures, close_session
from soutien.steps.nir import normal_form

pytestmark = pytest.mark.django_db
NIR = factories.made_up_nir(4242)


def newcomer(where: scene.Practice, day: date = MONDAY) -> tuple[Person, object]:
    """Somebody who booked an evaluation and has shown no paper yet."""
    who = factories.person(at=scene.at(scene.OPENED))
    return who, scene.booked(where, who, day=day, kind="evaluation")


def test_a_session_held_issues_its_sheet_and_leaves_its_two_lines():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    session = scene.closed(where, booking)
    sheet = scene.sheet_of(session)
    booking.refresh_from_db()
    assert booking.status == "fulfilled"
    assert (session.performed, session.price_cents, session.held_on) == (True, 5000, MONDAY)
    line = scene.line_of(session)
    assert (line.act_code, line.price_cents, sheet.complete) == ("EEP", 5000, True)
    assert (sheet.amo_third_party, sheet.amc_third_party) == (False, False)
    assert scene.seats(who) == (0, 1)
    assert Entry.objects.filter(event="care.session.held", person_id=who.pk).count() == 1
    assert Letter.objects.filter(kind="care.session.held").count() == 1


def test_the_printed_sheet_has_all_fields_of_the_form():
    where, who = scene.practice(), scene.insured()
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    printed = json.loads(scene.sheet_of(session).printed)
    assert printed["patient"] == {
        "family_name": who.family_name,
        "given_names": "Camille",
        "nir": who.nir,
        "birth_date": "1990-05-17",
        "fund_code": "019990069",
    }
    assert printed["acts"] == [
        {"date": "2026-03-02", "code": "EEP", "tariff_cents": 5000, "fee_cents": 5000}
    ]
    assert {
        "invoice_number", "issued_on", "patient", "insured", "psychologist", "replacement",
        "structure", "doctor", "conditions", "acts", "total_cents", "amo_not_paid_by_insured",
        "amc_not_paid_by_insured", "signatures",
    } <= printed.keys()  # fmt: skip


def test_the_price_is_that_of_the_day_of_the_session():
    where, who = scene.practice(), scene.insured()
    day = date(2024, 3, 4)
    factories.referral(who, written_on=date(2024, 2, 5))
    session = scene.closed(where, scene.booked(where, who, day=day, kind="evaluation"))
    assert session.price_cents == 4000


@pytest.mark.parametrize(
    ("day", "exemptions", "boxes"),
    [
        (MONDAY, (), (False, False)),
        (MONDAY, (OpenExemption("css", date(2026, 12, 31)),), (True, True)),
        (AUTUMN, (), (True, False)),
        (AUTUMN, (OpenExemption("css", date(2026, 12, 31)),), (True, True)),
    ],
    ids=["spring", "spring, css", "autumn", "autumn, css"],
)
def test_the_third_party_boxes_follow_the_day_and_the_rights(
    day: date, exemptions: tuple[OpenExemption, ...], boxes: tuple[bool, bool]
):
    where = scene.practice()
    _who, booking = newcomer(where, day)
    rights = replace(RIGHTS, exemptions=exemptions)
    sheet = scene.sheet_of(scene.closed(where, booking, rights=rights, nir=NIR))
    assert (sheet.amo_third_party, sheet.amc_third_party) == boxes


def test_missing_papers_are_given_in_the_same_gesture():
    where = scene.practice()
    who, booking = newcomer(where)
    scene.closed(where, booking, rights=RIGHTS, nir=f"{NIR[:1]} {NIR[1:13]} {NIR[13:]}")
    who.refresh_from_db()
    assert who.nir == NIR
    assert who.nir_index
    affiliation, cover = Affiliation.objects.get(), Cover.objects.get()
    assert (affiliation.regime, affiliation.valid_from) == ("general", MONDAY)
    assert affiliation.declared_by == "psychologist"
    assert cover.insurer_name == "Mutuelle d'exemple"


def test_rights_declared_today_stop_where_known_ones_begin():
    where = scene.practice()
    who, booking = newcomer(where)
    factories.affiliation(who, valid_from=date(2026, 7, 1), regime="msa")
    scene.closed(where, booking, rights=RIGHTS, nir=NIR)
    assert Affiliation.objects.get(regime="general").valid_before == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("words", "code", "field"),
    [
        ({"rights": RIGHTS}, "nir_missing", "nir"),
        ({"rights": RIGHTS, "nir": "2 90 05"}, "nir_length", "nir"),
        ({"rights": RIGHTS, "nir": NIR[:14] + "x"}, "nir_characters", "nir"),
        ({"rights": RIGHTS, "nir": "9" + NIR[1:]}, "nir_sex", "nir"),
        ({"rights": RIGHTS, "nir": NIR[:3] + "13" + NIR[5:]}, "nir_month", "nir"),
        ({"rights": RIGHTS, "nir": NIR[:5] + "69000" + NIR[10:]}, "nir_place", "nir"),
        ({"rights": RIGHTS, "nir": NIR[:5] + "69123000" + NIR[13:]}, "nir_rank", "nir"),
        ({"rights": RIGHTS, "nir": NIR[:13] + "00"}, "nir_wrong", "nir"),
        ({"nir": NIR}, "rights_missing", "regime"),
        ({"nir": NIR, "rights": Rights("general", amc=True)}, "fund_missing", "fund_code"),
        (
            {"nir": NIR, "rights": RIGHTS, "signatures": Signatures(False, True)},
            "signature_missing",
            "signatures",
        ),
        (
            {"nir": NIR, "rights": RIGHTS, "signatures": Signatures(True, False)},
            "signature_missing",
            "signatures",
        ),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_is_kept(
    words: dict[str, object], code: str, field: str
):
    where = scene.practice()
    who, booking = newcomer(where)
    with refused(code) as caught:
        scene.closed(where, booking, **words)
    assert caught.value.context["fields"] == (field,)
    who.refresh_from_db()
    assert who.nir == ""
    assert not CareSheet.objects.exists()
    assert not CareSession.objects.exists()
    assert not Affiliation.objects.exists()


def test_a_person_who_cannot_sign_says_so_on_the_sheet():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    sheet = scene.sheet_of(
        scene.closed(
            where,
            booking,
            signatures=Signatures(person=False, psychologist=True, cannot_sign=True),
        )
    )
    assert sheet.complete
    assert json.loads(sheet.printed)["signatures"]["cannot_sign"] is True


def test_the_number_of_somebody_known_opens_no_second_file():
    where = scene.practice()
    known = factories.person(at=scene.at(scene.OPENED), nir=NIR)
    _who, booking = newcomer(where)
    with refused("person_already_known"):
        scene.closed(where, booking, rights=RIGHTS, nir=NIR)
    assert Person.objects.exclude(nir_index=None).get() == known


def test_the_number_of_a_parent_is_not_the_childs():
    where = scene.practice()
    factories.person(at=scene.at(scene.OPENED), nir=NIR, birth_date="1960-01-01")
    _who, booking = newcomer(where)
    with refused("nir_of_another"):
        scene.closed(where, booking, rights=RIGHTS, nir=NIR)


def test_another_number_than_the_one_recorded_is_refused():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    with refused("nir_differs"):
        scene.closed(where, booking, nir=NIR)


def test_other_rights_than_the_ones_recorded_are_refused():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    for rights in (replace(RIGHTS, regime="msa"), replace(RIGHTS, amc=False)):
        with refused("rights_differ"):
            scene.closed(where, booking, rights=rights)


def test_what_the_law_would_refuse_is_told_with_its_mend_and_not_issued():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    factories.suspension(where.place.psychologist, valid_from=MONDAY)
    with refused("law_refuses") as caught:
        scene.closed(where, booking)
    assert "suspendue" in caught.value.sentence("fr")
    assert "suspended" in caught.value.sentence("en")
    assert "autre psychologue" in caught.value.remedy("fr")
    assert not CareSheet.objects.exists()


def test_an_evaluation_cannot_be_closed_as_held_by_video():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    with refused("law_refuses"):
        scene.closed(where, booking, modality="remote")


def test_a_follow_up_is_closed_though_the_evaluation_is_not_paid_yet():
    where, who = scene.practice(), scene.insured()
    scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    session = scene.closed(where, scene.booked(where, who, day=MONDAY + DAY), modality="remote")
    assert scene.line_of(session).act_code == "PSS"


def test_a_psychiatric_situation_is_not_learnt_by_closing_a_session():
    where, who = scene.practice(), scene.insured()
    factories.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2025, 1, 1))
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    assert scene.sheet_of(scene.closed(where, booking)).complete


def test_a_missed_session_gives_its_seat_back_and_issues_nothing():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    session = scene.closed(where, booking, performed=False)
    booking.refresh_from_db()
    assert (booking.status, session.performed) == ("missed", False)
    assert scene.seats(who) == (0, 0)
    assert not CareSheet.objects.exists()
    assert Letter.objects.filter(kind="care.session.missed").count() == 1


def test_closed_twice_it_answers_the_same():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    assert scene.closed(where, booking) == scene.closed(where, booking)
    assert CareSheet.objects.count() == 1
    with refused("already_closed"):
        scene.closed(where, booking, performed=False)


def test_a_session_ahead_is_not_closed():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    with refused("session_ahead"):
        close_session(
            actor=where.actor,
            booking_id=booking.public_id,
            performed=True,
            modality="in_person",
            signatures=SIGNED,
            at=scene.at(MONDAY, 8),
        )


def test_a_time_that_is_only_held_is_not_closed():
    where = scene.practice()
    with refused("booking_ended"):
        scene.closed(where, scene.held(where))


def test_nobody_else_closes_a_session():
    where, who = scene.practice(), scene.insured()
    booking = scene.booked(where, who, day=MONDAY, kind="evaluation")
    for actor in (scene.of(who), scene.practice().actor, Actor("administrator")):
        with refused("not_allowed"):
            close_session(
                actor=actor,
                booking_id=booking.public_id,
                performed=True,
                modality="in_person",
                signatures=SIGNED,
                at=booking.ends_at,
            )


def test_state_medical_aid_needs_a_fund_and_no_scheme():
    """The fund manages the aid: without its code, no agent would ever see the claim."""
    where = scene.practice()
    _who, booking = newcomer(where)
    aid = OpenExemption("ame", date(2026, 12, 31))
    without_fund = Rights("", amc=False, exemptions=(aid,))
    with refused("fund_missing"):
        scene.closed(where, booking, rights=without_fund, nir=NIR)
    rights = Rights("", amc=False, fund_code=factories.FUND, exemptions=(aid,))
    sheet = scene.sheet_of(scene.closed(where, booking, rights=rights, nir=NIR))
    assert (sheet.amo_third_party, sheet.amc_third_party) == (True, True)
    assert json.loads(sheet.printed)["patient"]["fund_code"] == factories.FUND
    assert Exemption.objects.get().valid_before == date(2027, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9" + NIR[1:],
        NIR[:13] + "00",
        NIR[:14],
        NIR[:3] + "00" + NIR[5:],
        NIR[:3] + "13" + NIR[5:],
        "２" + NIR[1:],
        NIR + "0",
        "2900500042A42",
    ],
)
def test_impossible_numbers_are_refused(text: str):
    assert normal_form(text) is None


@pytest.mark.parametrize("text", ["253072A07300443", "253072b07300470", "2 53 07 2B 073 004 70"])
def test_corsican_numbers_keep_their_letter(text: str):
    assert normal_form(text) == text.replace(" ", "").upper()
