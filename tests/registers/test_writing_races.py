"""A letter is fetched by one, a document signed as it stands: by however many at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from tests import factories as make
from tests.registers.test_factor_races import how_many_took

from soutien.registers.writings import queries as writings
from soutien.registers.writings.models import Deposit, Signature, Version, Writing
from soutien.sealing import code_from, place_of, seal_by

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PLACE = place_of(code_from("a page", "words"))


def left() -> Deposit:
    Deposit.objects.all().delete()
    return writings.leave(
        PLACE,
        content=seal_by(code_from("a page", "words"), "words"),
        kept_code="",
        author_id=None,
        written_on=NOW.date(),
        at=NOW,
        ends_at=NOW + timedelta(days=1),
    )


def fetch() -> bool:
    with transaction.atomic():
        deposit = writings.lock_deposit(PLACE, NOW)
        if deposit is None:
            return False
        writings.received(deposit, NOW)
        return True


def fetch_without_the_lock() -> bool:
    deposit = Deposit.objects.filter(place=PLACE, received_at__isnull=True).first()
    if deposit is None:
        return False
    writings.received(deposit, NOW)
    return True


def test_a_letter_is_fetched_by_one() -> None:
    left()
    assert how_many_took(fetch) == 1


def test_twin_without_the_lock_several_fetch_it() -> None:
    def again() -> int:
        left()
        return how_many_took(fetch_without_the_lock)

    assert any(again() > 1 for _try in range(40))


def test_left_by_several_at_once_it_is_there_once() -> None:
    Deposit.objects.all().delete()

    def leave() -> int:
        return writings.leave(
            PLACE,
            content="x",
            kept_code="",
            author_id=None,
            written_on=NOW.date(),
            at=NOW,
            ends_at=NOW + timedelta(days=1),
        ).pk

    how_many_took(leave)
    assert Deposit.objects.count() == 1


def draft() -> Writing:
    return writings.begin(
        "attendance",
        person_id=make.person(at=NOW).pk,
        psychologist_id=make.psychologist().pk,
        body={},
        written_on=NOW.date(),
        at=NOW,
    )


def test_versions_of_one_document_come_one_after_the_other_and_none_after_the_signature() -> None:
    """Each takes the document first: nobody writes between what is read and what is signed."""
    note = draft()

    def write_and_sign() -> bool:
        with transaction.atomic():
            locked = writings.lock(note)
            if writings.is_signed(locked):
                return False
            number = writings.write_again(locked, {"words": "x"}, NOW).number
            return writings.sign(locked, NOW).number == number

    assert how_many_took(write_and_sign) == 1
    assert Version.objects.filter(writing=note).count() == 2
    assert Signature.objects.get(writing=note).number == 2
