"""Many claims at once are decided as one by one, in few questions, and never twice."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at

from soutien.registers.audit.models import Entry
from soutien.registers.care.models import CareSession, Seat
from soutien.registers.claims.models import CareSheet, Claim, Decision
from soutien.registers.ledger.models import Entry as LedgerEntry
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.rules.codes import Kind, Modality, word
from soutien.steps import gather
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.claim import send_care_sheet
from soutien.steps.receive import receive_claims
from soutien.steps.received import Entered, Written

pytestmark = pytest.mark.django_db
YEAR_END = at(date(2026, 12, 31), 20)
# What two decisions on the same session have in common, however they came.
SAID = (
    *("accepted", "to_confirm", "reasons", "notices", "coverage", "third_party", "price_cents"),
    *("amo_cents", "amc_cents", "patient_cents", "patient_upfront_cents", "sessions_left"),
    *("used_before", "used_after", "law_version", "facts", "terms", "sequence", "cause"),
)


def written(
    who: Person, where: scene.Practice, number: int, day: date = MONDAY, **words: object
) -> Written:
    """An evaluation on paper."""
    line = Written(
        sheet=f"P{who.pk}-{number}",
        nir=who.nir,
        birth_date=date.fromisoformat(who.birth_date),
        psychologist=where.place.psychologist.rpps,
        held_on=day,
        kind=Kind.EVALUATION,
        modality=Modality.IN_PERSON,
        price_cents=5000,
        received_on=day + 2 * DAY,
    )
    return replace(line, **words)  # type: ignore[arg-type]


def entered(lines: list[Written]) -> tuple[Entered, ...]:
    return receive_claims(actor=SYSTEM, lines=lines, at=YEAR_END)


def one_by_one(who: Person, where: scene.Practice, line: Written) -> None:
    """The same session recorded, its sheet issued and sent, as the pages do."""
    session = factories.care_session(
        who,
        where.place,
        held_on=line.held_on,
        kind=word(line.kind),
        modality=word(line.modality),
        price_cents=line.price_cents,
    )
    sheet = factories.care_sheet(
        session,
        act_code=gather.act_code(session.kind, session.modality).name.removeprefix("NONE"),
        price_cents=line.price_cents,
        amo_third_party=line.amo_third_party,
        complete=line.signed_by_person,
    )
    send_care_sheet(
        actor=where.actor,
        care_sheet_id=sheet.public_id,
        received_on=line.received_on,
        at=YEAR_END,
    )


def told(who: Person) -> list[tuple[object, ...]]:
    rows = Decision.objects.filter(claim__person=who).order_by("claim_id")
    return [tuple(getattr(row, name) for name in SAID) for row in rows]


def owed_to(who: Person) -> list[tuple[object, ...]]:
    """What the ledger holds on a person's claims: of whom, to whom, how much, and why."""
    rows = LedgerEntry.objects.filter(claim__person=who).order_by("claim_id", "line")
    columns = ("why", "debit__kind", "debit__payer", "credit__kind", "cents")
    return list(rows.values_list(*columns))


def at_random(dice: random.Random, who: Person, where: scene.Practice, number: int) -> Written:
    remote = dice.random() < 0.3
    line = written(
        who,
        where,
        number,
        date(2025, 12, 1) + dice.randrange(200) * DAY,
        kind=Kind.EVALUATION if dice.random() < 0.2 else Kind.FOLLOW_UP,
        modality=Modality.REMOTE if remote else Modality.IN_PERSON,
        price_cents=dice.choice([5000] * 9 + [4000]),
        amo_third_party=dice.random() < 0.3,
        signed_by_person=dice.random() < 0.95,
    )
    return replace(line, received_on=line.held_on + dice.randrange(60) * DAY)


def test_many_at_once_are_decided_as_one_by_one():
    dice = random.Random(6)
    practices = [scene.practice(), scene.practice()]
    first, second = ([scene.insured() for _ in range(4)] for _ in range(2))
    for pair in zip(first, second, strict=True):
        if dice.random() < 0.5:
            for who in pair:
                factories.exemption(who, "css", valid_from=date(2026, 3, 1))
    lines = []
    for number in range(120):
        index, where = dice.randrange(4), dice.choice(practices)
        line = at_random(dice, first[index], where, number)
        one_by_one(second[index], where, line)
        lines.append(line)
    answers = entered(lines[:50]) + entered(lines[50:])
    assert {answer.code for answer in answers} == {""}
    for together, alone in zip(first, second, strict=True):
        assert told(together) == told(alone)
        assert owed_to(together) == owed_to(alone)
        assert [scene.seats(together, year) for year in (2025, 2026)] == [
            scene.seats(alone, year) for year in (2025, 2026)
        ]
    decided = Decision.objects.filter(claim__person__in=first)
    assert decided.filter(accepted=True).count() > 20 < decided.filter(accepted=False).count()


def test_a_batch_asks_few_questions_whatever_its_number_of_lines(django_assert_max_num_queries):
    where = scene.practice()
    people = [scene.insured() for _ in range(30)]
    lines = [written(who, where, 1) for who in people]
    with django_assert_max_num_queries(45):
        assert all(answer.accepted for answer in entered(lines))
    assert Entry.objects.filter(event="claims.claim.entered").count() == len(people)
    assert Letter.objects.filter(kind="claims.claim.decided").count() == len(people)
    assert Seat.objects.filter(used=True).count() == len(people)


def test_entered_again_a_file_changes_nothing_and_says_so():
    where, who = scene.practice(), scene.insured()
    lines = [written(who, where, 1), written(who, where, 2, MONDAY + DAY, kind=Kind.FOLLOW_UP)]
    first = entered(lines)
    again = entered([*lines, *lines])
    assert [answer.code for answer in again] == ["already_entered"] * 4
    assert [answer.reference for answer in again[:2]] == [answer.reference for answer in first]
    assert Claim.objects.count() == Decision.objects.count() == CareSheet.objects.count() == 2


def test_a_line_that_cannot_be_entered_stops_no_other():
    where, who = scene.practice(), scene.insured()
    twice = scene.practice()
    factories.place(twice.place.psychologist, finess="690000001")
    good = written(who, where, 1)
    wrong = {
        "person_unknown": replace(good, sheet="A", birth_date=date(1990, 5, 18)),
        "psychologist_unknown": replace(good, sheet="B", psychologist="10000000000"),
        "place_unclear": replace(
            good, sheet="C", psychologist=twice.place.psychologist.rpps, finess=""
        ),
        "received_ahead": replace(good, sheet="D", received_on=date(2027, 1, 2)),
        "sheet_differs": replace(good, price_cents=4000),
    }
    answers = entered([good, *wrong.values()])
    assert [answer.code for answer in answers] == ["", *wrong]
    assert Claim.objects.count() == CareSession.objects.count() == 1
    there = replace(wrong["place_unclear"], finess="690000001")
    assert entered([there])[0].code == ""


def test_a_sheet_issued_here_becomes_its_own_claim_and_uses_its_seat():
    where, who = scene.practice(), scene.insured()
    session = scene.closed(where, scene.booked(where, who, day=MONDAY, kind="evaluation"))
    assert scene.seats(who) == (0, 1)
    [answer] = entered([written(who, where, 1, sheet=scene.sheet_of(session).number)])
    assert answer.accepted
    assert (scene.seats(who), CareSession.objects.count()) == ((1, 0), 1)


def test_a_full_year_of_appointments_makes_room_in_a_batch_too():
    where, who = scene.practice(), scene.insured()
    scene.paid(where, who, day=MONDAY, kind="evaluation")
    last = [scene.booked(where, who, day=MONDAY + week * 7 * DAY) for week in range(1, 12)][-1]
    lines = [
        written(who, where, number, MONDAY + number * DAY, kind=Kind.FOLLOW_UP)
        for number in (1, 2)
    ]
    assert [answer.accepted for answer in entered(lines)] == [True, True]
    assert scene.seats(who) == (3, 9)
    displaced = Letter.objects.filter(kind="care.seat.displaced").order_by("id")
    assert displaced[0].payload["booking"] == last.pk
    assert len(displaced) == 2


def test_nobody_enters_a_file_by_a_page():
    where, who = scene.practice(), scene.insured()
    for actor in (scene.of(who), where.actor, Actor("administrator")):
        with refused("not_allowed"):
            receive_claims(actor=actor, lines=[written(who, where, 1)], at=YEAR_END)
