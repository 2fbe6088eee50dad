"""Proof 5: what books, claims, pays or sends may be sent again. One effect, the same answer.

Each address that acts is sent twice in a row, once more after its answer was lost, and a hundred
times at once on PostgreSQL. An address that is not told here fails.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests import paying
from tests.doors.api.program import Program, key_of
from tests.doors.web.person.practice import TYPED
from tests.doors.web.psychologist.practice import LONG_AGO, practice
from tests.doors.web.waiting.test_pages import ASK, COMES, JOIN
from tests.doors.web.writings.test_letters import TYPED as LETTER
from tests.house.sources import ROOT
from tests.proof.pages import forms_of
from tests.proof.test_journal_coverage import (
    A_DOCTOR_S,
    SHEET,
    SIGNAL,
    Town,
    a_signal,
    a_visit,
    answered,
    cared_for,
    measured,
    offered,
)
from tests.registers.protections import without_in_postgresql

from soutien.doors import repeats
from soutien.doors.booking_links import booking_path
from soutien.doors.measure_links import questions_path
from soutien.doors.waiting_links import CONSENT, WAIT, waiting_path
from soutien.doors.web.access import ACCESS
from soutien.doors.web.sent_twice import FIELD
from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import OVERBOOKING_REASONS, Booking
from soutien.registers.audit.models import Entry
from soutien.registers.idempotency import queries as idempotency
from soutien.registers.idempotency.models import Ask
from soutien.registers.outbox.models import Letter
from soutien.registers.payments import queries as payments
from soutien.registers.rights import queries as declarations
from soutien.rules.consent import CARE, text_of
from soutien.steps.actor import Actor
from soutien.steps.bank import give_bank_detail
from soutien.steps.entitled import Right
from soutien.steps.errors import Refusal
from soutien.steps.permissions import RULES, Data

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
AT_ONCE, LINES = 100, 25
# They book, claim, pay or send nothing: one's own calendar, a wish, or what is kept of oneself.
# The same paper added twice stands once, whatever the key (tests/steps/test_papers.py); the same
# words of a goal, a note of before and a draft too (tests/steps/test_accompany.py, test_jot.py,
# test_compose.py), and a doctor's letter by its page's key (tests/steps/test_refer.py).
NOT_ACTS = {
    *("own_calendar", "calendars_of_practice", "acting"),
    *("own_consents", "own_erase", "own_documents", "own_care"),
    # A note is removed; its words are written at "notes".
    "note",
    # A search: it writes nothing.
    "fund_rights",
    "receipts",
    # Each answer of a service is kept; none changes anything (tests/steps/test_verify.py).
    "fund_ask_rights",
    # Shown twice, it is shown once (tests/steps/test_show.py).
    "writing_parents",
    # Every reading of a file leaves its line; what it moves once: test_reconciliation.py.
    "fund_bank",
}


@dataclass
class Sent:
    """A request that acts: who sends it, where, with what, and what it is seen to do."""

    client: Client
    path: str
    form: dict[str, Any] = field(default_factory=dict)
    # Events of the journal of which one alone may be left.
    event: str = ""

    def again(self, key: str) -> tuple[int, str]:
        """Send it under a key, as another of the same program or browser would."""
        client = copy(self.client)
        client.cookies = copy(self.client.cookies)
        if not isinstance(client, Program):
            return told(client.post(self.path, self.form | {FIELD: key}))
        while True:
            answer = client.post(self.path, self.form, again=key)
            if answer.status_code != 409 or answer.json()["code"] != "still_running":
                return told(answer)
            assert int(answer["Retry-After"]) >= 1
            time.sleep(0.02)

    def effects(self) -> Counter[str]:
        """What was done so far: lines of the journal, letters to send."""
        done = Entry.objects.filter(result="done", event__in=self.event.split())
        found = Counter(done.values_list("event", flat=True))
        found.update(f"letter {kind}" for kind in Letter.objects.values_list("kind", flat=True))
        return found


# What is new on every page: the token of a form, the word by which its scripts may run.
FRESH = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"')


def told(answer: HttpResponse) -> tuple[int, str]:
    """What whoever asked is told: where to go on, or the answer itself."""
    text = answer.get("Location") or FRESH.sub("", answer.content.decode())
    return answer.status_code, text


Act = Callable[[Town], Sent]
ACTS: dict[str, Act] = {}


def acts(route: str) -> Callable[[Act], Act]:
    def kept(made: Act) -> Act:
        ACTS[route] = made
        return made

    return kept


def filled(browser: Client, path: str, **words: Any) -> dict[str, Any]:
    """The page's own form, with these words."""
    page = browser.get(path).content.decode()
    forms = [form for form in forms_of(page) if form.method == "post" and form.fields]
    [form] = [form for form in forms if FIELD in form.fields or "language" not in form.fields][:1]
    kept = {name: value for name, value in form.fields.items() if name != FIELD}
    return kept | words


@pytest.fixture
def town() -> Iterator[Town]:
    with time_machine.travel(NOW, tick=False):
        found = Town(practice(NOW), {})
        found.opens()
        yield found


# Forms


@acts("book_slot")
def a_time_is_kept(town: Town) -> Sent:
    browser = Client()
    browser.get("/")
    return Sent(browser, town.slot(), town.asked(), "agenda.booking.held")


@acts("book_check")
def an_appointment_is_made(town: Town) -> Sent:
    browser = Client()
    path = str(browser.post(town.kept(browser), TYPED)["Location"])
    return Sent(browser, path, {}, "agenda.booking.confirmed")


def by_link(town: Town, route: str, form: dict[str, Any], event: str) -> Sent:
    booked = town.here.booking(town.here.patient(), begins_in_h=72)
    return Sent(Client(), booking_path(booked.public_id, route), form, event)


@acts("booking_cancel")
def an_appointment_is_cancelled(town: Town) -> Sent:
    return by_link(town, "booking_cancel", {}, "agenda.booking.cancelled")


@acts("booking_move")
def an_appointment_is_moved(town: Town) -> Sent:
    return by_link(town, "booking_move", town.asked(10), "agenda.booking.moved")


@acts("consent_link")
def a_holder_agrees(town: Town) -> Sent:
    child = town.here.patient(birth_date="2018-05-17")
    town.here.booking(child, begins_in_h=72)
    asked = make.holder(child, at=NOW)
    link = make.consent_link(asked, town.here.psychologist, at=NOW)
    form = {"yes": "1", "name": "Nadia Exemple", "version": str(text_of(CARE).version)}
    return Sent(Client(), waiting_path(CONSENT, link.public_id), form, "guardians.signature.given")


@acts("visit_consents")
def the_psychologist_names_a_holder(town: Town) -> Sent:
    booked = town.here.booking(town.here.patient(birth_date="2018-05-17"), begins_in_h=72)
    form = {
        "name": "1",
        "who": "other",
        "given_name": "Karim",
        "family_name": "Exemple",
        "capacity": "parent",
        "email": "karim@example.org",
    }
    path = reverse("visit_consents", args=[booked.public_id])
    return Sent(town.psychologist, path, form, "guardians.holder.named")


@acts("join_around")
def somebody_waits_around(town: Town) -> Sent:
    return Sent(Client(), reverse("join_around"), JOIN, "waiting.wait.joined")


@acts("join_for_one")
def somebody_waits_for_one(town: Town) -> Sent:
    path = reverse("join_for_one", args=[town.here.psychologist.public_id])
    form = {name: JOIN[name] for name in JOIN if name not in ("place", "radius")}
    return Sent(Client(), path, form, "waiting.wait.joined")


@acts("call_back")
def somebody_asks_to_be_called(town: Town) -> Sent:
    path = reverse("call_back", args=[town.here.psychologist.public_id])
    return Sent(Client(), path, ASK, "waiting.request.made")


@acts("waiting_place")
def somebody_leaves_the_queue(town: Town) -> Sent:
    path = waiting_path(WAIT, town.waiter().public_id)
    return Sent(Client(), path, {"leave": "1"}, "waiting.wait.left")


@acts("waiting_offer")
def an_offer_is_taken(town: Town) -> Sent:
    events = "waiting.offer.taken agenda.booking.confirmed"
    return Sent(Client(), offered(town), COMES | {"take": "1"}, events)


@acts("plan")
def a_plan_is_booked(town: Town) -> Sent:
    who, browser = town.person()
    town.here.was_evaluated(who)
    path = reverse("plan", args=[town.here.psychologist.public_id])
    path += f"?heure=4-600-{town.here.place.pk}"
    return Sent(browser, path, filled(browser, path), "agenda.plan.booked")


@acts("add_visit")
def a_visit_is_added(town: Town) -> Sent:
    who = town.here.patient()
    town.here.was_evaluated(who)
    town.here.booking(who, begins_in_h=72, kind="follow_up")
    path = reverse("add_visit", args=[NOW.date() + timedelta(days=6)])
    words = {"patient": str(who.public_id), "starts": "21:00", "reason": min(OVERBOOKING_REASONS)}
    form = filled(town.psychologist, path, **words)
    return Sent(town.psychologist, path, form, "agenda.booking.overbooked")


@acts("close")
def a_session_is_closed(town: Town) -> Sent:
    booked = town.here.booking(town.here.patient(), begins_in_h=-1)
    form = {"outcome": "held", "signed_by_psychologist": "on", "signed_by_person": "on"}
    path = reverse("close", args=[booked.public_id])
    return Sent(town.psychologist, path, form, "care.session.held")


@acts("correct_visit")
def a_session_is_corrected(town: Town) -> Sent:
    booked = town.here.sheet(town.here.patient()).lines.get().care_session.booking
    form = {"outcome": "missed", "missed_by": "person", "corrected_for": "attendance"}
    path = reverse("correct_visit", args=[booked.public_id])
    return Sent(town.psychologist, path, form, "care.session.corrected")


@acts("cancel_visit")
def a_visit_is_cancelled(town: Town) -> Sent:
    booked = town.here.booking(town.here.patient(), begins_in_h=48)
    path = reverse("cancel_visit", args=[booked.public_id])
    return Sent(town.psychologist, path, {}, "agenda.booking.cancelled")


@acts("inbox_line")
def a_request_is_answered(town: Town) -> Sent:
    path = reverse("inbox_line", args=[town.asker().public_id])
    form = {"answered": "1"}
    return Sent(town.psychologist, path, form, "waiting.request.answered")


@acts("gather_sheet")
def sessions_are_put_on_one_sheet(town: Town) -> Sent:
    sheet, form = town.here.two_to_gather(town.here.patient())
    path = reverse("gather_sheet", args=[sheet.public_id])
    return Sent(town.psychologist, path, form, "claims.sheet.issued")


@acts("send_sheet")
def a_sheet_is_sent(town: Town) -> Sent:
    path = reverse("send_sheet", args=[town.here.sheet(town.here.patient()).public_id])
    return Sent(town.psychologist, path, {}, "claims.claim.sent")


@acts("fund_claim")
def a_refusal_is_read(town: Town) -> Sent:
    who = town.here.patient()
    sheet = town.here.sheet(who)
    make.psychiatric_situation(who, "psychiatric_ald", valid_from=LONG_AGO)
    path = reverse("fund_claim", args=[town.here.claim(sheet).public_id])
    return Sent(town.agent, path, {"ground": "nothing_shows_it"}, "claims.claim.reviewed")


@acts("fund_check")
def an_answer_of_the_service_is_taken(town: Town) -> Sent:
    path = reverse("fund_check", args=[town.here.check(town.here.patient()).public_id])
    return Sent(town.agent, path, {"act": "take"}, "rights.check.settled")


@acts("fund_paper_begin")
def a_paper_is_typed(town: Town) -> Sent:
    form = town.here.paper_form(town.here.patient())
    return Sent(town.agent, reverse("fund_paper_begin"), form, "claims.paper.typed")


@acts("fund_paper")
def the_amounts_of_a_paper_are_typed_again(town: Town) -> Sent:
    path = reverse("fund_paper", args=[town.here.paper(town.here.patient()).public_id])
    return Sent(town.agent, path, {"act": "amounts", "amount_1": "50"}, "claims.paper.checked")


@acts("fund_paper_again")
def a_paper_is_typed_whole_again(town: Town) -> Sent:
    who = town.here.patient()
    path = reverse("fund_paper_again", args=[town.here.paper(who).public_id])
    return Sent(town.agent, path, town.here.paper_form(who), "claims.paper.typed")


@acts("claim_contest")
def a_decision_is_contested(town: Town) -> Sent:
    who, browser = town.person()
    claim = town.here.claim(town.here.sheet(who))
    path = reverse("claim_contest", args=[claim.public_id])
    return Sent(browser, path, {"ground": "count_is_wrong"}, "claims.contest.made")


CSS = {"right": "exemption", "exemption-kind": "css", "exemption-valid_from": "1 9 2026"}


@acts("own_rights")
def a_right_is_declared(town: Town) -> Sent:
    _who, browser = town.person()
    return Sent(browser, reverse("own_rights"), CSS, "rights.declaration.made")


@acts("fund_admit")
def a_file_is_opened(town: Town) -> Sent:
    form = {
        "nir": make.made_up_nir(990_002, born_on=date(1988, 4, 3)),
        "given_name": "Odile",
        "family_name": "Sarrazin",
        "birth_date": "3 4 1988",
        "regime": "general",
        "valid_from": "1 9 2026",
        "evidence": "counter",
    }
    return Sent(town.agent, reverse("fund_admit"), form, "people.person.admitted")


@acts("fund_person_rights")
def a_right_is_written(town: Town) -> Sent:
    path = reverse("fund_person_rights", args=[town.here.patient().public_id])
    form = CSS | {"exemption-evidence": "counter"}
    return Sent(town.agent, path, form, "rights.right.opened")


@acts("fund_right")
def a_right_ends(town: Town) -> Sent:
    who = town.here.patient()
    row = make.exemption(who, "css", valid_from=LONG_AGO)
    path = reverse("fund_right", args=[who.public_id, row.public_id])
    form = {"act": "end", "end-ends_on": "31 12 2026", "end-evidence": "counter"}
    return Sent(town.agent, path, form, "rights.right.ended")


@acts("fund_declaration")
def a_declaration_is_answered(town: Town) -> Sent:
    made = declarations.declare(
        town.here.patient().pk,
        fund_code=make.FUND,
        content=Right("exemption", LONG_AGO, kind="css").told(),
        declared_at=NOW,
        declared_by="person",
    )
    path = reverse("fund_declaration", args=[made.public_id])
    return Sent(town.agent, path, {"answer": "accepted"}, "rights.declaration.answered")


@acts("own_bank")
def an_account_is_given(town: Town) -> Sent:
    browser = town.browser(make.account(Role.PERSON, person=town.here.patient()))
    form = {"holder_name": "Camille Exemple", "iban": paying.IBANS[1]}
    return Sent(browser, reverse("own_bank"), form, "payments.bank_detail.given")


@acts("fund_money")
def transfers_are_prepared(town: Town) -> Sent:
    paying.to_release(town.here.place, town.here.patient(), fund_code=make.FUND)
    paying.owed_claims(town.here.place, town.here.patient(), 1, fund_code=make.FUND)
    path = reverse("fund_money")
    form = filled(town.agent, path, cut_off_on=paying.ON.isoformat())
    return Sent(town.agent, path, form, "payments.order.prepared")


@acts("fund_order")
def transfers_are_released(town: Town) -> Sent:
    order = paying.to_release(town.here.place, town.here.patient(), fund_code=make.FUND)
    path = reverse("fund_order", args=[order.public_id])
    return Sent(town.agent, path, {"act": "release"}, "payments.order.released")


@acts("fund_undue")
def an_undue_sum_is_given_back(town: Town) -> Sent:
    who = town.here.patient()
    claim = paying.paid_then_refused(town.here.place, who, fund_code=make.FUND)
    payer = f"fund:{make.FUND}"
    paying.bank_says(paying.Movement("", 3000, "returned", reference="C"), payer=payer)
    [came] = payments.came_in(payer)
    form = {"claim": str(claim.public_id), "kind": "psychologist", "line": came.pk}
    return Sent(town.agent, reverse("fund_undue"), form, "payments.undue.recovered")


@acts("fund_accounts")
def an_account_is_confirmed(town: Town) -> Sent:
    who = town.here.patient()
    given = give_bank_detail(
        actor=Actor("person", person_id=who.pk),
        iban=paying.IBANS[0],
        holder_name="Camille Exemple",
        at=NOW,
    )
    form = {"account": str(given.public_id), "answer": "confirmed"}
    return Sent(town.agent, reverse("fund_accounts"), form, "payments.bank_detail.answered")


def _insured(town: Town) -> tuple[Client, str]:
    """The agent of an insurer, and the page of a claim that leaves it a part."""
    who = town.here.patient()
    who.covers.update(insurer_code="0099900001")
    claim = town.here.claim(town.here.sheet(who))
    agent = town.browser(make.account(Role.INSURER_AGENT, insurer_code="0099900001"))
    return agent, reverse("insurer_part", args=[claim.public_id])


@acts("insurer_part")
def an_insurer_refuses_its_part(town: Town) -> Sent:
    agent, path = _insured(town)
    return Sent(agent, path, {"reason": "paid_elsewhere"}, "insurance.part.decided")


@acts("insurer_parts")
def an_insurer_decides_what_waits(town: Town) -> Sent:
    agent, _path = _insured(town)
    return Sent(agent, reverse("insurer_parts"), {}, "insurance.part.decided")


@acts("questionnaire")
def questions_are_answered(town: Town) -> Sent:
    _who, _browser, _booked, asked = measured(town)
    # Nobody signed in: the menu of who did carries a token that differs at every drawing.
    return Sent(Client(), questions_path(asked.public_id), SHEET, "measures.outcome.filled")


@acts("visit_measures")
def a_questionnaire_is_asked(town: Town) -> Sent:
    _who, _browser, booked, _asked = measured(town)
    path = reverse("visit_measures", args=[booked.public_id])
    form = {"scale": "phq-9"}
    return Sent(town.psychologist, path, form, "measures.questionnaire.asked")


@acts("paper")
def a_sheet_is_entered(town: Town) -> Sent:
    _who, _browser, booked, _asked = measured(town)
    path = reverse("paper", args=[booked.public_id])
    form = SHEET | {"scale": "gad-7", "filled_on": NOW.date().isoformat()}
    return Sent(town.psychologist, path, form, "measures.outcome.entered")


@acts("review")
def an_outcome_is_said_to_be_read(town: Town) -> Sent:
    _who, _browser, outcome = answered(town)
    path = reverse("review", args=[outcome])
    return Sent(town.psychologist, path, {"done": "read"}, "measures.outcome.reviewed")


# Programs


def program(town: Town) -> Program:
    return Program(key_of(make.account(Role.PERSON, person=town.here.patient())))


def wanted(town: Town, hour: int = 9) -> dict[str, Any]:
    told = town.asked(hour)
    return {"place": int(told["place"]), "starts_at": told["starts"]}


def to_hold(town: Town) -> dict[str, Any]:
    return wanted(town) | {"psychologist": str(town.here.psychologist.public_id)}


@acts("care")
def what_was_agreed_is_written(town: Town) -> Sent:
    who, _browser, _episode = cared_for(town)
    form = {"act": "plan", "plan-planned_sessions": "6", "plan-limit_told": "on"}
    path = reverse("care", args=[who.public_id])
    return Sent(town.psychologist, path, form, "care.episode.planned")


@acts("notes")
def a_note_is_written(town: Town) -> Sent:
    who, _browser, _episode = cared_for(town)
    form = {
        "about_on": town.here.today.isoformat(),
        "text": "Dort mieux",
        "note": str(uuid.uuid4()),
        "window": str(uuid.uuid4()),
        "after": "0",
    }
    path = reverse("notes", args=[who.public_id])
    return Sent(town.psychologist, path, form, "care.note.written")


@acts("pass_on")
def a_hand_over_is_agreed_to(town: Town) -> Sent:
    who, browser, episode = cared_for(town)
    other = make.psychologist()
    make.care_session(who, make.place(other), held_on=town.here.today, kind="follow_up")
    form = {"to": str(other.public_id), "items": ["sessions"]}
    path = reverse("pass_on", args=[episode.public_id])
    return Sent(browser, path, form, "care.hand_over.agreed")


@acts("visit_writings")
def a_doctor_s_letter_is_fetched(town: Town) -> Sent:
    who, _browser = town.person()
    page = Client().post(reverse("doctor_letter"), A_DOCTOR_S).content.decode()
    [code] = re.findall(r"<code>(.+?)</code>", page)
    path = reverse("visit_writings", args=[town.here.booking(who, begins_in_h=48).public_id])
    form = {"code": code, "sure": "on"}
    return Sent(town.psychologist, path, form, "writings.writing.received")


@acts("write")
def a_document_is_signed(town: Town) -> Sent:
    _who, path = a_visit(town)
    event = "writings.writing.begun writings.writing.signed"
    return Sent(town.psychologist, path, SIGNAL | {"sign": "1"}, event)


@acts("rewrite")
def a_draft_is_signed(town: Town) -> Sent:
    _who, path = a_signal(town, "rewrite")
    form = SIGNAL | {"sign": "1"}
    return Sent(town.psychologist, path, form, "writings.writing.signed")


@acts("doctor_letter")
def a_doctor_leaves_a_letter(town: Town) -> Sent:
    """The answer is the page with the code; sent again it is the same code."""
    return Sent(Client(), reverse("doctor_letter"), LETTER, "writings.deposit.left")


@acts("hand_over")
def a_document_is_handed_over(town: Town) -> Sent:
    _who, path = a_signal(town, "hand_over", sign="1")
    form = {"to": "treating_doctor", "agreed": "on"}
    return Sent(town.psychologist, path, form, "writings.writing.handed_over")


@acts("api_hold")
def a_program_of_the_practice_keeps_a_time_for_somebody_new(town: Town) -> Sent:
    # Nothing but the key tells that it is the same newcomer.
    asks = Program(key_of(town.here.account))
    return Sent(asks, reverse("api_hold"), to_hold(town), "agenda.booking.held")


@acts("api_confirm")
def a_program_makes_an_appointment(town: Town) -> Sent:
    asks = program(town)
    held = asks.post(reverse("api_hold"), to_hold(town)).json()["id"]
    return Sent(asks, reverse("api_confirm", args=[held]), {}, "agenda.booking.confirmed")


def by_program(town: Town, route: str, form: dict[str, Any], event: str) -> Sent:
    booked = town.here.booking(town.here.patient(), begins_in_h=72)
    return Sent(program(town), reverse(route, args=[booked.public_id]), form, event)


@acts("api_cancel")
def a_program_cancels(town: Town) -> Sent:
    return by_program(town, "api_cancel", {}, "agenda.booking.cancelled")


@acts("api_move")
def a_program_moves(town: Town) -> Sent:
    return by_program(town, "api_move", wanted(town, 10), "agenda.booking.moved")


@acts("api_send")
def a_program_sends_a_sheet(town: Town) -> Sent:
    path = reverse("api_send", args=[town.here.sheet(town.here.patient()).public_id])
    return Sent(Program(key_of(town.here.account)), path, {}, "claims.claim.sent")


# The proof


def acting() -> set[str]:
    """The addresses whose steps book, claim or pay for somebody, or tell somebody something."""
    about = {Data.HEALTH, Data.CLINICAL, Data.MONEY}
    return {
        route
        for route, access in ACCESS.items()
        if any(RULES[step].data & about for step in access.writes)
    } - NOT_ACTS


def test_every_address_that_acts_is_told_here():
    assert set(ACTS) == acting()


def test_the_page_tells_each_of_them():
    told = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "repeats.md").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(ACTS)


def one_more(sent: Sent, before: Counter[str]) -> None:
    """Each event once more, and no letter twice."""
    done = sent.effects() - before
    events = sent.event.split()
    assert {name: done[name] for name in events} == dict.fromkeys(events, 1), done
    assert all(count == 1 for name, count in done.items()), done


@pytest.mark.django_db
@pytest.mark.parametrize("route", ACTS)
def test_sent_twice_in_a_row_it_is_done_once(town: Town, route: str):
    sent, key = ACTS[route](town), uuid.uuid4().hex
    before = sent.effects()
    first = sent.again(key)
    assert first[0] in (200, 201, 302), first
    assert sent.again(key) == first
    one_more(sent, before)


@pytest.mark.django_db
@pytest.mark.parametrize("route", ACTS)
def test_an_answer_that_was_lost_is_given_again(town: Town, route: str):
    """The process ends after the commit: no answer, and nothing that the session learned."""
    sent, key = ACTS[route](town), uuid.uuid4().hex
    before = sent.effects()
    sessions = list(Session.objects.all())
    lost = sent.again(key)
    Session.objects.all().delete()
    Session.objects.bulk_create(sessions)
    assert sent.again(key) == lost
    one_more(sent, before)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", ACTS)
def test_a_hundred_at_once_are_one(town: Town, route: str):
    sent, key = ACTS[route](town), uuid.uuid4().hex
    before = sent.effects()
    answers = at_once(lambda: sent.again(key))
    assert len(set(answers)) == 1, Counter(answers)
    one_more(sent, before)


def at_once(ask: Callable[[], Any]) -> list[Any]:
    """A hundred askings by so many connections that all start together."""
    start = threading.Barrier(LINES)

    def line() -> list[Any]:
        with closing(connection):
            connection.ensure_connection()
            start.wait(timeout=30)
            return [ask() for _number in range(AT_ONCE // LINES)]

    with ThreadPoolExecutor(LINES) as pool:
        lines = [pool.submit(line) for _number in range(LINES)]
        return [answer for found in lines for answer in found.result()]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("route", ["call_back", "join_around"])
def test_twin_without_the_lock_of_the_key_it_is_done_several_times(
    town: Town, route: str, monkeypatch: pytest.MonkeyPatch
):
    """The unique constraint is the lock: without it, those who come together all act."""
    together, number = threading.Barrier(2), 2
    create = Ask.objects.create

    def meeting(**told: Any) -> tuple[Ask, bool]:
        """Look first, write after, and nothing in between: what the constraint makes safe."""
        found = Ask.objects.filter(owner=told["owner"], key=told["key"]).first()
        together.wait(timeout=30)
        defaults = told.pop("defaults")
        return (found, False) if found else (create(**told, **defaults), True)

    sent, key = ACTS[route](town), uuid.uuid4().hex
    before = sent.effects()
    with without_in_postgresql("idempotency_ask", "idempotency_ask_once"):
        monkeypatch.setattr(Ask.objects, "get_or_create", meeting)
        with ThreadPoolExecutor(number) as pool:
            list(pool.map(lambda _number: closing_after(sent, key), range(number)))
    assert (sent.effects() - before)[sent.event] == number


def closing_after(sent: Sent, key: str) -> Any:
    with closing(connection):
        return sent.again(key)


@pytest.mark.django_db
def test_while_it_runs_another_waits_and_a_dead_one_frees_its_key(town: Town):
    sent = ACTS["api_hold"](town)
    assert isinstance(sent.client, Program)
    wish = wish_like(sent, "one")
    row, attempt = idempotency.take(wish, at=NOW, lease=repeats.LEASE, kept=repeats.KEPT)
    assert attempt is not None
    busy = sent.client.post(sent.path, sent.form, again="one")
    assert (busy.status_code, busy.json()["code"]) == (409, "still_running")
    assert busy["Retry-After"] == "1"
    with time_machine.travel(NOW + repeats.LEASE, tick=False):
        taken = sent.client.post(sent.path, sent.form, again="one")
    assert taken.status_code == 201
    # Whoever was only slow comes too late to answer, and therefore to act.
    assert not idempotency.answer(row, attempt, status=201, text="late")


@pytest.mark.django_db
def test_whoever_was_too_slow_takes_back_what_it_did(town: Town):
    """The answer and the effect are one: without the first, nothing of the second is left."""
    who = town.here.patient()
    wish = repeats.wish_of(owner="me", key="one", what="POST /", body=b"")

    def slow() -> repeats.Told:
        booked = town.here.booking(who, begins_in_h=72)
        Ask.objects.update(attempt=uuid.uuid4())
        return repeats.Told(200, str(booked.pk))

    with pytest.raises(Refusal, match="still_running"):
        repeats.once(wish, slow, at=NOW)
    assert Booking.objects.count() == 0


def wish_like(sent: Sent, key: str) -> idempotency.Wish:
    """The wish of a request, as its own answer tells it: made once, then set free."""
    assert isinstance(sent.client, Program)
    kept: list[idempotency.Wish] = []
    take = idempotency.take

    def seen(wish: idempotency.Wish, **more: Any) -> Any:
        kept.append(wish)
        raise Refusal("still_running", seconds=1)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(idempotency, "take", seen)
        sent.client.post(sent.path, sent.form, again=key)
    assert take is idempotency.take
    return kept[0]
