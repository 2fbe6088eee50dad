"""A paper sheet in the hands of an agent: typed twice, checked, sent back or decided, followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests import factories as make
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at

from soutien.registers.accounts.models import Role
from soutien.registers.audit.models import Entry
from soutien.registers.claims.models import CareSheet, Claim, PaperSheet, PaperTyping
from soutien.registers.ledger.models import Entry as LedgerEntry
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.rules.codes import Kind, Modality, Reason
from soutien.steps.acknowledge import find_receipt, open_receipt
from soutien.steps.actor import Actor
from soutien.steps.transcribe import (
    decide_paper,
    list_paper_sheets,
    open_paper_sheet,
    return_paper,
    retype_paper,
    type_amounts,
    type_paper,
)
from soutien.steps.transcribed import Act, Typed

pytestmark = pytest.mark.django_db
NOW = at(MONDAY + 9 * DAY)
FUND = "019990069"
PRICE, WRONG = 5000, 4500


def agent(fund_code: str = FUND) -> Actor:
    account = make.account(Role.FUND_AGENT, fund_code=fund_code)
    return Actor("fund_agent", account_id=account.pk, fund_code=fund_code)


def on_paper(who: Person, where: scene.Practice, *amounts: int, **words: object) -> Typed:
    """A paper with an evaluation, then follow-ups, a day after another."""
    typed = Typed(
        nir=who.nir,
        birth_date=date.fromisoformat(who.birth_date),
        psychologist=where.place.psychologist.rpps,
        received_on=MONDAY + 8 * DAY,
        acts=tuple(
            Act(
                MONDAY + number * DAY,
                Kind.FOLLOW_UP if number else Kind.EVALUATION,
                Modality.IN_PERSON,
                cents,
            )
            for number, cents in enumerate(amounts or (PRICE,))
        ),
    )
    return replace(typed, **words)  # type: ignore[arg-type]


def begun(who: Actor, typed: Typed, *again: int, **words: object) -> PaperSheet:
    """A paper typed whole, then its amounts once more."""
    paper = type_paper(actor=who, typed=typed, at=NOW, **words)  # type: ignore[arg-type]
    amounts = again or typed.amounts
    type_amounts(actor=who, paper_id=paper.public_id, amounts=amounts, at=NOW)
    return paper


def test_a_paper_of_several_sessions_becomes_one_sheet_with_a_claim_a_line():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where, PRICE, PRICE))
    view = open_paper_sheet(actor=clerk, paper_id=paper.public_id, at=NOW)
    assert (view.agreed, view.refused, view.may_be_decided) == (True, False, True)
    assert not Claim.objects.exists(), "nothing is decided before the agent says so"
    told = decide_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    assert [line.accepted for line in told] == [True, True]
    sheet = CareSheet.objects.get()
    assert [line.position for line in sheet.lines.order_by("position")] == [1, 2]
    assert sheet.number == paper.reference, "a paper without a number is known by its reference"
    assert decide_paper(actor=clerk, paper_id=paper.public_id, at=NOW) == ()
    assert Claim.objects.count() == 2
    assert LedgerEntry.objects.filter(claim__care_sheet=sheet).exists()


def test_amounts_that_differ_are_shown_and_settled_by_a_third_typing():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where, PRICE, 500), PRICE, PRICE)
    view = open_paper_sheet(actor=clerk, paper_id=paper.public_id, at=NOW)
    assert not view.agreed and view.foreseen == ()
    assert [one.amounts_cents for one in view.differences] == [(500, PRICE)]
    with refused("paper_unchecked"):
        decide_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    other = agent()
    assert type_amounts(actor=other, paper_id=paper.public_id, amounts=(PRICE, PRICE), at=NOW)
    view = open_paper_sheet(actor=other, paper_id=paper.public_id, at=NOW)
    assert (view.agreed, view.differences, view.typed.amounts) == (True, (), (PRICE, PRICE))
    assert list(PaperTyping.objects.values_list("account", flat=True)) == [
        clerk.account_id,
        clerk.account_id,
        other.account_id,
    ]


def test_a_wrong_price_goes_back_and_the_mended_sheet_is_decided():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where, WRONG, number="A-1"))
    view = open_paper_sheet(actor=clerk, paper_id=paper.public_id, at=NOW)
    [line] = view.foreseen
    assert line.answer is not None
    assert line.answer.decision.reasons == Reason.PRICE_NOT_REGULATED
    return_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    return_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    assert Letter.objects.filter(kind="claims.paper.returned").count() == 1
    assert not Claim.objects.exists()
    with refused("paper_ended"):
        decide_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    receipt = open_receipt(actor=scene.of(who), public_id=paper.public_id, at=NOW)
    assert (receipt.state, receipt.reasons) == ("returned", Reason.PRICE_NOT_REGULATED)
    mended = begun(clerk, on_paper(who, where, number="A-1"), replaces=paper.public_id)
    with refused("paper_right"):
        return_paper(actor=clerk, paper_id=mended.public_id, at=NOW)
    [told] = decide_paper(actor=clerk, paper_id=mended.public_id, at=NOW)
    assert told.accepted
    with refused("paper_ended"):
        type_paper(
            actor=clerk,
            typed=on_paper(who, where, number="A-2"),
            at=NOW,
            replaces=paper.public_id,
        )


def test_what_a_new_sheet_cannot_mend_is_decided_as_a_refusal():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where, WRONG))
    [told] = decide_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    assert told.accepted is False
    receipt = open_receipt(actor=where.actor, public_id=paper.public_id, at=NOW)
    assert [line.accepted for line in receipt.lines] == [False]


def test_the_am_number_is_as_good_as_the_other():
    where, who, clerk = scene.practice(am_number="690012345"), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where, psychologist="690012345"))
    assert paper.psychologist_id == where.psychologist_id


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("insured_unknown", {"birth_date": date(1990, 5, 18)}),
        ("nir_wrong", {"nir": "290057505600143"}),
        ("paper_nobody", {"psychologist": "10000000000"}),
        ("paper_place_unclear", {"finess": "690000009"}),
        ("received_ahead", {"received_on": date(2027, 1, 2)}),
        ("paper_lines", {"acts": ()}),
        ("paper_lines", {"acts": (Act(MONDAY, Kind.EVALUATION, Modality.IN_PERSON, 1),) * 2}),
    ],
)
def test_what_no_paper_can_say_is_refused_and_nothing_is_written(
    code: str, words: dict[str, object]
):
    where, who = scene.practice(), scene.insured()
    with refused(code):
        type_paper(actor=agent(), typed=on_paper(who, where, **words), at=NOW)
    assert not PaperSheet.objects.exists()


def test_a_person_of_another_fund_is_nobody_here():
    where, who = scene.practice(), scene.insured()
    with refused("not_allowed"):
        type_paper(actor=agent("019990001"), typed=on_paper(who, where), at=NOW)


def test_a_paper_typed_again_whole_keeps_what_was_typed_before():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where, PRICE, PRICE), PRICE, 500)
    [first, second] = on_paper(who, where, PRICE, PRICE).acts
    later = replace(second, held_on=second.held_on + DAY)
    typed = on_paper(who, where, acts=(first, later))
    retype_paper(actor=clerk, paper_id=paper.public_id, typed=typed, at=NOW)
    view = open_paper_sheet(actor=clerk, paper_id=paper.public_id, at=NOW)
    assert view.agreed and view.typed.acts[1].held_on == later.held_on
    assert PaperTyping.objects.count() == 3
    with refused("paper_known"):
        type_paper(actor=clerk, typed=replace(typed, number=paper.number), at=NOW)


def test_a_session_claimed_already_is_shown_beside():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    first = begun(clerk, on_paper(who, where))
    decide_paper(actor=clerk, paper_id=first.public_id, at=NOW)
    second = begun(clerk, on_paper(who, where))
    view = open_paper_sheet(actor=clerk, paper_id=second.public_id, at=NOW)
    assert [(twin.reference, twin.accepted) for twin in view.twins] == [
        (Claim.objects.get().reference, True)
    ]
    assert view.refused, "the law says so too"


def test_papers_that_wait_are_listed_for_their_fund():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where))
    assert [line.reference for line in list_paper_sheets(actor=clerk, at=NOW)] == [paper.reference]
    assert list_paper_sheets(actor=agent("019990001"), at=NOW) == ()
    decide_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    assert list_paper_sheets(actor=clerk, at=NOW) == ()


def test_whoever_it_is_about_follows_it_by_its_reference():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where))
    for reader in (scene.of(who), where.actor, clerk):
        found = find_receipt(actor=reader, reference=f" {paper.reference.lower()} ", at=NOW)
        assert found == paper.public_id
        assert open_receipt(actor=reader, public_id=found, at=NOW).state == "typed"
    decide_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    claim = Claim.objects.get()
    found = find_receipt(actor=scene.of(who), reference=claim.reference, at=NOW)
    receipt = open_receipt(actor=scene.of(who), public_id=found, at=NOW)
    assert (receipt.state, receipt.lines[0].accepted) == ("decided", True)
    for reference in (paper.reference, "P26-999999", "nothing", ""):
        with refused("receipt_unknown"):
            find_receipt(actor=scene.of(scene.insured()), reference=reference, at=NOW)
    with refused("not_allowed"):
        open_receipt(actor=agent("019990001"), public_id=paper.public_id, at=NOW)


def test_a_sheet_sent_here_has_a_receipt_too():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    sheet = CareSheet.objects.get()
    for reader in (scene.of(who), where.actor, agent()):
        receipt = open_receipt(actor=reader, public_id=sheet.public_id, at=NOW)
        assert (receipt.reference, receipt.on_paper) == (sheet.number, False)
    unsent = scene.sheet_of(scene.closed(where, scene.booked(where, who, day=MONDAY + 7 * DAY)))
    with refused("not_found"):
        open_receipt(actor=scene.of(who), public_id=unsent.public_id, at=NOW)


def test_each_step_leaves_a_line_about_the_person():
    where, who, clerk = scene.practice(), scene.insured(), agent()
    paper = begun(clerk, on_paper(who, where, WRONG))
    return_paper(actor=clerk, paper_id=paper.public_id, at=NOW)
    events = set(Entry.objects.filter(person_id=who.pk).values_list("event", flat=True))
    assert {
        "claims.paper.typed",
        "claims.paper.checked",
        "claims.paper.returned",
    } <= events
