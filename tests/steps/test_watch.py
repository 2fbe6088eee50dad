"""A person reads who saw their data; what is refused is told too, and nothing is told twice."""

from __future__ import annotations

import ast
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from tests import factories
from tests.house.sources import PACKAGE, calls
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import MONDAY, at

from soutien.doors.web.own_data.access_words import WHAT, what_in_words
from soutien.registers.accounts.models import Role
from soutien.registers.audit.models import Entry
from soutien.registers.audit.queries import about_person
from soutien.registers.audit.reading import verify
from soutien.steps import trace
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.book import cancel_booking, confirm_booking
from soutien.steps.errors import Refusal
from soutien.steps.look import open_booking, open_year
from soutien.steps.watch import LINES_A_PAGE, Who, Whose, open_accesses

pytestmark = pytest.mark.django_db
# Told without anybody's name: a hold of nobody's, a request by telephone, a replacement.
OF_NOBODY_IN_CARE = (
    *("agenda.booking.expired", "waiting.request.", "psychologists.", "identities.", "audit."),
    *("writings.deposit.", "insurance.contract.", "insurance.file.begun", "contents."),
)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def told(who: Any, **words: Any) -> Any:
    return open_accesses(actor=scene.of(who), person_id=who.pk, at=NOW, **words)


def test_nobody_but_the_person_reads_who_looked():
    who = scene.insured()
    for actor in (ANONYMOUS, scene.of(scene.insured()), Actor("administrator", account_id=3)):
        with refused("not_allowed"):
            open_accesses(actor=actor, person_id=who.pk, at=NOW)
    assert about_person(who.pk).filter(result="refused").count() == 3


def test_each_line_says_who_without_naming_an_agent():
    who = scene.insured()
    psychologist = factories.psychologist(given_name="Ada", family_name="Modèle")
    ada = factories.account(Role.PSYCHOLOGIST, psychologist=psychologist)
    agent = factories.account(Role.FUND_AGENT, fund_code=factories.FUND, display_name="Max Nom")
    for account in (ada, agent):
        factories.entry(
            at=NOW, actor_role=account.role, actor_account=account.pk, person_id=who.pk
        )
    factories.entry(at=NOW, actor_role="system", person_id=who.pk)
    factories.entry(at=NOW, actor_role="psychologist", actor_account=ada.pk, people=[who.pk, 9])
    lines = told(who).lines
    assert {(line.who, line.name, line.listed) for line in lines} == {
        (Who.PSYCHOLOGIST, "Ada Modèle", False),
        (Who.PSYCHOLOGIST, "Ada Modèle", True),
        (Who.FUND, "", False),
    }
    assert [line.who for line in told(who, whose=Whose.SYSTEM).lines] == [Who.SYSTEM]


def test_one_s_own_looks_and_what_was_refused_stand_apart():
    who, other = scene.insured(), scene.insured()
    open_year(actor=scene.of(who), person_id=who.pk, civil_year=2026, on=MONDAY, at=NOW)
    with refused("not_allowed"):
        open_year(actor=scene.of(other), person_id=who.pk, civil_year=2026, on=MONDAY, at=NOW)
    assert [line.who for line in told(who).lines] == [Who.ANOTHER_PERSON]
    assert [line.who for line in told(who, whose=Whose.OWN).lines][-1] is Who.YOU
    assert [line.refused for line in told(who, whose=Whose.REFUSED).lines] == [True]


def test_a_long_list_is_read_page_by_page_and_beyond_is_the_last():
    who = scene.insured()
    for number in range(LINES_A_PAGE + 1):
        factories.entry(at=NOW + timedelta(minutes=number), person_id=who.pk)
    first, beyond = told(who), told(who, page=99)
    assert (first.total, first.pages, len(first.lines)) == (LINES_A_PAGE + 1, 2, LINES_A_PAGE)
    assert (beyond.page, len(beyond.lines)) == (2, 1)


def test_every_event_that_names_a_person_has_words_of_its_own():
    """Read from the steps: a new event without a phrase fails here."""
    events = set(trace.EVENTS.values())
    for path in (PACKAGE / "steps").glob("*.py"):
        for call, name in calls(path):
            keys = {keyword.arg for keyword in call.keywords}
            if name.split(".")[-1] == "record" and keys & {"person_id", "people"}:
                event = call.args[1]
                events |= {str(event.value)} if isinstance(event, ast.Constant) else set()
    without = {event for event in events - set(WHAT) if not event.startswith(OF_NOBODY_IN_CARE)}
    assert len(events) > 30
    assert not without, sorted(without)
    assert what_in_words("care.unheard.of") == "Vos séances"
    assert what_in_words("unheard.of.ever") == "Vos données"


# One request


def booking(who: Any, where: Any) -> Any:
    return scene.booked(where, who, day=MONDAY, kind="evaluation")


def left(since: int) -> list[tuple[str, str]]:
    return list(Entry.objects.filter(pk__gt=since).order_by("pk").values_list("event", "result"))


def last() -> int:
    newest = Entry.objects.order_by("-pk").first()
    return newest.pk if newest else 0


def test_several_looks_at_one_person_are_one_in_a_request():
    where, who = scene.practice(), scene.insured()
    booked = booking(who, where)
    before = last()
    with trace.gathering():
        for _time in range(3):
            open_booking(actor=ANONYMOUS, public_id=booked.public_id, at=NOW)
        open_year(actor=scene.of(who), person_id=who.pk, civil_year=2026, on=MONDAY, at=NOW)
        assert left(before) == [], "written when the answer leaves"
    assert left(before) == [("agenda.booking.opened", "done")]


def test_what_is_done_to_somebody_says_that_they_were_seen():
    where, who = scene.practice(), scene.insured()
    booked = booking(who, where)
    before = last()
    with trace.gathering():
        open_booking(actor=scene.of(who), public_id=booked.public_id, at=booked.created_at)
        cancel_booking(actor=scene.of(who), booking_id=booked.public_id, at=booked.created_at)
    assert left(before) == [("agenda.booking.cancelled", "done")]


def test_two_people_are_two_lines():
    where, who, other = scene.practice(), scene.insured(), scene.insured()
    first = booking(who, where)
    second = scene.booked(where, other, day=MONDAY, hour=11, kind="evaluation")
    before = last()
    with trace.gathering():
        for booked in (first, second):
            open_booking(actor=where.actor, public_id=booked.public_id, at=NOW)
    assert len(left(before)) == 2


def test_steps_of_one_transaction_that_is_undone_leave_only_the_refusal():
    where, who = scene.practice(), scene.insured()
    held = scene.held(where, scene.of(who))
    before = last()
    with trace.gathering():
        try:
            with trace.one_transaction():
                confirm_booking(actor=scene.of(who), booking_id=held.public_id, at=held.created_at)
                cancel_booking(actor=scene.of(who), booking_id=held.public_id, at=held.starts_at)
        except Refusal as refusal:
            assert refusal.code == "booking_over"
    assert left(before) == [("agenda.booking.cancelled", "refused")]
    assert verify().damages == ()


def test_a_step_undone_by_another_failure_leaves_nothing():
    who = scene.insured()
    before = last()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        open_year(actor=scene.of(who), person_id=who.pk, civil_year=2026, on=MONDAY, at=NOW)
        raise ZeroDivisionError
    assert left(before) == []


def test_nobody_who_asks_for_nothing_there_is_leaves_nothing():
    with refused("not_found"):
        open_booking(actor=ANONYMOUS, public_id=uuid.uuid4(), at=at(MONDAY))
    assert not Entry.objects.exists()


def test_on_behalf_of_a_child_is_told():
    child = scene.insured()
    guardian = Actor("guardian", account_id=5, person_id=77, on_behalf_of=child.pk)
    open_year(actor=guardian, person_id=child.pk, civil_year=2026, on=MONDAY, at=NOW)
    assert Entry.objects.get().on_behalf_of == child.pk
    assert told(child).lines[0].who is Who.GUARDIAN
