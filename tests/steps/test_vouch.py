"""Psychologists are asked, answer in one click; visitors report and never punish."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at

from soutien.registers.audit.models import Entry
from soutien.registers.outbox.models import Letter
from soutien.registers.psychologists.models import (
    AvailabilityReports,
    ConfirmationRequest,
    Psychologist,
)
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.freshness import FADES_AFTER, SILENT_AFTER
from soutien.steps.vouch import (
    ASKS_AFTER,
    ASKS_AGAIN_AFTER,
    ASKS_THE_SILENT_AFTER,
    FULL_FOR_AT_MOST,
    LETTER,
    LINK_LASTS,
    REPLY_AWAITED_FOR,
    REPORTS_COUNT_FOR,
    REPORTS_THAT_ASK,
    answer_confirmation,
    open_confirmation,
    plan_confirmations,
    report_availability,
)

pytestmark = pytest.mark.django_db


def partner(confirmed_on: date | None = MONDAY, **fields: object) -> Psychologist:
    """Somebody in the directory with an e-mail address."""
    values = {"email": "ada@example.org"} | fields
    return scene.practice(confirmed_on=confirmed_on, **values).place.psychologist


def planned(day: date) -> int:
    return plan_confirmations(at=at(day))


def reported(who: Psychologist, day: date = MONDAY, *, times: int = 1) -> None:
    for _ in range(times):
        report_availability(public_id=who.public_id, kind="no_answer", at=at(day))


def the_request() -> ConfirmationRequest:
    return ConfirmationRequest.objects.latest("pk")


def answered(request: ConfirmationRequest, day: date, **words: object) -> None:
    values = {"actor": ANONYMOUS, "takes_people": True} | words
    answer_confirmation(request_id=request.public_id, at=at(day), **values)


# Asking


def test_who_confirmed_within_a_month_is_left_in_peace():
    partner()
    assert planned(MONDAY + ASKS_AFTER - DAY) == 0
    assert planned(MONDAY + ASKS_AFTER) == 1


def test_a_letter_holds_the_key_of_the_request_and_nothing_else():
    partner(confirmed_on=None)
    planned(MONDAY)
    [letter] = Letter.objects.all()
    assert (letter.kind, letter.payload) == (LETTER, {"request": str(the_request().public_id)})
    assert Entry.objects.filter(event=LETTER).count() == 1


def test_both_mails_leave_while_the_entry_is_still_fresh():
    """Who answers the second mail the same day never fades."""
    partner()
    days = [MONDAY + DAY * n for n in range(FADES_AFTER.days + 2)]
    asked_on = [day for day in days if planned(day)]
    assert asked_on == [MONDAY + ASKS_AFTER, MONDAY + FADES_AFTER]


def test_nobody_is_asked_twice_on_one_day():
    partner(confirmed_on=None)
    assert (planned(MONDAY), planned(MONDAY)) == (1, 0)


def test_the_silent_are_asked_once_a_month():
    partner(confirmed_on=MONDAY - SILENT_AFTER - DAY)
    days = [MONDAY + DAY * n for n in range(65)]
    asked_on = [day for day in days if planned(day)]
    gaps = {later - earlier for earlier, later in zip(asked_on, asked_on[1:], strict=False)}
    assert gaps == {ASKS_THE_SILENT_AFTER}


def test_who_cannot_be_written_to_or_has_left_is_not_asked():
    partner(confirmed_on=None, email="")
    gone = partner(confirmed_on=None)
    factories.suspension(gone, valid_from=MONDAY)
    assert planned(MONDAY) == 0


# Answering


def test_one_click_makes_an_entry_fresh_again():
    who = partner(confirmed_on=None, doubted_on=MONDAY - DAY)
    planned(MONDAY)
    answered(the_request(), MONDAY + DAY)
    who = factories.reread(who)
    assert (who.confirmed_on, who.doubted_on) == (MONDAY + DAY, None)
    assert who.accepts_new_patients
    assert Entry.objects.get(event="psychologists.entry.confirmed").reason == "open"


def test_no_place_until_a_day_hides_the_entry_and_brings_it_back_by_itself():
    who = partner(confirmed_on=None)
    planned(MONDAY)
    back_on = MONDAY + 60 * DAY
    answered(the_request(), MONDAY, takes_people=False, full_until=back_on)
    who = factories.reread(who)
    assert (who.accepts_new_patients, who.full_until) == (False, back_on)
    assert planned(back_on - DAY) == 0
    assert planned(back_on) == 1
    who = factories.reread(who)
    assert (who.accepts_new_patients, who.full_until) == (True, None)
    assert the_request().reason == "returning"


def test_the_last_word_counts():
    who = partner(confirmed_on=None)
    planned(MONDAY)
    answered(the_request(), MONDAY, takes_people=False, full_until=MONDAY + DAY)
    answered(the_request(), MONDAY)
    who = factories.reread(who)
    assert (who.accepts_new_patients, who.full_until) == (True, None)


@pytest.mark.parametrize("ahead", [None, timedelta(0), -DAY, FULL_FOR_AT_MOST + DAY])
def test_a_day_that_is_not_ahead_or_too_far_is_refused(ahead: timedelta | None):
    partner(confirmed_on=None)
    planned(MONDAY)
    until = None if ahead is None else MONDAY + ahead
    with refused("full_until_unclear"):
        answered(the_request(), MONDAY, takes_people=False, full_until=until)
    assert the_request().answer == ""


def test_a_link_does_not_last_for_ever():
    partner(confirmed_on=None)
    planned(MONDAY)
    request = the_request()
    view = open_confirmation(
        actor=ANONYMOUS, request_id=request.public_id, at=at(MONDAY + LINK_LASTS)
    )
    assert (view.given_name, view.answer) == ("Dominique", "")
    with refused("link_too_old"):
        answered(request, MONDAY + LINK_LASTS + DAY)
    with refused("not_found"):
        open_confirmation(actor=ANONYMOUS, request_id=uuid.uuid4(), at=at(MONDAY))


def test_who_left_cannot_answer_and_other_psychologists_cannot_either():
    who = partner(confirmed_on=None)
    planned(MONDAY)
    with refused("not_allowed"):
        answered(the_request(), MONDAY, actor=Actor("psychologist", psychologist_id=who.pk + 1))
    answered(the_request(), MONDAY, actor=Actor("psychologist", psychologist_id=who.pk))
    factories.suspension(who, valid_from=MONDAY)
    with refused("not_found"):
        answered(the_request(), MONDAY)


# Reports


def test_enough_reports_ask_and_change_nothing_else():
    who = partner(confirmed_on=MONDAY - 9 * DAY)
    reported(who, times=REPORTS_THAT_ASK - 1)
    assert not ConfirmationRequest.objects.exists()
    reported(who)
    assert the_request().reason == "reports"
    assert Letter.objects.filter(kind=LETTER).count() == 1
    reported(who, times=9)
    assert ConfirmationRequest.objects.count() == 1
    again = factories.reread(who)
    assert (again.confirmed_on, again.doubted_on) == (MONDAY - 9 * DAY, None)
    assert again.accepts_new_patients


def test_reports_are_counts_of_a_day_and_leave_no_trace_of_anybody():
    who = partner()
    reported(who, times=2)
    report_availability(public_id=who.public_id, kind="no_place", at=at(MONDAY))
    rows = AvailabilityReports.objects.values_list("kind", "reported_on", "times")
    assert sorted(rows) == [("no_answer", MONDAY, 2), ("no_place", MONDAY, 1)]
    assert not Entry.objects.filter(actor_role="anonymous").exists()


def test_old_reports_and_those_before_the_last_word_do_not_count():
    who = partner(confirmed_on=MONDAY - 90 * DAY)
    reported(who, MONDAY - REPORTS_COUNT_FOR - DAY, times=REPORTS_THAT_ASK - 1)
    reported(who)
    assert not ConfirmationRequest.objects.exists()
    fresh = partner(confirmed_on=MONDAY - 2 * DAY)
    reported(fresh, MONDAY - 3 * DAY, times=REPORTS_THAT_ASK - 1)
    reported(fresh)
    assert not ConfirmationRequest.objects.exists()


def test_only_silence_after_reports_puts_an_entry_in_doubt():
    who = partner(confirmed_on=MONDAY - DAY)
    reported(who, times=REPORTS_THAT_ASK)
    planned(MONDAY + REPLY_AWAITED_FOR)
    assert factories.reread(who).doubted_on is None
    planned(MONDAY + REPLY_AWAITED_FOR + DAY)
    assert factories.reread(who).doubted_on == MONDAY + REPLY_AWAITED_FOR + DAY
    assert Entry.objects.filter(event="psychologists.entry.doubted").count() == 1
    answered(the_request(), MONDAY + REPLY_AWAITED_FOR + 2 * DAY)
    planned(MONDAY + REPLY_AWAITED_FOR + 3 * DAY)
    assert factories.reread(who).doubted_on is None


def test_an_answer_to_the_question_prevents_the_doubt():
    who = partner(confirmed_on=MONDAY - DAY)
    reported(who, times=REPORTS_THAT_ASK)
    answered(the_request(), MONDAY + DAY)
    planned(MONDAY + 2 * REPLY_AWAITED_FOR)
    assert factories.reread(who).doubted_on is None


def test_who_cannot_be_asked_is_not_put_in_doubt():
    who = partner(email="")
    reported(who, times=REPORTS_THAT_ASK)
    assert not ConfirmationRequest.objects.exists()


def test_reports_on_strangers_and_of_other_kinds_are_refused():
    who = partner()
    with pytest.raises(ValueError, match="no_answer, no_place"):
        report_availability(public_id=who.public_id, kind="rude", at=at(MONDAY))
    factories.suspension(who, valid_from=MONDAY)
    for public_id in (who.public_id, uuid.uuid4()):
        with refused("not_found"):
            report_availability(public_id=public_id, kind="no_place", at=at(MONDAY))
    assert not AvailabilityReports.objects.exists()


def test_a_second_mail_comes_no_sooner_than_half_a_month():
    assert ASKS_AFTER + ASKS_AGAIN_AFTER == FADES_AFTER
