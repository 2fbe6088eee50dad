"""Two transactions at once decide what one after the other would; on PostgreSQL, really two."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection
from tests.steps import scene
from tests.steps.scene import MONDAY
from tests.steps.test_receive import YEAR_END, written

from soutien.doors.cli import side_by_side
from soutien.doors.cli.side_by_side import SideBySide, halves
from soutien.registers.claims.models import Claim, Decision
from soutien.rules.codes import Kind, Modality
from soutien.steps.actor import SYSTEM
from soutien.steps.receive import receive_claims
from soutien.steps.received import Entered, Written

DAY = date(2026, 3, 2)


def of(nir: str, sheet: str) -> Written:
    return Written(
        sheet, nir, DAY, "10000000001", DAY, Kind.FOLLOW_UP, Modality.IN_PERSON, 5000, DAY
    )


def test_a_person_and_a_sheet_are_never_in_both_halves():
    dice = random.Random(6)
    for _ in range(200):
        lines = [
            of(f"n{dice.randrange(12)}", f"s{dice.randrange(30)}")
            for _ in range(dice.randrange(40))
        ]
        here, there = halves(lines)
        assert sorted((*here, *there)) == list(range(len(lines)))
        assert (here, there) == (sorted(here), sorted(there))
        for told in ("nir", "sheet"):
            first = {getattr(lines[place], told) for place in here}
            assert not first & {getattr(lines[place], told) for place in there}


def test_strangers_are_parted_evenly():
    here, there = halves([of(f"n{number}", f"s{number}") for number in range(101)])
    assert abs(len(here) - len(there)) == 1


def entered(lines: Sequence[Written]) -> Sequence[Entered]:
    return receive_claims(actor=SYSTEM, lines=lines, at=YEAR_END)


def told(who: Any) -> list[tuple[object, ...]]:
    rows = Decision.objects.filter(claim__person=who).order_by("claim__care_session__held_on")
    return list(rows.values_list("accepted", "reasons", "amo_cents", "used_before", "used_after"))


@pytest.mark.django_db(transaction=True)
def test_a_file_is_decided_the_same_side_by_side(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(side_by_side, "FEW", 2)
    where, people = scene.practice(), [scene.insured() for _ in range(8)]
    # Sixteen sessions a person: the cap is reached in the middle of each.
    lines = [
        written(
            who,
            where,
            number,
            MONDAY + 7 * number * scene.DAY,
            kind=Kind.FOLLOW_UP if number else Kind.EVALUATION,
        )
        for number in range(16)
        for who in people
    ]
    with SideBySide(entered) as entering:
        assert entering.at_once == (2 if connection.vendor == "postgresql" else 1)
        answers = entering.enter(lines[:64]) + entering.enter(lines[64:])
    assert [answer.accepted for answer in answers] == [number < 12 * 8 for number in range(128)]
    references = list(Claim.objects.values_list("reference", flat=True))
    assert sorted(answer.reference for answer in answers) == sorted(references)
    [alike] = {tuple(told(who)) for who in people}
    assert [row[0] for row in alike] == [True] * 12 + [False] * 4


@pytest.mark.django_db(transaction=True)
def test_an_error_of_either_half_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(side_by_side, "FEW", 2)
    where, people = scene.practice(), [scene.insured() for _ in range(2)]
    lines = [written(who, where, 0, kind=Kind.EVALUATION) for who in people]

    def broken(part: Sequence[Written]) -> Sequence[Entered]:
        if lines[1] in part:
            raise DatabaseError("The disk is full.")
        return entered(part)

    with SideBySide(broken) as entering, pytest.raises(DatabaseError, match="disk is full"):
        entering.enter(lines)
    # What the other half entered stays; there is no other half on SQLite.
    assert Claim.objects.count() == entering.at_once - 1
