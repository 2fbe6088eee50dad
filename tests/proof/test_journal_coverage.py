"""Every page that shows somebody's data leaves one line of the journal, and no page leaves two.

The addresses are walked: one that does not say which steps it takes (``web/access.py``) fails,
and so does one whose steps touch somebody's data without a request here that tries it.
"""

from __future__ import annotations

import ast
import re
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests import paying
from tests.doors.api.program import Program, key_of
from tests.doors.web.documents.papers import a_paper, a_pdf, sent
from tests.doors.web.person.practice import TYPED
from tests.doors.web.psychologist.practice import LONG_AGO, Practice, practice
from tests.doors.web.waiting.test_pages import ASK, COMES, JOIN
from tests.house.sources import PACKAGE
from tests.proof.pages import routes

from soutien.doors.booking_links import booking_path
from soutien.doors.measure_links import questions_path
from soutien.doors.waiting_links import CONSENT, OFFER, REQUEST, WAIT, waiting_path
from soutien.doors.web.access import ACCESS
from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.audit.reading import verify
from soutien.registers.care import notes
from soutien.registers.care.models import Episode, HandOver, Note
from soutien.registers.claims.models import Claim
from soutien.registers.corrections import queries as corrections
from soutien.registers.documents import queries as documents
from soutien.registers.guardians import queries as guardians
from soutien.registers.guardians.models import Signature
from soutien.registers.measures.models import Questionnaire
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import Order
from soutien.registers.people.models import Person
from soutien.registers.rights import queries as declarations
from soutien.registers.waiting.models import Request, Wait
from soutien.registers.writings.models import ACCOMPANIMENT, REFERRAL, Deposit, Writing
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.bank import BankDetailView, give_bank_detail
from soutien.steps.entitled import Right
from soutien.steps.measure import ask_questionnaire, fill_questionnaire
from soutien.steps.pay import release_order
from soutien.steps.permissions import RULES, Data
from soutien.steps.share import share_calendar
from soutien.steps.trace import EVENTS
from soutien.steps.transcribe import type_amounts
from soutien.steps.wait import offer_freed_slot

pytestmark = pytest.mark.django_db
STEPS = PACKAGE / "steps"
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
# What touches somebody's data, in steps/permissions.py.
PERSONAL = {Data.IDENTITY, Data.HEALTH, Data.CLINICAL, Data.MONEY}


# Every file of steps, so that each tells its event.
for _module in STEPS.glob("*.py"):
    import_module(f"soutien.steps.{_module.stem}")
# Steps of entering and protecting one's own account: they tell what they refuse by themselves.
OF_ONE_S_OWN_ACCOUNT = {
    step
    for name in ("enter", "entrust", "identify", "link", "protect", "recover")
    for step in vars(sys.modules.get(f"soutien.steps.{name}", ast))
    if step in RULES
} | {"take_own_space"}


def sensitive() -> set[str]:
    """The addresses whose steps touch the data of somebody in care."""
    found = set()
    for route, access in ACCESS.items():
        steps = {step for step in (*access.reads, *access.writes) if RULES[step].data & PERSONAL}
        if steps - OF_ONE_S_OWN_ACCOUNT:
            found.add(route)
    return found


@dataclass
class Town:
    """A practice with patients, a fund, and people who sign in."""

    here: Practice
    browsers: dict[int, Client]

    def browser(self, account: Account | None = None) -> Client:
        """The browser of an account; a new one of nobody's."""
        if account is None:
            return Client()
        if account.pk not in self.browsers:
            self.browsers[account.pk] = Client()
            self.browsers[account.pk].force_login(account)
        return self.browsers[account.pk]

    def person(self) -> tuple[Person, Client]:
        """Somebody with rights, signed in."""
        who = self.here.patient()
        return who, self.browser(make.account(Role.PERSON, person=who))

    @property
    def psychologist(self) -> Client:
        return self.browser(self.here.account)

    @property
    def agent(self) -> Client:
        return self.browser(self.here.agent)

    def opens(self) -> None:
        """The practice receives every day from 8 to 18."""
        for weekday in range(7):
            make.opening(
                self.here.place,
                weekday,
                valid_from=datetime(2022, 6, 1, tzinfo=UTC).date(),
                starts_at_minute=8 * 60,
                ends_at_minute=18 * 60,
                modality="both",
            )

    def asked(self, hour: int = 9) -> dict[str, str]:
        """The form of the first screen, for a Monday."""
        starts_at = datetime(2026, 12, 7, hour, tzinfo=UTC)
        return {
            "place": str(self.here.place.pk),
            "starts": starts_at.isoformat(),
            "kind": "evaluation",
            "modality": "in_person",
        }

    def slot(self) -> str:
        return reverse("book_slot", args=[self.here.psychologist.public_id])

    def kept(self, browser: Client) -> str:
        """A time kept by a browser: the address of its second screen."""
        return str(browser.post(self.slot(), self.asked())["Location"])

    def waiter(self) -> Wait:
        """Somebody who waits around."""
        answer = Client().post(reverse("join_around"), JOIN)
        assert answer.status_code == 302
        return Wait.objects.latest("pk")

    def asker(self) -> Request:
        """Somebody who asked to be called back."""
        path = reverse("call_back", args=[self.here.psychologist.public_id])
        assert Client().post(path, ASK).status_code == 302
        return Request.objects.latest("pk")


@dataclass(frozen=True)
class Tried:
    """A request, and the one line it must leave: its event, and whom it names."""

    browser: Client
    path: str
    event: str
    people: tuple[int | None, ...] = ()
    form: dict[str, Any] | None = None
    result: str = "done"
    status: int | None = None


Trial = Callable[[Town], Tried]
TRIALS: dict[str, list[Trial]] = {}


def trial(route: str) -> Callable[[Trial], Trial]:
    def kept(made: Trial) -> Trial:
        TRIALS.setdefault(route, []).append(made)
        return made

    return kept


@pytest.fixture
def town() -> Iterator[Town]:
    with time_machine.travel(NOW, tick=False):
        yield Town(practice(NOW), {})


# A child's consents


def consented(town: Town) -> tuple[Person, Booking, Signature]:
    """A child with an appointment, whose two parents agreed."""
    child = town.here.patient(birth_date="2018-05-17")
    booked = town.here.booking(child, begins_in_h=72)
    signed, _other = make.consents(child, town.here.psychologist, at=NOW)
    return child, booked, signed


@trial("booking_consents")
def consents_are_read_by_the_appointment(town: Town) -> Tried:
    child, booked, _signed = consented(town)
    path = booking_path(booked.public_id, "booking_consents")
    return Tried(Client(), path, "guardians.consents.opened", (child.pk,))


@trial("consent_link")
def a_holder_reads_what_is_asked(town: Town) -> Tried:
    child, _booked, signed = consented(town)
    link = make.consent_link(signed.holder, town.here.psychologist, at=NOW)
    path = waiting_path(CONSENT, link.public_id)
    return Tried(Client(), path, "guardians.link.opened", (child.pk,))


@trial("consent_paper")
def a_holder_keeps_what_was_signed(town: Town) -> Tried:
    child, _booked, signed = consented(town)
    link = make.consent_link(signed.holder, town.here.psychologist, at=NOW)
    path = f"{waiting_path(CONSENT, link.public_id)}/{signed.public_id}.pdf"
    return Tried(Client(), path, "guardians.signature.opened", (child.pk,))


@trial("visit_consents")
def the_psychologist_reads_who_agreed(town: Town) -> Tried:
    child, booked, _signed = consented(town)
    path = reverse("visit_consents", args=[booked.public_id])
    events = "guardians.consents.opened"
    return Tried(town.psychologist, path, events, (child.pk,))


@trial("holder_paper")
def the_psychologist_reads_the_paper_of_a_parent(town: Town) -> Tried:
    child, _booked, signed = consented(town)
    sent = guardians.keep_paper(signed.holder, content_type="image/png", content=b"x", at=NOW)
    path = reverse("holder_paper", args=[sent.public_id])
    return Tried(town.psychologist, path, "guardians.paper.opened", (child.pk,))


@trial("visit_signature")
def the_psychologist_keeps_what_was_signed(town: Town) -> Tried:
    child, _booked, signed = consented(town)
    path = reverse("visit_signature", args=[signed.public_id])
    return Tried(town.psychologist, path, "guardians.signature.opened", (child.pk,))


@trial("patient_space")
def the_psychologist_looks_whether_somebody_has_a_space(town: Town) -> Tried:
    child, _booked, _signed = consented(town)
    path = reverse("patient_space", args=[child.public_id])
    return Tried(town.psychologist, path, "accounts.space.opened", (child.pk,))


# One's own pages


@trial("year")
def the_year_is_opened(town: Town) -> Tried:
    who, browser = town.person()
    town.here.booking(who, begins_in_h=48)
    return Tried(browser, reverse("year"), "care.year.opened", (who.pk,))


@trial("own_accesses")
def one_s_accesses_are_read(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_accesses"), "audit.accesses.opened", (who.pk,))


@trial("own_data")
def what_is_kept_is_read(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_data"), "people.data.opened", (who.pk,))


@trial("own_data_json")
def everything_is_taken_away(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_data_json"), "people.data.downloaded", (who.pk,))


@trial("own_data_pdf")
def everything_is_printed(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_data_pdf"), "people.data.downloaded", (who.pk,))


@trial("own_data_zip")
def everything_is_taken_twice_in_one(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_data_zip"), "people.data.downloaded", (who.pk,))


@trial("own_consents")
def what_was_agreed_to_is_read(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_consents"), "consents.list.opened", (who.pk,))


@trial("own_consents")
def a_use_is_agreed_to(town: Town) -> Tried:
    who, browser = town.person()
    form = {"purpose": "research", "version": "1", "answer": "yes"}
    path = reverse("own_consents")
    return Tried(browser, path, "consents.consent.given", (who.pk,), form)


def measured(town: Town, scale: str = "gad-7") -> tuple[Person, Client, Booking, Questionnaire]:
    """Somebody who was asked some questions before an appointment."""
    who, browser = town.person()
    booked = town.here.booking(who, begins_in_h=48)
    asked = ask_questionnaire(
        actor=town.here.actor, booking_id=booked.public_id, scale=scale, at=NOW
    )
    return who, browser, booked, asked


def answered(town: Town) -> tuple[Person, Client, uuid.UUID]:
    """Somebody who answered them."""
    who, browser, _booked, asked = measured(town)
    told = fill_questionnaire(
        actor=ANONYMOUS, questionnaire_id=asked.public_id, answers=(0,) * 7, at=NOW
    )
    return who, browser, told.public_id


SHEET = {"count": "7", **{f"q{number}": "0" for number in range(1, 8)}}


@trial("questionnaire")
def questions_are_opened_by_their_link(town: Town) -> Tried:
    who, _browser, _booked, asked = measured(town)
    path = questions_path(asked.public_id)
    return Tried(Client(), path, "measures.questionnaire.opened", (who.pk,))


@trial("questionnaire")
def questions_are_answered(town: Town) -> Tried:
    who, browser, _booked, asked = measured(town)
    path = questions_path(asked.public_id)
    return Tried(browser, path, "measures.outcome.filled", (who.pk,), SHEET, status=200)


@trial("own_measures")
def one_s_curve_is_opened(town: Town) -> Tried:
    who, browser, _outcome = answered(town)
    return Tried(browser, reverse("own_measures"), "measures.curve.opened", (who.pk,))


@trial("outcome")
def one_s_answers_are_read_again(town: Town) -> Tried:
    who, browser, outcome = answered(town)
    path = reverse("outcome", args=[outcome])
    return Tried(browser, path, "measures.outcome.opened", (who.pk,))


@trial("outcome")
def somebody_else_s_answers_are_refused(town: Town) -> Tried:
    who, _browser, outcome = answered(town)
    path, event = reverse("outcome", args=[outcome]), "measures.outcome.opened"
    _other, stranger = town.person()
    return Tried(stranger, path, event, (who.pk,), result="refused", status=404)


@trial("unread")
def what_is_to_be_read_is_listed(town: Town) -> Tried:
    who, _browser, _outcome = answered(town)
    return Tried(town.psychologist, reverse("unread"), "measures.list.opened", (who.pk,))


@trial("review")
def an_outcome_is_read(town: Town) -> Tried:
    who, _browser, outcome = answered(town)
    path = reverse("review", args=[outcome])
    return Tried(town.psychologist, path, "measures.outcome.opened", (who.pk,))


@trial("review")
def an_outcome_is_said_to_be_read(town: Town) -> Tried:
    who, _browser, outcome = answered(town)
    path, form = reverse("review", args=[outcome]), {"done": "read"}
    return Tried(town.psychologist, path, "measures.outcome.reviewed", (who.pk,), form)


@trial("visit_measures")
def the_outcomes_of_a_pair_are_opened(town: Town) -> Tried:
    who, _browser, booked, _asked = measured(town)
    path = reverse("visit_measures", args=[booked.public_id])
    return Tried(town.psychologist, path, "measures.curve.opened", (who.pk,))


@trial("visit_measures")
def a_questionnaire_is_asked(town: Town) -> Tried:
    who, _browser, booked, _asked = measured(town)
    path = reverse("visit_measures", args=[booked.public_id])
    event, form = "measures.questionnaire.asked", {"scale": "phq-9"}
    return Tried(town.psychologist, path, event, (who.pk,), form)


@trial("paper")
def a_sheet_is_chosen(town: Town) -> Tried:
    who, _browser, booked, _asked = measured(town)
    path = reverse("paper", args=[booked.public_id])
    return Tried(town.psychologist, path, "measures.curve.opened", (who.pk,))


@trial("paper")
def a_sheet_is_entered(town: Town) -> Tried:
    who, _browser, booked, _asked = measured(town)
    path = reverse("paper", args=[booked.public_id])
    form = SHEET | {"scale": "gad-7", "filled_on": NOW.date().isoformat()}
    return Tried(town.psychologist, path, "measures.outcome.entered", (who.pk,), form)


@trial("own_documents")
def one_s_papers_are_listed(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_documents"), "documents.list.opened", (who.pk,))


@trial("own_documents")
def a_paper_is_added(town: Town) -> Tried:
    who, browser = town.person()
    form = {"kind": "other", "file": sent(a_pdf(), "application/pdf")}
    return Tried(browser, reverse("own_documents"), "documents.document.added", (who.pk,), form)


@trial("own_documents")
def a_paper_is_removed(town: Town) -> Tried:
    who, browser = town.person()
    form = {"remove": str(a_paper(who).public_id)}
    return Tried(browser, reverse("own_documents"), "documents.document.removed", (who.pk,), form)


@trial("document")
def a_paper_is_read_by_who_treats(town: Town) -> Tried:
    who, _browser = town.person()
    town.here.booking(who, begins_in_h=48)
    path = reverse("document", args=[a_paper(who).public_id])
    return Tried(town.psychologist, path, "documents.document.opened", (who.pk,))


@trial("document")
def somebody_else_s_paper_is_refused(town: Town) -> Tried:
    who, (_other, browser) = town.here.patient(), town.person()
    path = reverse("document", args=[a_paper(who).public_id])
    event = "documents.document.opened"
    return Tried(browser, path, event, (who.pk,), result="refused", status=404)


@trial("visit_documents")
def the_papers_of_who_comes_are_listed(town: Town) -> Tried:
    who, _browser = town.person()
    booked = town.here.booking(who, begins_in_h=48)
    path = reverse("visit_documents", args=[booked.public_id])
    return Tried(town.psychologist, path, "documents.list.opened", (who.pk,))


A_DOCTOR_S = {
    "given_name": "Camille",
    "family_name": "Exemple",
    "birth_date": "17 05 1990",
    "doctor": "Alix Modèle",
    "referrer": "gp",
    "number": "019990001",
    "linked_to": "",
    "reasons": "Dort mal",
    "page_key": "of the page where it was typed",
}


@trial("doctor_letter")
def a_doctor_leaves_a_letter(town: Town) -> Tried:
    path, event = reverse("doctor_letter"), "writings.deposit.left"
    return Tried(Client(), path, event, (None,), A_DOCTOR_S, status=200)


def a_doctor(town: Town) -> tuple[Client, Deposit]:
    """A doctor with an account who left a letter."""
    browser = town.browser(make.account(Role.DOCTOR))
    assert browser.post(reverse("doctor_letter"), A_DOCTOR_S).status_code == 200
    return browser, Deposit.objects.latest("pk")


@trial("own_letters")
def a_doctor_reads_their_list(town: Town) -> Tried:
    browser, _deposit = a_doctor(town)
    return Tried(browser, reverse("own_letters"), "writings.deposit.listed", (None,))


@trial("own_letter_pdf")
def a_doctor_prints_again(town: Town) -> Tried:
    browser, deposit = a_doctor(town)
    path = reverse("own_letter_pdf", args=[deposit.public_id])
    return Tried(browser, path, "writings.deposit.opened", (None,))


def fetched(town: Town) -> tuple[Person, Client]:
    """Somebody whose psychologist fetched a doctor's letters."""
    who, browser = town.person()
    path = reverse("visit_writings", args=[town.here.booking(who, begins_in_h=48).public_id])
    page = Client().post(reverse("doctor_letter"), A_DOCTOR_S).content.decode()
    [code] = re.findall(r"<code>(.+?)</code>", page)
    assert town.psychologist.post(path, {"code": code, "sure": "on"}).status_code == 302
    return who, browser


@trial("visit_writings")
def what_was_written_is_listed(town: Town) -> Tried:
    who, _browser = fetched(town)
    booked = Booking.objects.filter(person=who).latest("pk")
    path = reverse("visit_writings", args=[booked.public_id])
    return Tried(town.psychologist, path, "writings.list.opened", (who.pk,))


@trial("visit_writings")
def a_letter_is_fetched(town: Town) -> Tried:
    who, _browser = town.person()
    page = Client().post(reverse("doctor_letter"), A_DOCTOR_S).content.decode()
    [code] = re.findall(r"<code>(.+?)</code>", page)
    path = reverse("visit_writings", args=[town.here.booking(who, begins_in_h=48).public_id])
    form = {"code": code, "sure": "on"}
    return Tried(town.psychologist, path, "writings.writing.received", (who.pk,), form)


def _of(route: str, kind: str, event: str) -> Trial:
    def tried(town: Town) -> Tried:
        who, browser = fetched(town)
        found = Writing.objects.get(person=who, kind=kind)
        return Tried(browser, reverse(route, args=[found.public_id]), event, (who.pk,))

    return tried


for _ending in ("", "_pdf", "_json"):
    trial(f"letter{_ending}")(_of(f"letter{_ending}", REFERRAL, "writings.letter.opened"))
    trial(f"writing{_ending}")(_of(f"writing{_ending}", ACCOMPANIMENT, "writings.writing.opened"))


SIGNAL = {"recipient": "", "observed": "Dort mal", "asked": ""}


def a_visit(town: Town) -> tuple[Person, str]:
    who, _browser = town.person()
    booked = town.here.booking(who, begins_in_h=48)
    return who, reverse("write", args=[booked.public_id, "doctor_signal"])


def a_signal(town: Town, route: str, **words: str) -> tuple[Person, str]:
    """A letter of the psychologist, and the address where more is done with it."""
    who, path = a_visit(town)
    assert town.psychologist.post(path, SIGNAL | words).status_code == 302
    return who, reverse(route, args=[Writing.objects.get(person=who).public_id])


@trial("write")
def a_document_is_prepared(town: Town) -> Tried:
    who, path = a_visit(town)
    return Tried(town.psychologist, path, "writings.writing.prepared", (who.pk,))


@trial("write")
def a_document_is_begun(town: Town) -> Tried:
    who, path = a_visit(town)
    return Tried(town.psychologist, path, "writings.writing.begun", (who.pk,), SIGNAL)


@trial("blank_form_pdf")
def a_form_for_a_child_is_printed(town: Town) -> Tried:
    child = town.here.patient(birth_date="2015-03-02")
    booked = town.here.booking(child, begins_in_h=48)
    path = reverse("blank_form_pdf", args=[booked.public_id, "accord"])
    return Tried(town.psychologist, path, "writings.writing.prepared", (child.pk,))


@trial("rewrite")
def a_draft_is_opened(town: Town) -> Tried:
    who, path = a_signal(town, "rewrite")
    return Tried(town.psychologist, path, "writings.writing.opened", (who.pk,))


@trial("rewrite")
def a_draft_is_changed(town: Town) -> Tried:
    who, path = a_signal(town, "rewrite")
    form = SIGNAL | {"asked": "Un avis"}
    return Tried(town.psychologist, path, "writings.writing.changed", (who.pk,), form)


@trial("hand_over")
def a_passage_is_opened(town: Town) -> Tried:
    who, path = a_signal(town, "hand_over", sign="1")
    return Tried(town.psychologist, path, "writings.writing.opened", (who.pk,))


@trial("hand_over")
def a_document_is_handed_over(town: Town) -> Tried:
    who, path = a_signal(town, "hand_over", sign="1")
    form = {"to": "cmp", "agreed": "on"}
    return Tried(town.psychologist, path, "writings.writing.handed_over", (who.pk,), form)


@trial("writing_parents")
def who_may_read_a_document_is_opened(town: Town) -> Tried:
    who, path = a_signal(town, "writing_parents", sign="1")
    return Tried(town.psychologist, path, "writings.showing.opened", (who.pk,))


def cared_for(town: Town) -> tuple[Person, Client, Episode]:
    """Somebody whose care began an hour ago."""
    who, browser = town.person()
    town.here.sheet(who)
    return who, browser, Episode.objects.get(person=who)


@trial("patients")
def the_patients_are_listed(town: Town) -> Tried:
    who, _browser = town.person()
    town.here.booking(who, begins_in_h=48)
    return Tried(town.psychologist, reverse("patients"), "care.patients.listed", (who.pk,))


@trial("care")
def a_care_is_read_by_its_psychologist(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    path = reverse("care", args=[who.public_id])
    return Tried(town.psychologist, path, "care.episode.opened", (who.pk,))


@trial("care")
def what_was_agreed_is_written(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    form = {"act": "plan", "plan-planned_sessions": "6"}
    path = reverse("care", args=[who.public_id])
    return Tried(town.psychologist, path, "care.episode.planned", (who.pk,), form)


@trial("care")
def a_review_is_written(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    form = {"act": "mid_course", "mid_course-change": "better", "mid_course-conclusion": "Mieux"}
    path = reverse("care", args=[who.public_id])
    return Tried(town.psychologist, path, "care.review.written", (who.pk,), form)


@trial("care")
def a_care_is_ended(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    today = town.here.today.isoformat()
    form = {"act": "close", "close-ended_for": "finished", "close-last_day": today}
    path = reverse("care", args=[who.public_id])
    return Tried(town.psychologist, path, "care.episode.ended", (who.pk,), form)


@trial("care")
def the_care_of_somebody_else_s_patient_is_refused(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("care", args=[who.public_id])
    event = "care.episode.opened"
    return Tried(town.psychologist, path, event, (who.pk,), result="refused", status=404)


def noted(town: Town, who: Person) -> Note:
    """A note of the psychologist on somebody."""
    note = notes.begin(
        uuid.uuid4(),
        author_id=town.here.psychologist.pk,
        person_id=who.pk,
        window=uuid.uuid4(),
        about_on=town.here.today,
        at=NOW,
    )
    notes.write(note, "Dort mal", kept=True, sitting=timedelta(0), at=NOW)
    return note


def note_form(town: Town, note: uuid.UUID, after: int = 0) -> dict[str, str]:
    """The form of a note, as the page sends it."""
    return {
        "note": str(note),
        "window": str(uuid.uuid4()),
        "after": str(after),
        "about_on": town.here.today.isoformat(),
        "text": "Dort mieux",
    }


@trial("notes")
def one_s_notes_are_listed(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    path = reverse("notes", args=[who.public_id])
    return Tried(town.psychologist, path, "care.note.listed", (who.pk,))


@trial("notes")
def a_note_is_begun(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    path, form = reverse("notes", args=[who.public_id]), note_form(town, uuid.uuid4())
    return Tried(town.psychologist, path, "care.note.written", (who.pk,), form)


@trial("note")
def a_note_is_opened(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    path = reverse("note", args=[noted(town, who).public_id])
    return Tried(town.psychologist, path, "care.note.opened", (who.pk,))


@trial("note")
def a_note_is_written_on(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    key = noted(town, who).public_id
    path, form = reverse("note", args=[key]), note_form(town, key, 1)
    return Tried(town.psychologist, path, "care.note.written", (who.pk,), form)


@trial("note")
def a_note_is_removed(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    path = reverse("note", args=[noted(town, who).public_id])
    return Tried(town.psychologist, path, "care.note.removed", (who.pk,), {"remove": "1"})


@trial("note")
def a_note_on_oneself_is_refused(town: Town) -> Tried:
    who, browser, _episode = cared_for(town)
    path = reverse("note", args=[noted(town, who).public_id])
    return Tried(browser, path, "care.note.opened", (None,), result="refused", status=404)


@trial("notes_pdf")
def one_s_notes_are_printed(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    noted(town, who)
    path = reverse("notes_pdf", args=[who.public_id])
    return Tried(town.psychologist, path, "care.note.exported", (who.pk,))


@trial("notes_text")
def one_s_notes_are_taken_as_text(town: Town) -> Tried:
    who, _browser, _episode = cared_for(town)
    noted(town, who)
    path = reverse("notes_text", args=[who.public_id])
    return Tried(town.psychologist, path, "care.note.exported", (who.pk,))


def handing_over(town: Town) -> tuple[Person, Client, str, HandOver]:
    """Somebody who handed something over, and the page where they do."""
    who, browser, episode = cared_for(town)
    given = HandOver.objects.create(
        episode=episode,
        to_psychologist=make.psychologist(),
        content={"plan": 6},
        said_by="person",
        agreed_at=NOW,
    )
    return who, browser, reverse("pass_on", args=[episode.public_id]), given


@trial("pass_on")
def what_could_be_handed_over_is_read(town: Town) -> Tried:
    who, browser, path, _given = handing_over(town)
    return Tried(browser, path, "care.hand_over.opened", (who.pk,))


@trial("pass_on")
def a_hand_over_is_agreed_to(town: Town) -> Tried:
    who, browser, path, _given = handing_over(town)
    other = make.psychologist()
    make.care_session(who, make.place(other), held_on=town.here.today, kind="follow_up")
    form = {"to": str(other.public_id), "items": ["sessions"]}
    return Tried(browser, path, "care.hand_over.agreed", (who.pk,), form)


@trial("pass_on")
def a_hand_over_is_taken_back(town: Town) -> Tried:
    who, browser, path, given = handing_over(town)
    form = {"withdraw": str(given.public_id)}
    return Tried(browser, path, "care.hand_over.withdrawn", (who.pk,), form)


@trial("own_care")
def one_s_own_care_is_read(town: Town) -> Tried:
    who, browser, _episode = cared_for(town)
    return Tried(browser, reverse("own_care"), "care.episode.opened", (who.pk,))


@trial("own_care")
def what_one_hopes_for_is_written(town: Town) -> Tried:
    who, browser, episode = cared_for(town)
    key = episode.public_id
    form = {"episode": str(key), f"goals-{key.hex}-text": "Dormir"}
    return Tried(browser, reverse("own_care"), "care.goals.said", (who.pk,), form)


@trial("own_contact")
def one_s_contact_is_opened(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_contact"), "people.data.opened", (who.pk,))


@trial("own_contact")
def one_s_contact_is_changed(town: Town) -> Tried:
    who, browser = town.person()
    form = {"email": "another@example.org", "phone": "", "language": "fr"}
    return Tried(browser, reverse("own_contact"), "people.contact.changed", (who.pk,), form)


@trial("own_identity")
def one_s_identity_is_opened(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_identity"), "people.data.opened", (who.pk,))


@trial("own_identity")
def one_s_identity_is_corrected(town: Town) -> Tried:
    who, browser = town.person()
    form = {"given_name": "Autre", "family_name": "Nom", "birth_date": "17 05 1990"}
    return Tried(browser, reverse("own_identity"), "people.identity.corrected", (who.pk,), form)


def _asked(town: Town, who: Person) -> str:
    """A request to the fund, by its address there."""
    request = corrections.ask(
        who.pk,
        fund_code=make.FUND,
        given_name="Autre",
        family_name=who.family_name,
        birth_date=who.birth_date,
        asked_at=NOW,
        asked_by="person",
    )
    return reverse("fund_correction", args=[request.public_id])


@trial("own_correction")
def what_one_asked_is_read(town: Town) -> Tried:
    who, browser = town.person()
    _asked(town, who)
    return Tried(browser, reverse("own_correction"), "people.data.opened", (who.pk,))


@trial("own_correction")
def one_asks_the_fund(town: Town) -> Tried:
    who, browser = town.person()
    form = {"given_name": "Autre", "family_name": "Nom", "birth_date": "17 05 1990"}
    event = "corrections.request.asked"
    return Tried(browser, reverse("own_correction"), event, (who.pk,), form)


@trial("own_correction")
def one_takes_it_back(town: Town) -> Tried:
    who, browser = town.person()
    _asked(town, who)
    event = "corrections.request.withdrawn"
    return Tried(browser, reverse("own_correction"), event, (who.pk,), {"withdraw": "1"})


@trial("fund_corrections")
def a_list_of_requests_is_one_line_that_names_its_people(town: Town) -> Tried:
    seen = [town.here.patient() for _number in range(3)]
    for who in seen:
        _asked(town, who)
    people = tuple(who.pk for who in seen)
    return Tried(town.agent, reverse("fund_corrections"), "corrections.request.listed", people)


@trial("fund_correction")
def a_request_is_read_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    return Tried(town.agent, _asked(town, who), "corrections.request.opened", (who.pk,))


@trial("fund_correction")
def a_request_is_answered_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    form = {"answer": "accepted", "reason": ""}
    return Tried(town.agent, _asked(town, who), "corrections.request.answered", (who.pk,), form)


def _declared(town: Town, who: Person, *, paper: bool = False) -> str:
    """A right that somebody declared to the fund: its public id."""
    document = None
    if paper:
        document = documents.keep(
            who.pk,
            kind="rights_statement",
            content_type="image/png",
            content=b"made up",
            by="person",
            at=NOW,
        ).public_id
    made = declarations.declare(
        who.pk,
        fund_code=make.FUND,
        content=Right("exemption", date(2026, 1, 1), kind="css").told(),
        document=document,
        declared_at=NOW,
        declared_by="person",
    )
    return str(made.public_id)


def _right_page(town: Town, who: Person) -> str:
    row = make.exemption(who, "css", valid_from=date(2026, 1, 1))
    return reverse("fund_right", args=[who.public_id, row.public_id])


@trial("own_rights")
def ones_rights_are_read(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_rights"), "rights.person.opened", (who.pk,))


@trial("own_rights")
def one_declares_a_right(town: Town) -> Tried:
    who, browser = town.person()
    form = {"right": "exemption", "exemption-kind": "css", "exemption-valid_from": "1 9 2026"}
    return Tried(browser, reverse("own_rights"), "rights.declaration.made", (who.pk,), form)


@trial("own_rights")
def one_takes_a_declaration_back(town: Town) -> Tried:
    who, browser = town.person()
    form = {"withdraw": _declared(town, who)}
    return Tried(browser, reverse("own_rights"), "rights.declaration.withdrawn", (who.pk,), form)


@trial("fund_rights")
def a_list_of_declarations_is_one_line_that_names_its_people(town: Town) -> Tried:
    seen = [town.here.patient() for _number in range(3)]
    for who in seen:
        _declared(town, who)
    people = tuple(who.pk for who in seen)
    return Tried(town.agent, reverse("fund_rights"), "rights.declaration.listed", people)


@trial("fund_rights")
def somebody_is_found_by_their_number(town: Town) -> Tried:
    who = town.here.patient()
    form = {"nir": who.nir}
    return Tried(town.agent, reverse("fund_rights"), "rights.person.found", (who.pk,), form)


@trial("fund_admit")
def a_file_is_opened_by_the_fund(town: Town) -> Tried:
    form = {
        "nir": make.made_up_nir(990_001, born_on=date(1988, 4, 3)),
        "given_name": "Odile",
        "family_name": "Sarrazin",
        "birth_date": "3 4 1988",
        "regime": "general",
        "valid_from": "1 9 2026",
        "evidence": "counter",
    }
    return Tried(town.agent, reverse("fund_admit"), "people.person.admitted", (-2,), form)


@trial("fund_person_rights")
def rights_are_read_by_their_fund(town: Town) -> Tried:
    who = town.here.patient()
    address = reverse("fund_person_rights", args=[who.public_id])
    return Tried(town.agent, address, "rights.person.opened", (who.pk,))


@trial("fund_person_rights")
def a_right_is_written(town: Town) -> Tried:
    who = town.here.patient()
    address = reverse("fund_person_rights", args=[who.public_id])
    form = {
        "right": "exemption",
        "exemption-kind": "css",
        "exemption-valid_from": "1 9 2026",
        "exemption-evidence": "counter",
    }
    return Tried(town.agent, address, "rights.right.opened", (who.pk,), form)


@trial("fund_right")
def a_right_is_read_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    return Tried(town.agent, _right_page(town, who), "rights.person.opened", (who.pk,))


@trial("fund_right")
def a_right_ends(town: Town) -> Tried:
    who = town.here.patient()
    form = {"act": "end", "end-ends_on": "31 12 2026", "end-evidence": "counter"}
    return Tried(town.agent, _right_page(town, who), "rights.right.ended", (who.pk,), form)


@trial("fund_right")
def a_right_is_corrected(town: Town) -> Tried:
    who = town.here.patient()
    form = {
        "act": "correct",
        "correct-kind": "css",
        "correct-valid_from": "1 2 2026",
        "correct-evidence": "letter",
    }
    return Tried(town.agent, _right_page(town, who), "rights.right.corrected", (who.pk,), form)


@trial("fund_right")
def a_right_that_never_was_is_taken_out(town: Town) -> Tried:
    who = town.here.patient()
    form = {"act": "withdraw", "withdraw-evidence": "letter"}
    return Tried(town.agent, _right_page(town, who), "rights.right.withdrawn", (who.pk,), form)


@trial("fund_declaration")
def a_declaration_is_read_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    address = reverse("fund_declaration", args=[_declared(town, who)])
    return Tried(town.agent, address, "rights.declaration.listed", (who.pk,))


@trial("fund_declaration")
def a_declaration_is_answered_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    address = reverse("fund_declaration", args=[_declared(town, who)])
    form = {"answer": "accepted", "reason": ""}
    return Tried(town.agent, address, "rights.declaration.answered", (who.pk,), form)


@trial("fund_certificate")
def a_certificate_is_read_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    address = reverse("fund_certificate", args=[_declared(town, who, paper=True)])
    return Tried(town.agent, address, "rights.certificate.opened", (who.pk,))


@trial("own_bank")
def one_s_account_is_opened(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_bank"), "payments.bank_detail.opened", (who.pk,))


@trial("own_bank")
def one_s_account_is_given(town: Town) -> Tried:
    who, browser = town.person()
    form = {"holder_name": "Canari", "iban": paying.IBANS[1]}
    return Tried(browser, reverse("own_bank"), "payments.bank_detail.given", (who.pk,), form)


@trial("own_money")
def a_person_follows_their_money(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_money"), "payments.money.followed", (who.pk,))


@trial("income")
def a_psychologist_reads_their_income(town: Town) -> Tried:
    return Tried(town.psychologist, reverse("income"), "payments.income.opened", (None,))


@trial("income_reminder")
def a_psychologist_reminds_a_payer_that_owes_nothing(town: Town) -> Tried:
    path = reverse("income_reminder") + "?payeur=fund:000000000"
    return Tried(town.psychologist, path, "payments.income.opened", (None,), status=302)


@trial("own_statement")
def one_s_payments_are_read(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_statement"), "payments.statement.opened", (who.pk,))


@trial("fund_money")
def the_desk_is_opened(town: Town) -> Tried:
    return Tried(town.agent, reverse("fund_money"), "payments.order.listed", (None,))


@trial("fund_money")
def transfers_are_prepared(town: Town) -> Tried:
    paying.to_release(town.here.place, town.here.patient(), fund_code=make.FUND)
    paying.owed_claims(town.here.place, town.here.patient(), 1, fund_code=make.FUND)
    form = {"cut_off_on": paying.ON.isoformat()}
    return Tried(town.agent, reverse("fund_money"), "payments.order.prepared", (None,), form)


def _order(town: Town) -> tuple[Order, int]:
    who = town.here.patient()
    return paying.to_release(town.here.place, who, fund_code=make.FUND), who.pk


@trial("fund_order")
def transfers_are_released(town: Town) -> Tried:
    path = reverse("fund_order", args=[_order(town)[0].public_id])
    return Tried(town.agent, path, "payments.order.released", (None,), {"act": "release"})


@trial("fund_order_file")
def the_file_of_transfers_is_fetched(town: Town) -> Tried:
    order, who = _order(town)
    release_order(actor=paying.agent(make.FUND), order_id=order.public_id, at=NOW)
    path = reverse("fund_order_file", args=[order.public_id])
    return Tried(town.agent, path, "payments.order.exported", (who,))


def _undue(town: Town) -> tuple[Claim, dict[str, Any]]:
    """A claim paid and owed no more, and the form that says what gives it back."""
    who = town.here.patient()
    claim = paying.paid_then_refused(town.here.place, who, fund_code=make.FUND)
    payer = f"fund:{make.FUND}"
    paying.bank_says(paying.Movement("", 3000, "returned", reference="C"), payer=payer)
    [came] = payments.came_in(payer)
    return claim, {"claim": str(claim.public_id), "kind": "psychologist", "line": came.pk}


@trial("fund_undue")
def what_is_owed_back_is_listed(town: Town) -> Tried:
    whose = (_undue(town)[0].person_id,)
    return Tried(town.agent, reverse("fund_undue"), "payments.undue.listed", whose)


@trial("fund_undue")
def what_is_owed_back_is_given_back(town: Town) -> Tried:
    claim, form = _undue(town)
    whose = (claim.person_id,)
    return Tried(town.agent, reverse("fund_undue"), "payments.undue.recovered", whose, form)


@trial("fund_undue_letters")
def what_is_owed_back_is_asked_for(town: Town) -> Tried:
    whose = (_undue(town)[0].person_id,)
    return Tried(town.agent, reverse("fund_undue_letters"), "payments.undue.listed", whose)


@trial("fund_bank")
def the_bank_is_compared(town: Town) -> Tried:
    return Tried(town.agent, reverse("fund_bank"), "payments.gaps.listed", (None,))


@trial("fund_bank")
def a_file_of_the_bank_is_read(town: Town) -> Tried:
    _order(town)
    content = paying.camt_054([paying.Movement("V1", 100)])
    form = {"file": SimpleUploadedFile("bank.xml", content)}
    return Tried(town.agent, reverse("fund_bank"), "payments.lines.read", (None,), form)


def _held(town: Town) -> tuple[BankDetailView, int]:
    who = town.here.patient()
    given = give_bank_detail(
        actor=Actor("person", person_id=who.pk),
        iban=paying.IBANS[0],
        holder_name="Canari",
        at=NOW,
    )
    return given, who.pk


@trial("fund_accounts")
def accounts_to_confirm_are_listed(town: Town) -> Tried:
    _given, who = _held(town)
    return Tried(town.agent, reverse("fund_accounts"), "payments.bank_detail.listed", (who,))


@trial("fund_accounts")
def an_account_is_confirmed(town: Town) -> Tried:
    given, who = _held(town)
    form = {"account": str(given.public_id), "answer": "confirmed"}
    path = reverse("fund_accounts")
    return Tried(town.agent, path, "payments.bank_detail.answered", (who,), form)


INSURER = "0099900001"
OF_A_WHOLE_FILE = {"insurance.file.begun", "insurance.file.done"}


def _insured(town: Town) -> tuple[Person, Claim, Client]:
    """Somebody of the insurer with a claim that leaves it a part, and the insurer's agent."""
    who = town.here.patient()
    who.covers.update(insurer_code=INSURER)
    session = make.care_session(who, town.here.place, held_on=town.here.today)
    claim = make.claim(make.care_sheet(session), received_on=town.here.today)
    make.decision(claim)
    agent = Client()
    agent.force_login(make.account(Role.INSURER_AGENT, insurer_code=INSURER))
    return who, claim, agent


@trial("insurer_parts")
def an_insurer_lists_the_claims_of_its_members(town: Town) -> Tried:
    who, _claim, agent = _insured(town)
    return Tried(agent, reverse("insurer_parts"), "insurance.part.listed", (who.pk,))


@trial("insurer_parts")
def an_insurer_decides_all_that_wait(town: Town) -> Tried:
    who, _claim, agent = _insured(town)
    return Tried(agent, reverse("insurer_parts"), "insurance.part.decided", (who.pk,), {})


@trial("insurer_part")
def an_insurer_reads_one_claim(town: Town) -> Tried:
    who, claim, agent = _insured(town)
    address = reverse("insurer_part", args=[claim.public_id])
    return Tried(agent, address, "insurance.part.opened", (who.pk,))


@trial("insurer_part")
def an_insurer_decides_by_its_contract(town: Town) -> Tried:
    who, claim, agent = _insured(town)
    address = reverse("insurer_part", args=[claim.public_id])
    return Tried(agent, address, "insurance.part.decided", (who.pk,), {"settle": "1"})


@trial("insurer_part")
def an_insurer_refuses_one_claim(town: Town) -> Tried:
    who, claim, agent = _insured(town)
    address = reverse("insurer_part", args=[claim.public_id])
    form = {"reason": "paid_elsewhere"}
    return Tried(agent, address, "insurance.part.decided", (who.pk,), form)


@trial("insurer_returns")
def an_insurer_takes_its_return_file(town: Town) -> Tried:
    who, claim, agent = _insured(town)
    agent.post(reverse("insurer_part", args=[claim.public_id]), {"settle": "1"})
    return Tried(agent, reverse("insurer_returns"), "insurance.part.listed", (who.pk,))


def _members_file(who: Person) -> SimpleUploadedFile:
    days = f"{who.birth_date};{who.nir};E1;2022-01-01;"
    text = f"numero;nom;prenom;naissance;nir;contrat;debut;fin\nA1;Nom;Prénom;{days}"
    return SimpleUploadedFile("adherents.csv", text.encode(), content_type="text/csv")


@trial("insurer_members")
def an_insurer_reads_its_members(town: Town) -> Tried:
    who, _claim, agent = _insured(town)
    agent.post(reverse("insurer_members"), {"file": _members_file(who)})
    return Tried(agent, reverse("insurer_members"), "insurance.member.listed", (who.pk,))


@trial("insurer_members")
def a_file_of_members_is_read(town: Town) -> Tried:
    who, _claim, agent = _insured(town)
    form = {"file": _members_file(who)}
    events = "insurance.file.begun insurance.file.read insurance.file.done"
    return Tried(agent, reverse("insurer_members"), events, (who.pk,), form)


@trial("own_erase")
def what_would_go_is_read(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("own_erase"), "people.data.opened", (who.pk,))


@trial("own_erase")
def one_is_erased(town: Town) -> Tried:
    who, browser = town.person()
    path, form = reverse("own_erase"), {"yes": "1"}
    return Tried(browser, path, "people.person.forgotten", (who.pk,), form, status=200)


@trial("acting")
def the_children_one_acts_for_are_one_line(town: Town) -> Tried:
    who, browser = town.person()
    children = [make.person(at=NOW, birth_date="2015-03-02") for _number in range(2)]
    for child in children:
        make.guardianship(who, child, valid_from=NOW.date())
    people = tuple(child.pk for child in children)
    return Tried(browser, reverse("acting"), "people.guardianship.listed", people)


@trial("plan")
def dates_are_proposed(town: Town) -> Tried:
    town.opens()
    who, browser = town.person()
    town.here.was_evaluated(who)
    path = reverse("plan", args=[town.here.psychologist.public_id])
    hour = f"?heure=4-600-{town.here.place.pk}"
    return Tried(browser, path + hour, "agenda.plan.proposed", (who.pk,))


@trial("claim_person")
def a_claim_is_read_by_its_person(town: Town) -> Tried:
    who, browser = town.person()
    claim = town.here.claim(town.here.sheet(who))
    path = reverse("claim_person", args=[claim.public_id])
    return Tried(browser, path, "claims.claim.opened", (who.pk,))


@trial("claim_person")
def somebody_else_s_claim_is_refused(town: Town) -> Tried:
    who, (_other, browser) = town.here.patient(), town.person()
    claim = town.here.claim(town.here.sheet(who))
    path = reverse("claim_person", args=[claim.public_id])
    return Tried(browser, path, "claims.claim.opened", (who.pk,), result="refused", status=404)


@trial("claim_person")
def a_role_the_page_is_not_for_is_refused_at_the_door(town: Town) -> Tried:
    claim = town.here.claim(town.here.sheet(town.here.patient()))
    path = reverse("claim_person", args=[claim.public_id])
    return Tried(town.agent, path, "claims.claim.opened", (None,), result="refused", status=404)


@trial("claim_contest")
def a_decision_is_contested(town: Town) -> Tried:
    who, browser = town.person()
    claim = town.here.claim(town.here.sheet(who))
    path = reverse("claim_contest", args=[claim.public_id])
    form = {"ground": "count_is_wrong"}
    return Tried(browser, path, "claims.contest.made", (who.pk,), form)


@trial("own_calendar")
def an_address_for_one_s_calendar_is_opened(town: Town) -> Tried:
    who, browser = town.person()
    form = {"share": "1"}
    return Tried(browser, reverse("own_calendar"), "calendars.feed.opened", (who.pk,), form)


@trial("calendars_of_practice")
def an_address_for_the_agenda_is_opened(town: Town) -> Tried:
    path, form = reverse("calendars_of_practice"), {"share": "1"}
    return Tried(town.psychologist, path, "calendars.feed.opened", (None,), form)


@trial("calendar_feed")
def a_calendar_elsewhere_reads_one_s_own(town: Town) -> Tried:
    who, _browser = town.person()
    town.here.booking(who, begins_in_h=48)
    actor = Actor("person", person_id=who.pk)
    path = reverse("calendar_feed", args=[share_calendar(actor=actor, language="fr", at=NOW)])
    return Tried(Client(), path, "calendars.feed.read", (who.pk,))


@trial("calendar_feed")
def a_calendar_elsewhere_reads_an_agenda(town: Town) -> Tried:
    seen = [town.here.patient(), town.here.patient()]
    for number, who in enumerate(seen):
        town.here.booking(who, begins_in_h=48 + 3 * number)
    token = share_calendar(actor=town.here.actor, language="fr", at=NOW)
    people = tuple(who.pk for who in seen)
    return Tried(Client(), reverse("calendar_feed", args=[token]), "calendars.feed.read", people)


# Booking


@trial("book_slot")
def a_time_is_looked_at_by_somebody_known(town: Town) -> Tried:
    town.opens()
    who, browser = town.person()
    query = "&".join(f"{name}={value}" for name, value in town.asked().items())
    path = f"{town.slot()}?{query.replace('+', '%2B')}"
    return Tried(browser, path, "people.person.opened", (who.pk,))


@trial("book_slot")
def a_time_is_kept_by_somebody_known(town: Town) -> Tried:
    town.opens()
    who, browser = town.person()
    return Tried(browser, town.slot(), "agenda.booking.held", (who.pk,), town.asked())


@trial("book_slot")
def a_time_is_kept_by_nobody_known(town: Town) -> Tried:
    town.opens()
    return Tried(Client(), town.slot(), "agenda.booking.held", (None,), town.asked())


@trial("book_who")
def one_says_who_comes(town: Town) -> Tried:
    town.opens()
    browser = Client()
    path = town.kept(browser)
    return Tried(browser, path, "agenda.booking.opened", (None,), TYPED)


@trial("book_check")
def everything_is_read_back(town: Town) -> Tried:
    town.opens()
    browser = Client()
    path = str(browser.post(town.kept(browser), TYPED)["Location"])
    return Tried(browser, path, "agenda.booking.opened", (None,))


@trial("book_check")
def the_appointment_is_made(town: Town) -> Tried:
    town.opens()
    browser = Client()
    path = str(browser.post(town.kept(browser), TYPED)["Location"])
    return Tried(browser, path, "agenda.booking.confirmed", (-1,), {})


@trial("book_check")
def the_appointment_of_somebody_known_is_made(town: Town) -> Tried:
    town.opens()
    who, browser = town.person()
    town.kept(browser)
    path = reverse("book_check", args=[Booking.objects.latest("pk").public_id])
    return Tried(browser, path, "agenda.booking.confirmed", (who.pk,), {})


def link_of_booking(route: str, form: dict[str, Any] | None, event: str) -> Trial:
    def tried(town: Town) -> Tried:
        town.opens()
        who = town.here.patient()
        booked = town.here.booking(who, begins_in_h=72)
        path = booking_path(booked.public_id, route)
        return Tried(Client(), path, event, (who.pk,), form)

    return tried


trial("booking")(link_of_booking("booking", None, "agenda.booking.opened"))
trial("booking_calendar")(link_of_booking("booking_calendar", None, "agenda.booking.opened"))
trial("booking_cancel")(link_of_booking("booking_cancel", None, "agenda.booking.opened"))
trial("booking_cancel")(link_of_booking("booking_cancel", {}, "agenda.booking.cancelled"))
trial("booking_move")(link_of_booking("booking_move", None, "agenda.booking.opened"))


@trial("booking_move")
def an_appointment_is_moved(town: Town) -> Tried:
    town.opens()
    who = town.here.patient()
    booked = town.here.booking(who, begins_in_h=72)
    path = booking_path(booked.public_id, "booking_move")
    return Tried(Client(), path, "agenda.booking.moved", (who.pk,), town.asked(10))


# The practice


@trial("day")
def a_day_is_one_line_that_names_its_people(town: Town) -> Tried:
    seen = [town.here.patient() for _number in range(3)]
    for number, who in enumerate(seen):
        town.here.booking(who, begins_in_h=-1 - 2 * number)
    people = tuple(who.pk for who in seen)
    return Tried(town.psychologist, reverse("day"), "agenda.day.opened", people)


@trial("day_of")
def another_day_is_the_same(town: Town) -> Tried:
    who = town.here.patient()
    booked = town.here.booking(who, begins_in_h=48)
    path = reverse("day_of", args=[booked.civil_day])
    return Tried(town.psychologist, path, "agenda.day.opened", (who.pk,))


@trial("close")
def an_appointment_is_read_by_its_psychologist(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("close", args=[town.here.booking(who, begins_in_h=-1).public_id])
    return Tried(town.psychologist, path, "care.line.opened", (who.pk,))


@trial("close")
def a_session_is_closed(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("close", args=[town.here.booking(who, begins_in_h=-1).public_id])
    form = {"outcome": "held", "signed_by_psychologist": "on", "signed_by_person": "on"}
    return Tried(town.psychologist, path, "care.session.held", (who.pk,), form)


@trial("close")
def another_psychologist_s_appointment_is_refused(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("close", args=[town.here.booking(who, begins_in_h=-1).public_id])
    other = town.browser(make.account(Role.PSYCHOLOGIST, psychologist=make.psychologist()))
    return Tried(other, path, "care.line.opened", (who.pk,), result="refused", status=404)


@trial("correct_visit")
def a_closed_session_is_opened_to_be_corrected(town: Town) -> Tried:
    who = town.here.patient()
    booked = town.here.sheet(who).lines.get().care_session.booking
    path = reverse("correct_visit", args=[booked.public_id])
    return Tried(town.psychologist, path, "care.line.opened", (who.pk,))


@trial("correct_visit")
def a_session_is_corrected(town: Town) -> Tried:
    who = town.here.patient()
    booked = town.here.sheet(who).lines.get().care_session.booking
    path = reverse("correct_visit", args=[booked.public_id])
    form = {"outcome": "missed", "missed_by": "person", "corrected_for": "attendance"}
    return Tried(town.psychologist, path, "care.session.corrected", (who.pk,), form)


@trial("cancel_visit")
def a_visit_is_looked_at_before_it_is_cancelled(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("cancel_visit", args=[town.here.booking(who, begins_in_h=48).public_id])
    return Tried(town.psychologist, path, "care.line.opened", (who.pk,))


@trial("cancel_visit")
def a_visit_is_cancelled(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("cancel_visit", args=[town.here.booking(who, begins_in_h=48).public_id])
    return Tried(town.psychologist, path, "agenda.booking.cancelled", (who.pk,), {})


@trial("add_visit")
def patients_are_listed_to_choose_from(town: Town) -> Tried:
    seen = [town.here.patient(), town.here.patient()]
    for number, who in enumerate(seen):
        town.here.booking(who, begins_in_h=48 + 3 * number)
    people = tuple(who.pk for who in seen)
    path = reverse("add_visit", args=[NOW.date()])
    return Tried(town.psychologist, path, "care.patients.listed", people)


@trial("inbox")
def the_inbox_is_opened(town: Town) -> Tried:
    town.asker()
    return Tried(town.psychologist, reverse("inbox"), "waiting.inbox.opened", (None,))


@trial("inbox_line")
def one_request_is_read(town: Town) -> Tried:
    path = reverse("inbox_line", args=[town.asker().public_id])
    return Tried(town.psychologist, path, "waiting.inbox.opened", (None,))


# Waiting


@trial("join_around")
def somebody_joins_the_queue(town: Town) -> Tried:
    return Tried(Client(), reverse("join_around"), "waiting.wait.joined", (None,), JOIN)


@trial("join_around")
def the_form_is_filled_in_for_somebody_known(town: Town) -> Tried:
    who, browser = town.person()
    return Tried(browser, reverse("join_around"), "people.person.opened", (who.pk,))


@trial("join_for_one")
def somebody_waits_for_one_psychologist(town: Town) -> Tried:
    path = reverse("join_for_one", args=[town.here.psychologist.public_id])
    form = {name: value for name, value in JOIN.items() if name not in {"place", "radius"}}
    return Tried(Client(), path, "waiting.wait.joined", (None,), form)


@trial("waiting_place")
def one_s_place_is_read(town: Town) -> Tried:
    path = waiting_path(WAIT, town.waiter().public_id)
    return Tried(Client(), path, "waiting.wait.opened", (None,))


@trial("waiting_offer")
def an_offer_is_read(town: Town) -> Tried:
    return Tried(Client(), offered(town), "waiting.offer.opened", (None,))


@trial("waiting_offer")
def an_offer_is_taken(town: Town) -> Tried:
    # Two acts: the offer is taken, the appointment is made.
    return Tried(
        Client(), offered(town), "waiting.offer.taken agenda.booking.confirmed", (-1,), COMES
    )


def offered(town: Town) -> str:
    """The address of an offer made to somebody who waits."""
    town.waiter()
    day = (NOW + timedelta(days=3)).date()
    make.special_opening(town.here.place, day, starts_at_minute=14 * 60, ends_at_minute=15 * 60)
    offer = offer_freed_slot(psychologist_id=town.here.psychologist.pk, at=NOW)
    assert offer is not None
    return waiting_path(OFFER, offer.public_id)


@trial("call_back")
def somebody_asks_to_be_called(town: Town) -> Tried:
    path = reverse("call_back", args=[town.here.psychologist.public_id])
    return Tried(Client(), path, "waiting.request.made", (None,), ASK)


@trial("waiting_request")
def one_s_request_is_read(town: Town) -> Tried:
    path = waiting_path(REQUEST, town.asker().public_id)
    return Tried(Client(), path, "waiting.request.opened", (None,))


# Sheets and claims


@trial("sheet")
def a_sheet_is_read(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("sheet", args=[town.here.sheet(who).public_id])
    return Tried(town.psychologist, path, "claims.sheet.opened", (who.pk,))


@trial("sheet_pdf")
def a_sheet_is_printed(town: Town) -> Tried:
    who, browser = town.person()
    path = reverse("sheet_pdf", args=[town.here.sheet(who).public_id])
    return Tried(browser, path, "claims.sheet.opened", (who.pk,))


@trial("own_accounts")
def a_psychologist_takes_the_accounts_of_a_year(town: Town) -> Tried:
    who = town.here.patient()
    town.here.claim(town.here.sheet(who))
    return Tried(town.psychologist, reverse("own_accounts"), "claims.accounting.read", (who.pk,))


@trial("sheet_json")
def a_sheet_is_taken_as_data(town: Town) -> Tried:
    who, browser = town.person()
    path = reverse("sheet_json", args=[town.here.sheet(who).public_id])
    return Tried(browser, path, "claims.sheet.opened", (who.pk,))


@trial("gather_sheet")
def sessions_are_put_on_one_sheet(town: Town) -> Tried:
    who = town.here.patient()
    sheet, form = town.here.two_to_gather(who)
    path = reverse("gather_sheet", args=[sheet.public_id])
    return Tried(town.psychologist, path, "claims.sheet.issued", (who.pk,), form)


@trial("send_sheet")
def a_sheet_is_sent(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("send_sheet", args=[town.here.sheet(who).public_id])
    return Tried(town.psychologist, path, "claims.claim.sent", (who.pk,), {})


@trial("fund_claims")
def a_page_of_claims_is_one_line_that_names_its_people(town: Town) -> Tried:
    seen = [town.here.patient() for _number in range(3)]
    for who in seen:
        session = make.care_session(who, town.here.place, held_on=NOW.date())
        make.claim(make.care_sheet(session), received_on=NOW.date())
    people = tuple(who.pk for who in seen)
    return Tried(town.agent, reverse("fund_claims"), "claims.list.opened", people)


def waiting_refusals(town: Town, number: int) -> list[Claim]:
    made = []
    for _one in range(number):
        long_ago = NOW.date() - timedelta(days=3)
        session = make.care_session(town.here.patient(), town.here.place, held_on=long_ago)
        made.append(make.claim(make.care_sheet(session), received_on=long_ago))
        make.decision(made[-1], accepted=False, to_confirm=True)
    return made


@trial("fund_work")
def a_page_of_what_waits_is_one_line_that_names_its_people(town: Town) -> Tried:
    people = tuple(claim.person_id for claim in waiting_refusals(town, 3))
    return Tried(town.agent, reverse("fund_work"), "claims.work.listed", people)


@trial("fund_next")
def the_next_that_waits_is_nobody_yet(town: Town) -> Tried:
    waiting_refusals(town, 1)
    return Tried(town.agent, reverse("fund_next"), "claims.work.next", (None,), status=302)


@trial("fund_claim")
def a_claim_is_read_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_claim", args=[town.here.claim(town.here.sheet(who)).public_id])
    return Tried(town.agent, path, "claims.claim.opened", (who.pk,))


@trial("fund_claim")
def a_refusal_is_read_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    sheet = town.here.sheet(who)
    make.psychiatric_situation(who, "psychiatric_ald", valid_from=LONG_AGO)
    path = reverse("fund_claim", args=[town.here.claim(sheet).public_id])
    form = {"ground": "record_says_so"}
    return Tried(town.agent, path, "claims.claim.reviewed", (who.pk,), form)


@trial("fund_claim")
def a_contest_is_answered_by_its_fund(town: Town) -> Tried:
    who = town.here.patient()
    claim = town.here.claim(town.here.sheet(who))
    make.contest(claim.decisions.get())
    path = reverse("fund_claim", args=[claim.public_id])
    form = {"verdict": "text_applies"}
    return Tried(town.agent, path, "claims.contest.answered", (who.pk,), form)


@trial("fund_claim")
def a_claim_is_refused_to_another_fund(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_claim", args=[town.here.claim(town.here.sheet(who)).public_id])
    other = town.browser(make.account(Role.FUND_AGENT, fund_code="019980000"))
    return Tried(other, path, "claims.claim.opened", (who.pk,), result="refused", status=404)


@trial("fund_checks")
def answers_that_differ_are_one_line_that_names_its_people(town: Town) -> Tried:
    seen = [town.here.patient() for _number in range(2)]
    for who in seen:
        town.here.check(who)
    people = tuple(who.pk for who in seen)
    return Tried(town.agent, reverse("fund_checks"), "rights.check.listed", people)


@trial("fund_check")
def an_answer_of_the_service_is_read(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_check", args=[town.here.check(who).public_id])
    return Tried(town.agent, path, "rights.check.opened", (who.pk,))


@trial("fund_check")
def an_answer_of_the_service_is_taken(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_check", args=[town.here.check(who).public_id])
    return Tried(town.agent, path, "rights.check.settled", (who.pk,), {"act": "take"})


@trial("fund_ask_rights")
def the_service_is_asked_about_somebody(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_ask_rights", args=[who.public_id])
    # Nobody is asked here: tests/steps/test_verify.py sees what is kept.
    return Tried(town.agent, path, "rights.person.opened", (who.pk,), {"act": "ask"}, status=302)


@trial("fund_anomalies")
def what_deserves_a_second_look_is_one_line_that_names_its_people(town: Town) -> Tried:
    who = town.here.patient()
    session = make.care_session(
        who, town.here.place, held_on=town.here.today - timedelta(days=3), price_cents=1
    )
    received_at = town.here.now - timedelta(hours=1)
    sheet = make.care_sheet(session)
    make.decision(make.claim(sheet, received_on=town.here.today, received_at=received_at))
    path = reverse("fund_anomalies")
    return Tried(town.agent, path, "claims.anomaly.listed", (who.pk,))


@trial("fund_papers")
def a_list_of_papers_is_one_line_that_names_its_people(town: Town) -> Tried:
    seen = [town.here.patient() for _number in range(2)]
    for who in seen:
        town.here.paper(who)
    people = tuple(who.pk for who in seen)
    return Tried(town.agent, reverse("fund_papers"), "claims.paper.listed", people)


@trial("fund_paper_begin")
def a_paper_that_mends_another_is_opened(town: Town) -> Tried:
    who = town.here.patient()
    path = f"{reverse('fund_paper_begin')}?corrige={town.here.paper(who).public_id}"
    return Tried(town.agent, path, "claims.paper.opened", (who.pk,))


@trial("fund_paper_begin")
def a_paper_is_typed(town: Town) -> Tried:
    who = town.here.patient()
    form = town.here.paper_form(who)
    path = reverse("fund_paper_begin")
    return Tried(town.agent, path, "claims.paper.typed", (who.pk,), form)


@trial("fund_paper")
def a_paper_is_read(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_paper", args=[town.here.paper(who).public_id])
    return Tried(town.agent, path, "claims.paper.opened", (who.pk,))


@trial("fund_paper")
def amounts_are_typed_again(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_paper", args=[town.here.paper(who).public_id])
    form = {"act": "amounts", "amount_1": "50,00"}
    return Tried(town.agent, path, "claims.paper.checked", (who.pk,), form)


def _checked(town: Town, who: Person, price_cents: int) -> str:
    """The page of a paper whose amounts were typed twice alike."""
    paper = town.here.paper(who, price_cents)
    agent = Actor("fund_agent", town.here.agent.pk, fund_code=make.FUND)
    type_amounts(actor=agent, paper_id=paper.public_id, amounts=(price_cents,), at=town.here.now)
    return reverse("fund_paper", args=[paper.public_id])


@trial("fund_paper")
def a_paper_goes_back(town: Town) -> Tried:
    who = town.here.patient()
    path = _checked(town, who, 4500)
    return Tried(town.agent, path, "claims.paper.returned", (who.pk,), {"act": "return"})


@trial("fund_paper")
def a_paper_is_decided(town: Town) -> Tried:
    who = town.here.patient()
    path = _checked(town, who, 5000)
    return Tried(town.agent, path, "claims.claim.entered", (who.pk,), {"act": "decide"})


@trial("fund_paper_again")
def a_paper_is_read_to_be_corrected(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_paper_again", args=[town.here.paper(who).public_id])
    return Tried(town.agent, path, "claims.paper.opened", (who.pk,))


@trial("fund_paper_again")
def a_paper_is_typed_whole_again(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("fund_paper_again", args=[town.here.paper(who).public_id])
    form = town.here.paper_form(who)
    return Tried(town.agent, path, "claims.paper.typed", (who.pk,), form)


@trial("receipts")
def a_receipt_is_found(town: Town) -> Tried:
    who, browser = town.person()
    form = {"reference": town.here.paper(who).reference}
    return Tried(browser, reverse("receipts"), "claims.receipt.found", (who.pk,), form)


@trial("receipt")
def a_receipt_is_read(town: Town) -> Tried:
    who, browser = town.person()
    path = reverse("receipt", args=[town.here.paper(who).public_id])
    return Tried(browser, path, "claims.receipt.opened", (who.pk,))


# Programs


def program(town: Town, account: Account) -> Program:
    """A program with a key of the account."""
    return Program(key_of(account))


def of_somebody(town: Town) -> tuple[Person, Program]:
    who = town.here.patient()
    return who, program(town, make.account(Role.PERSON, person=who))


@trial("api_year")
def a_program_reads_a_year(town: Town) -> Tried:
    who, asks = of_somebody(town)
    return Tried(asks, reverse("api_year"), "care.year.opened", (who.pk,))


@trial("api_year")
def a_program_without_the_right_to_read_is_refused_at_the_door(town: Town) -> Tried:
    account = make.account(Role.PERSON, person=town.here.patient())
    asks = Program(key_of(account, scopes=("book",)))
    path = reverse("api_year")
    return Tried(asks, path, "care.year.opened", (None,), result="refused", status=403)


@trial("api_claim")
def a_program_of_the_fund_reads_a_claim(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("api_claim", args=[town.here.claim(town.here.sheet(who)).public_id])
    return Tried(program(town, town.here.agent), path, "claims.claim.opened", (who.pk,))


@trial("api_claim")
def a_program_of_somebody_else_is_refused_a_claim(town: Town) -> Tried:
    who, (_other, asks) = town.here.patient(), of_somebody(town)
    path = reverse("api_claim", args=[town.here.claim(town.here.sheet(who)).public_id])
    return Tried(asks, path, "claims.claim.opened", (who.pk,), result="refused", status=403)


def wanted(town: Town, hour: int = 9) -> dict[str, Any]:
    told = town.asked(hour)
    return {"place": int(told["place"]), "starts_at": told["starts"]}


@trial("api_hold")
def a_program_keeps_a_time(town: Town) -> Tried:
    town.opens()
    who, asks = of_somebody(town)
    form = wanted(town) | {"psychologist": str(town.here.psychologist.public_id)}
    path = reverse("api_hold")
    return Tried(asks, path, "agenda.booking.held", (who.pk,), form, status=201)


@trial("api_confirm")
def a_program_makes_an_appointment(town: Town) -> Tried:
    town.opens()
    who, asks = of_somebody(town)
    form = wanted(town) | {"psychologist": str(town.here.psychologist.public_id)}
    held = asks.post(reverse("api_hold"), form).json()["id"]
    path = reverse("api_confirm", args=[held])
    return Tried(asks, path, "agenda.booking.confirmed", (who.pk,), {}, status=200)


@trial("api_cancel")
def a_program_cancels(town: Town) -> Tried:
    who, asks = of_somebody(town)
    path = reverse("api_cancel", args=[town.here.booking(who, begins_in_h=72).public_id])
    return Tried(asks, path, "agenda.booking.cancelled", (who.pk,), {}, status=200)


@trial("api_move")
def a_program_moves(town: Town) -> Tried:
    town.opens()
    who, asks = of_somebody(town)
    path = reverse("api_move", args=[town.here.booking(who, begins_in_h=72).public_id])
    form = wanted(town, 10)
    return Tried(asks, path, "agenda.booking.moved", (who.pk,), form, status=200)


@trial("api_send")
def a_program_sends_a_sheet(town: Town) -> Tried:
    who = town.here.patient()
    path = reverse("api_send", args=[town.here.sheet(who).public_id])
    asks = program(town, town.here.account)
    return Tried(asks, path, "claims.claim.sent", (who.pk,), {}, status=200)


# The proof


def test_every_address_says_which_steps_it_takes() -> None:
    assert {name for name, _converters in routes()} <= set(ACCESS)


def test_every_step_that_touches_somebody_s_data_tells_what_it_refuses() -> None:
    silent = {
        step
        for step, rule in RULES.items()
        if rule.data & PERSONAL and step not in EVENTS and step not in OF_ONE_S_OWN_ACCOUNT
    }
    assert not silent


def test_every_sensitive_address_is_tried() -> None:
    known = {name for name, _converters in routes()}
    assert set(TRIALS) == sensitive() & known


@pytest.mark.parametrize(
    ("route", "number"),
    [(route, number) for route, made in TRIALS.items() for number in range(len(made))],
    ids=lambda value: str(value),
)
def test_one_request_leaves_one_line(town: Town, route: str, number: int) -> None:
    tried = TRIALS[route][number](town)
    before = set(Entry.objects.values_list("pk", flat=True))
    answer = (
        tried.browser.get(tried.path)
        if tried.form is None
        else tried.browser.post(tried.path, tried.form)
    )
    assert answer.resolver_match.url_name == route
    assert answer.status_code == (tried.status or (200 if tried.form is None else 302)) or (
        route in {"own_calendar", "calendars_of_practice"} and answer.status_code == 200
    ), answer.content.decode()
    left = list(Entry.objects.exclude(pk__in=before).order_by("pk"))
    assert [line.event for line in left] == tried.event.split()
    for line in left:
        assert line.result == tried.result
        named = set(line.named.values_list("person_id", flat=True)) or {line.person_id}
        if tried.people == (-1,):
            tried_people = {Booking.objects.latest("pk").person_id, None}
            assert named <= tried_people
        elif tried.people == (-2,):
            assert named == {Person.objects.latest("pk").pk}
        elif line.event in OF_A_WHOLE_FILE:
            # Where a file begins and ends: about nobody by itself.
            assert named == {None}
        else:
            assert named == set(tried.people)
    assert verify().damages == ()


def test_nobody_signed_in_is_led_to_the_sign_in_page_and_nothing_is_written(town: Town) -> None:
    for route in ("year", "day", "fund_claims", "own_accesses"):
        assert Client().get(reverse(route)).status_code == 302
    assert not Entry.objects.exists()


def test_a_thing_that_is_not_there_is_told_without_anybody(town: Town) -> None:
    assert town.agent.get(reverse("fund_claim", args=[uuid.uuid4()])).status_code == 404
    [line] = Entry.objects.all()
    assert (line.result, line.reason, line.person_id) == ("refused", "not_found", None)


def test_without_the_gathering_of_a_request_a_page_leaves_two_lines(
    town: Town, settings: Any
) -> None:
    """The twin: what one line a request rests on."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "journal" not in name]
    who = town.here.patient()
    path = reverse("cancel_visit", args=[town.here.booking(who, begins_in_h=48).public_id])
    browser = Client()
    browser.force_login(town.here.account)
    browser.post(path)
    assert Entry.objects.filter(person_id=who.pk).count() == 2
