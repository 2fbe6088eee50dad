"""Standing in for a psychologist: their daily work, on the days of the replacement only."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused

from soutien.registers.audit.models import Entry
from soutien.registers.psychologists.models import Replacement
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.arrange import add_absence
from soutien.steps.look import list_claims, list_patients, open_claim, open_day
from soutien.steps.permissions import ROLES
from soutien.steps.stand_in import (
    end_replacement,
    list_replaced,
    list_replacements,
    record_replacement,
    stand_in_for,
)
from soutien.steps.standing import standing

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
FIRST = scene.AUTUMN
BEFORE = FIRST + 14 * DAY
AT = scene.at(FIRST)


@pytest.fixture
def away() -> scene.Practice:
    return scene.practice()


@pytest.fixture
def here() -> scene.Practice:
    return scene.practice()


def tied(away: scene.Practice, here: scene.Practice, actor: Actor = SYSTEM) -> Replacement:
    return record_replacement(
        actor=actor,
        replaced_id=away.psychologist_id,
        replacing_id=here.psychologist_id,
        valid_from=FIRST,
        valid_before=BEFORE,
        at=AT,
    )


def test_a_colleague_stands_in_on_the_days_agreed(away: scene.Practice, here: scene.Practice):
    tied(away, here, actor=away.actor)
    chosen = away.place.psychologist.public_id
    expected = Actor("replacement", psychologist_id=away.psychologist_id)
    for day, inside in (
        (FIRST - DAY, False),
        (FIRST, True),
        (BEFORE - DAY, True),
        (BEFORE, False),
    ):
        found = standing(here.actor, chosen, day)
        assert found.actor == (expected if inside else here.actor)
        assert bool(found.name) == inside
    assert standing(here.actor, None, FIRST).actor == here.actor


def test_the_list_is_the_psychologist_s_own(away: scene.Practice, here: scene.Practice):
    row = tied(away, here)
    mine = {"psychologist_id": away.psychologist_id, "on": FIRST, "at": AT}
    assert list_replacements(actor=away.actor, **mine) == (row,)
    with refused("not_allowed"):
        list_replacements(actor=here.actor, **mine)
    end_replacement(actor=away.actor, replacement_id=row.public_id, ends_on=FIRST, at=AT)
    assert list_replacements(actor=away.actor, **(mine | {"on": FIRST - DAY})) == ()


def test_whoever_only_replaces_acts_for_nobody_else(away: scene.Practice, here: scene.Practice):
    own = Actor("replacement", psychologist_id=here.psychologist_id)
    nobody = Actor("replacement")
    assert standing(own, None, FIRST).actor == nobody
    tied(away, here)
    there = Actor("replacement", psychologist_id=away.psychologist_id)
    assert standing(own, None, FIRST).actor == there
    assert standing(own, uuid4(), FIRST).actor == there
    assert standing(own, None, BEFORE).actor == nobody
    second = scene.practice()
    tied(second, here)
    # Two at once: nobody is guessed.
    assert standing(own, None, FIRST).actor == nobody
    assert standing(own, away.place.psychologist.public_id, FIRST).actor == there


def test_a_replacement_works_and_arranges_nothing_for_good(
    away: scene.Practice, here: scene.Practice
):
    tied(away, here)
    who = scene.insured()
    booking = scene.booked(away, who, day=FIRST + DAY, kind="evaluation")
    actor = standing(here.actor, away.place.psychologist.public_id, FIRST).actor
    day = open_day(actor=actor, psychologist_id=away.psychologist_id, day=booking.civil_day, at=AT)
    assert [line.booking.booking_id for line in day.lines] == [booking.pk]
    assert len(list_patients(actor=actor, psychologist_id=away.psychologist_id, at=AT)) == 1
    session = scene.closed(scene.Practice(away.place), booking)
    claim = scene.sent(away, session)
    assert open_claim(actor=actor, claim_public_id=claim.public_id, at=AT).person_id == who.pk
    with refused("not_allowed"):
        list_claims(actor=actor, at=AT)
    with refused("not_allowed"):
        add_absence(actor=actor, valid_from=FIRST, valid_before=BEFORE, at=AT)
    with refused("not_allowed"):
        open_day(actor=actor, psychologist_id=here.psychologist_id, day=booking.civil_day, at=AT)
    with refused("not_allowed"):
        open_day(
            actor=here.actor, psychologist_id=away.psychologist_id, day=booking.civil_day, at=AT
        )


def test_it_ends_earlier_never_later_and_by_the_one_replaced(
    away: scene.Practice, here: scene.Practice
):
    row = tied(away, here)
    for actor, code in (
        (here.actor, "not_allowed"),
        (Actor("administrator"), "not_allowed"),
    ):
        with refused(code):
            end_replacement(actor=actor, replacement_id=row.public_id, ends_on=FIRST, at=AT)
    with refused("not_found"):
        end_replacement(actor=away.actor, replacement_id=uuid4(), ends_on=FIRST, at=AT)
    end_replacement(actor=away.actor, replacement_id=row.public_id, ends_on=BEFORE + DAY, at=AT)
    row.refresh_from_db()
    assert row.valid_before == BEFORE
    end_replacement(actor=away.actor, replacement_id=row.public_id, ends_on=FIRST + 3 * DAY, at=AT)
    chosen = away.place.psychologist.public_id
    assert standing(here.actor, chosen, FIRST + 3 * DAY).actor == here.actor
    assert Entry.objects.filter(event="psychologists.replacement.ended").count() == 1


def test_only_the_one_replaced_or_the_operator_records(away: scene.Practice, here: scene.Practice):
    for actor in (here.actor, *(Actor(role) for role in ROLES)):
        with refused("not_allowed"):
            tied(away, here, actor=actor)
    tied(away, here)
    with refused("replacement_already"):
        tied(here, away)
    with refused("replacement_of_oneself"):
        tied(away, away)
    with refused("period_wrong"):
        record_replacement(
            actor=SYSTEM,
            replaced_id=away.psychologist_id,
            replacing_id=factories.psychologist().pk,
            valid_from=FIRST,
            valid_before=FIRST,
            at=AT,
        )


def test_one_chooses_among_those_one_replaces(away: scene.Practice, here: scene.Practice):
    tied(away, here)
    [found] = list_replaced(actor=here.actor, on=FIRST, at=AT)
    assert found.psychologist_id == away.psychologist_id
    assert (
        stand_in_for(actor=here.actor, psychologist_id=found.public_id, on=FIRST, at=AT) == found
    )
    for who, day in ((away.actor, FIRST), (here.actor, BEFORE)):
        with refused("not_found"):
            stand_in_for(actor=who, psychologist_id=found.public_id, on=day, at=AT)
