"""Handing over: the next psychologist reads what the person chose, and nothing else."""

from __future__ import annotations

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories as make
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, Practice, at, booked, closed, insured, paid, practice

from soutien.registers.agenda.models import Booking
from soutien.registers.care.models import Episode, HandOver
from soutien.registers.consents import queries as consents
from soutien.registers.people.models import Person
from soutien.steps.accompanied import CareView
from soutien.steps.accompany import Plan, Words, open_care, plan_care, say_goals, write_review
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.compose import begin_writing, sign_writing
from soutien.steps.hand_on import agree_hand_over, open_hand_over, withdraw_hand_over
from soutien.steps.keeping import forget_person
from soutien.steps.own_data import say_consent

pytestmark = pytest.mark.django_db
NOW = at(MONDAY + DAY)


@pytest.fixture
def here() -> Practice:
    return practice()


@pytest.fixture
def there() -> Practice:
    return practice()


@pytest.fixture
def who(here: Practice, there: Practice) -> Person:
    """Somebody who said what they hope for, and has an appointment elsewhere."""
    person = insured()
    paid(here, person, day=MONDAY, kind="evaluation")
    key = Episode.objects.get(person=person).public_id
    plan = Plan(True, True, True, True, 6)
    plan_care(actor=here.actor, patient_id=person.public_id, plan=plan, at=NOW)
    say_goals(actor=of(person), episode_id=key, text="Zibeline", at=NOW)
    words = Words("better", evolution="Dort mieux")
    write_review(actor=here.actor, episode_id=key, kind="mid_course", words=words, at=NOW)
    booked(there, person, day=MONDAY + 7 * DAY)
    return person


def of(who: Person) -> Actor:
    return Actor("person", account_id=1, person_id=who.pk)


def agreed(
    who: Person, there: Practice, *items: str, actor: Actor | None = None, **told: object
) -> HandOver:
    values = {
        "actor": actor or of(who),
        "episode_id": Episode.objects.get(person=who).public_id,
        "to_psychologist_id": there.place.psychologist.public_id,
        "items": items,
        "at": NOW,
    }
    return agree_hand_over(**(values | told))  # type: ignore[arg-type]


def seen(there: Practice, who: Person) -> CareView:
    return open_care(actor=there.actor, patient_id=who.public_id, at=NOW)


def test_the_next_reads_what_was_chosen_and_nothing_else(there: Practice, who: Person):
    agreed(who, there, "plan", "sessions")
    [received] = seen(there, who).received
    assert received.content == {
        "plan": 6,
        "sessions": [[MONDAY.isoformat(), "evaluation", "in_person"]],
    }
    assert "Zibeline" not in str(seen(there, who))
    assert seen(there, who).episodes == ()


def test_the_report_of_the_end_is_there_to_hand_over_once_it_is_signed(
    here: Practice, there: Practice, who: Person
):
    booking = Booking.objects.get(person=who, psychologist=here.place.psychologist)
    words = {"recipient": "Dr Modèle", "evolution": "Dort", "count": "1", "conclusion": "Zibeline"}
    key = begin_writing(
        actor=here.actor,
        booking_id=booking.public_id,
        kind="end_report",
        words=words,
        signed=False,
        at=NOW,
    )
    with refused("hand_over_nothing"):
        agreed(who, there, "end")
    sign_writing(actor=here.actor, writing_id=key, at=NOW)
    agreed(who, there, "end")
    [received] = seen(there, who).received
    assert received.content["end"] == {
        "evolution": "Dort",
        "count": "1",
        "conclusion": "Zibeline",
        "written_on": NOW.date().isoformat(),
    }


def test_without_a_word_of_the_person_the_next_reads_nothing(there: Practice, who: Person):
    view = seen(there, who)
    assert (view.received, view.episodes) == ((), ())


def test_what_is_written_later_does_not_follow(here: Practice, there: Practice, who: Person):
    agreed(who, there, "goals", "mid_course")
    key = Episode.objects.get(person=who).public_id
    say_goals(actor=of(who), episode_id=key, text="Autre chose", at=NOW)
    [received] = seen(there, who).received
    assert received.content["goals"] == "Zibeline"
    assert received.content["mid_course"]["evolution"] == "Dort mieux"
    assert seen(here, who).received == ()


def test_it_is_sealed(there: Practice, who: Person):
    agreed(who, there, "goals")
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM care_handover")
        [(content,)] = cursor.fetchall()
    assert b"Zibeline" not in bytes(content) and b"goals" not in bytes(content)


def test_taken_back_it_is_gone_at_once(there: Practice, who: Person):
    given = agreed(who, there, "goals")
    withdraw_hand_over(actor=of(who), hand_over_id=given.public_id, at=NOW)
    assert seen(there, who).received == ()
    assert make.reread(given).content == {}
    with refused("not_found"):
        withdraw_hand_over(actor=of(who), hand_over_id=given.public_id, at=NOW)


def test_a_no_among_the_consents_closes_it(there: Practice, who: Person):
    agreed(who, there, "goals")
    assert consents.allows(who.pk, "hand_over")
    say_consent(
        actor=of(who), person_id=who.pk, purpose="hand_over", given=False, text_version=1, at=NOW
    )
    assert seen(there, who).received == ()
    agreed(who, there, "goals")
    assert len(seen(there, who).received) == 1


def test_agreed_again_the_former_one_goes(there: Practice, who: Person):
    first = agreed(who, there, "goals")
    assert agreed(who, there, "goals").pk == first.pk
    agreed(who, there, "plan")
    [received] = seen(there, who).received
    assert received.content == {"plan": 6} and make.reread(first).content == {}
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.create(
            episode=first.episode,
            to_psychologist=there.place.psychologist,
            content={"plan": 6},
            said_by="person",
            agreed_at=NOW,
        )


def test_to_nobody_in_particular_and_nothing_are_refused(here: Practice, who: Person):
    stranger = practice()
    for other in (stranger, here):
        with refused("hand_over_to_whom"):
            agreed(who, other, "goals")
    for items in ((), ("notes",), ("end",)):
        with refused("hand_over_nothing"):
            agreed(who, stranger, *items)


def test_who_acts_for_a_child_hands_over_no_words(there: Practice, who: Person):
    parent = Actor("guardian", account_id=1, person_id=who.pk + 999, on_behalf_of=who.pk)
    key = Episode.objects.get(person=who).public_id
    view = open_hand_over(actor=parent, episode_id=key, at=NOW)
    assert view.items == ("plan", "sessions")
    with refused("hand_over_nothing"):
        agreed(who, there, "goals", "mid_course", actor=parent)
    assert agreed(who, there, "goals", "plan", actor=parent).content == {"plan": 6}


def test_nobody_else_hands_over_or_takes_back(here: Practice, there: Practice, who: Person):
    given = agreed(who, there, "goals")
    key = Episode.objects.get(person=who).public_id
    strangers = [
        ANONYMOUS,
        of(make.person(at=NOW)),
        Actor("person", person_id=who.pk),
        here.actor,
        there.actor,
        Actor("fund_agent", account_id=1, fund_code=make.FUND),
        Actor("administrator", account_id=1),
    ]
    for actor in strangers:
        with refused("not_allowed"):
            open_hand_over(actor=actor, episode_id=key, at=NOW)
        with refused("not_allowed"):
            agreed(who, there, "plan", actor=actor)
        with refused("not_allowed"):
            withdraw_hand_over(actor=actor, hand_over_id=given.public_id, at=NOW)
    with refused("not_found"):
        open_hand_over(actor=of(who), episode_id=uuid.uuid4(), at=NOW)


def test_the_next_begins_their_own_care_and_the_count_goes_on(there: Practice, who: Person):
    agreed(who, there, "goals")
    day = MONDAY + 7 * DAY
    session = closed(there, there_booking(there, who))
    view = open_care(actor=there.actor, patient_id=who.public_id, at=at(day, 20))
    assert view.current is not None and session.held_on == day
    assert (view.current.opened_for, view.current.goals) == ("change", None)
    assert (view.count.used, view.count.reserved) == (1, 1)


def there_booking(there: Practice, who: Person) -> Booking:
    return Booking.objects.get(person=who, psychologist_id=there.psychologist_id)


def test_it_goes_with_the_person(there: Practice, who: Person):
    agreed(who, there, "goals")
    forget_person(who.pk, NOW)
    assert not HandOver.objects.exists()
