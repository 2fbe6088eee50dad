"""Rights: written by an agent on some evidence, never twice on a day, never lost."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests import factories as make
from tests.steps import scene
from tests.steps.refusals import refused

from soutien.registers.audit.models import Entry as Line
from soutien.registers.people import queries as people
from soutien.registers.people import rights as periods
from soutien.registers.people.models import Exemption, Person
from soutien.registers.rights.models import Declaration, Entry
from soutien.steps.actor import Actor
from soutien.steps.declare import declare_right, open_own_rights, withdraw_declaration
from soutien.steps.entitle import (
    answer_declaration,
    correct_right,
    end_right,
    find_insured,
    list_declarations,
    open_certificate,
    open_right,
    open_rights,
    withdraw_right,
)
from soutien.steps.entitled import Evidence, Right
from soutien.steps.keeping import forget_person
from soutien.steps.papers import add_document

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FUND, OTHER = "019990069", "019990001"
AGENT = Actor("fund_agent", account_id=7, fund_code=FUND)
STRANGER = Actor("fund_agent", account_id=8, fund_code=OTHER)
LETTER = Evidence("letter", date(2026, 11, 20))
CSS = Right("exemption", date(2026, 9, 1), date(2027, 8, 31), kind="css")


@pytest.fixture
def who() -> Person:
    return scene.insured(amc=False)


def is_refused(code: str, step: Any, *args: Any, **told: Any) -> bool:
    with refused(code):
        step(*args, **told)
    return True


def opened(person: Person, right: Right = CSS, actor: Actor = AGENT) -> bool:
    return open_right(
        actor=actor, person_public_id=person.public_id, right=right, evidence=LETTER, at=NOW
    )


def test_a_right_is_written_with_its_evidence_and_who_saw_it(who: Person) -> None:
    assert opened(who)
    view = open_rights(actor=AGENT, person_public_id=who.public_id, at=NOW)
    css = next(one for one in view.rights if one.right.kind == "css")
    assert css.right == CSS
    assert css.last is not None
    assert (css.last.evidence, css.last.evidence_on) == ("letter", date(2026, 11, 20))
    assert css.last.seen_by == "fund_agent"
    assert Line.objects.filter(event="rights.right.opened", person_id=who.pk).count() == 1


def test_the_same_right_sent_again_is_one(who: Person) -> None:
    assert opened(who)
    assert not opened(who)
    assert Exemption.objects.count() == Entry.objects.count() == 1


def test_the_same_ground_is_refused_on_days_that_it_has(who: Person) -> None:
    opened(who)
    longer = replace(CSS, valid_from=date(2026, 1, 1))
    assert is_refused("right_overlaps", opened, who, longer)
    assert opened(who, replace(CSS, kind="ald", reference="P-1"))
    assert opened(who, replace(CSS, kind="ald", reference="P-2"))
    before = replace(CSS, valid_from=date(2026, 1, 1), ends_on=date(2026, 8, 31))
    assert opened(who, before)


def test_the_database_itself_refuses_one_ground_twice_on_a_day(who: Person) -> None:
    opened(who)
    with pytest.raises(IntegrityError, match="people_exemption_once"), transaction.atomic():
        make.exemption(who, "css", valid_from=date(2027, 8, 31))
    make.exemption(who, "css", valid_from=date(2027, 9, 1))
    # The same days of somebody else are nobody's concern.
    make.exemption(scene.insured(), "css", valid_from=date(2026, 9, 1))


def test_ending_and_correcting_keep_what_was_said_before(who: Person) -> None:
    opened(who)
    row = Exemption.objects.get()
    told = {"actor": AGENT, "right_id": row.public_id, "evidence": LETTER, "at": NOW}
    assert end_right(**told, ends_on=date(2026, 12, 31))
    assert not end_right(**told, ends_on=date(2026, 12, 31))
    assert correct_right(**told, right=replace(CSS, valid_from=date(2026, 8, 1)))
    history = open_rights(actor=AGENT, person_public_id=who.public_id, at=NOW).history
    assert [seen.act for seen in history] == ["corrected", "ended", "opened"]
    assert history[0].before is not None
    assert history[0].before.ends_on == date(2026, 12, 31)
    assert withdraw_right(**told)
    assert not Exemption.objects.exists()
    last = Entry.objects.order_by("id").last()
    assert last is not None
    assert last.content["before"]["valid_from"] == "2026-08-01"


def test_what_was_seen_is_never_changed_nor_removed_while_its_person_is_known(
    who: Person,
) -> None:
    opened(who)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.update(evidence="counter")
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.all().delete()


def test_another_fund_sees_and_writes_nothing(who: Person) -> None:
    opened(who)
    number = people.with_rights(who.pk).nir
    assert find_insured(actor=AGENT, nir=number, at=NOW) == who.public_id
    assert is_refused("insured_unknown", find_insured, actor=STRANGER, nir=number, at=NOW)
    for actor in (STRANGER, Actor("insurer_agent", account_id=9, insurer_code="12345678")):
        assert is_refused(
            "not_allowed", open_rights, actor=actor, person_public_id=who.public_id, at=NOW
        )
        assert is_refused("not_allowed", opened, who, replace(CSS, kind="ame"), actor)
    row = Exemption.objects.get()
    told = {"actor": STRANGER, "right_id": row.public_id, "evidence": LETTER, "at": NOW}
    assert is_refused("not_allowed", end_right, **told, ends_on=date(2026, 12, 31))
    assert is_refused("not_allowed", withdraw_right, **told)


def test_a_right_without_evidence_or_with_days_the_wrong_way_is_refused(who: Person) -> None:
    told = {"actor": AGENT, "person_public_id": who.public_id, "at": NOW}
    ahead = Evidence("letter", NOW.date() + timedelta(days=1))
    for evidence in (Evidence("hearsay"), ahead):
        assert is_refused("evidence_unclear", open_right, **told, right=CSS, evidence=evidence)
    backwards = replace(CSS, ends_on=date(2026, 8, 1))
    assert is_refused("right_unclear", open_right, **told, right=backwards, evidence=LETTER)


def test_a_declaration_opens_nothing_until_an_agent_who_read_the_paper_accepts(
    who: Person,
) -> None:
    paper = add_document(
        actor=scene.of(who),
        person_id=who.pk,
        kind="rights_statement",
        content_type="image/png",
        content=b"made up",
        at=NOW,
    )
    told = {"actor": scene.of(who), "person_id": who.pk, "right": CSS, "at": NOW}
    made = declare_right(**told, document=paper)
    assert declare_right(**told, document=paper) == made
    assert not Exemption.objects.exists()
    assert [one.public_id for one in list_declarations(actor=AGENT, at=NOW)] == [made]
    assert list_declarations(actor=STRANGER, at=NOW) == ()
    assert open_certificate(actor=AGENT, declaration_id=made, at=NOW).content == b"made up"
    assert is_refused("not_allowed", open_certificate, actor=STRANGER, declaration_id=made, at=NOW)
    answer = {"actor": AGENT, "public_id": made, "accepted": True, "reason": "", "at": NOW}
    assert answer_declaration(**answer)
    assert not answer_declaration(**answer)
    assert Exemption.objects.get().declared_by == "fund_agent"
    assert Entry.objects.get().document == paper
    assert is_refused(
        "declaration_answered", answer_declaration, **{**answer, "accepted": False, "reason": "x"}
    )


def test_somebody_elses_paper_never_goes_to_a_fund(who: Person) -> None:
    other = scene.insured()
    paper = add_document(
        actor=scene.of(other),
        person_id=other.pk,
        kind="rights_statement",
        content_type="image/png",
        content=b"made up",
        at=NOW,
    )
    told = {"actor": scene.of(who), "person_id": who.pk, "right": CSS, "at": NOW}
    assert is_refused("not_found", declare_right, **told, document=paper)
    assert is_refused("not_found", declare_right, **told, document=uuid.uuid4())


def test_a_declaration_is_refused_with_a_reason_or_withdrawn(who: Person) -> None:
    told = {"actor": scene.of(who), "person_id": who.pk, "document": None, "at": NOW}
    first = declare_right(**told, right=CSS)
    second = declare_right(**told, right=replace(CSS, kind="ald"))
    no = {"actor": AGENT, "public_id": first, "accepted": False, "at": NOW}
    assert is_refused("declaration_reason", answer_declaration, **no, reason=" ")
    assert answer_declaration(**no, reason="L’attestation est celle de 2025.")
    assert withdraw_declaration(actor=scene.of(who), public_id=second, at=NOW)
    assert not withdraw_declaration(actor=scene.of(who), public_id=second, at=NOW)
    view = open_own_rights(actor=scene.of(who), person_id=who.pk, at=NOW)
    assert [one.state for one in view.declared] == ["withdrawn", "refused"]
    assert view.declared[1].reason == "L’attestation est celle de 2025."
    assert Declaration.objects.count() == 2


def test_what_a_right_changes_to_a_session_is_told_in_cents(who: Person) -> None:
    def first_cost() -> tuple[int, int]:
        view = open_own_rights(actor=scene.of(who), person_id=who.pk, at=NOW)
        return view.costs[0].upfront_cents, view.costs[0].final_cents

    assert first_cost() == (2000, 2000)
    opened(who)
    assert first_cost() == (0, 0)


def test_a_css_that_ended_still_spares_the_obligatory_share_and_says_until_when(
    who: Person,
) -> None:
    opened(who, replace(CSS, valid_from=date(2025, 3, 1), ends_on=date(2026, 2, 28)))
    view = open_own_rights(actor=scene.of(who), person_id=who.pk, at=NOW)
    assert view.former_css_until == date(2027, 2, 28)
    assert not any(one.open for one in view.rights if one.right.kind == "css")


def test_a_right_opened_late_lists_the_claims_that_would_be_decided_otherwise(
    who: Person,
) -> None:
    here = scene.practice()
    claim = scene.paid(here, who, day=scene.AUTUMN, kind="evaluation").claim
    assert open_rights(actor=AGENT, person_public_id=who.public_id, at=NOW).late == ()
    opened(who)
    (late,) = open_rights(actor=AGENT, person_public_id=who.public_id, at=NOW).late
    assert late.public_id == claim.public_id
    assert (late.amo_before, late.amo_after) == (3000, 5000)
    assert (late.patient_before, late.patient_after, late.back_cents) == (2000, 0, 2000)
    # What a person at the fund set aside stays aside: only money moves here.
    assert late.accepted_before
    assert late.accepted_after


def test_rights_are_forgotten_with_their_person(who: Person) -> None:
    opened(who)
    declare_right(
        actor=scene.of(who),
        person_id=who.pk,
        right=replace(CSS, kind="ald"),
        document=None,
        at=NOW,
    )
    forget_person(who.pk, NOW)
    assert not Entry.objects.exists()
    assert not Declaration.objects.exists()
    assert periods.by_public_id(uuid.uuid4()) is None
