"""The care of two people: what is agreed first, goals, reviews, the end, a new year."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from tests import factories as make
from tests.steps.refusals import refused
from tests.steps.scene import (
    DAY,
    MONDAY,
    Practice,
    at,
    booked,
    closed,
    insured,
    paid,
    practice,
)

from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.care.episodes import Episode, Goals, Review
from soutien.registers.people.models import Person
from soutien.steps import gather
from soutien.steps.accompanied import EpisodeView
from soutien.steps.accompany import (
    MOST_GOALS,
    Plan,
    Words,
    end_care,
    open_care,
    open_own_care,
    plan_care,
    say_goals,
    write_review,
)
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.compose import begin_writing, sign_writing
from soutien.steps.keeping import forget_person
from soutien.steps.look import open_day, open_year
from soutien.steps.own_data import download_own_data

pytestmark = pytest.mark.django_db
ALL_DONE = Plan(True, True, True, True, 6)
WORDS = Words("better", "Réveils la nuit", "Dort mieux", "Relaxation", "On continue")
CAP = gather.terms_on(MONDAY).sessions_per_year_max


@pytest.fixture
def here() -> Practice:
    return practice()


@pytest.fixture
def who() -> Person:
    return insured()


def of(who: Person) -> Actor:
    return Actor("person", account_id=1, person_id=who.pk)


def current(here: Practice, who: Person, day: date = MONDAY) -> EpisodeView:
    view = open_care(actor=here.actor, patient_id=who.public_id, at=at(day, 18))
    assert view.current is not None
    return view.current


def evaluated(here: Practice, who: Person, day: date = MONDAY) -> EpisodeView:
    closed(here, booked(here, who, day=day, kind="evaluation"))
    return current(here, who, day)


def test_the_first_session_begins_the_care_without_a_form(here: Practice, who: Person):
    episode = evaluated(here, who)
    assert (episode.opened_on, episode.opened_for) == (MONDAY, "evaluation")
    assert (episode.held, episode.planned_sessions, episode.checked) == (1, None, False)
    assert [session.held_on for session in episode.sessions] == [MONDAY]


def test_a_missed_session_begins_nothing(here: Practice, who: Person):
    closed(here, booked(here, who, day=MONDAY, kind="evaluation"), performed=False)
    assert not Episode.objects.exists()


def test_the_checklist_is_complete_with_its_five_points(here: Practice, who: Person):
    evaluated(here, who)
    told = {"actor": here.actor, "patient_id": who.public_id, "at": at(MONDAY, 10)}
    for missing in (
        Plan(False, True, True, True, 6),
        Plan(True, False, True, True, 6),
        Plan(True, True, False, True, 6),
        Plan(True, True, True, False, 6),
        Plan(True, True, True, True, None),
    ):
        plan_care(plan=missing, **told)  # type: ignore[arg-type]
        assert not current(here, who).checked
    plan_care(plan=ALL_DONE, **told)  # type: ignore[arg-type]
    assert current(here, who).checked
    lines = Entry.objects.filter(event="care.episode.planned").count()
    plan_care(plan=ALL_DONE, **told)  # type: ignore[arg-type]
    assert Entry.objects.filter(event="care.episode.planned").count() == lines


def test_no_more_can_be_foreseen_than_the_law_gives(here: Practice, who: Person):
    evaluated(here, who)
    for planned in (0, CAP + 1):
        with refused("planned_beyond_law"):
            plan_care(
                actor=here.actor,
                patient_id=who.public_id,
                plan=Plan(True, True, True, True, planned),
                at=at(MONDAY),
            )
    most = Plan(True, True, True, True, CAP)
    plan_care(actor=here.actor, patient_id=who.public_id, plan=most, at=at(MONDAY))


def test_the_care_may_be_planned_before_the_session_is_closed(here: Practice, who: Person):
    booked(here, who, day=MONDAY, kind="evaluation")
    plan_care(actor=here.actor, patient_id=who.public_id, plan=ALL_DONE, at=at(MONDAY, 9))
    episode = current(here, who)
    assert (episode.opened_on, episode.opened_for, episode.held) == (MONDAY, "evaluation", 0)
    closed(here, Booking.objects.get(person=who))
    assert current(here, who).held == 1 and Episode.objects.count() == 1


def test_goals_are_written_by_either_and_read_by_both(here: Practice, who: Person):
    episode = evaluated(here, who)
    say_goals(actor=of(who), episode_id=episode.public_id, text=" Dormir \r\n", at=at(MONDAY))
    goals = current(here, who).goals
    assert goals is not None and (goals.text, goals.said_by) == ("Dormir", "person")
    for _twice in range(2):
        say_goals(actor=here.actor, episode_id=episode.public_id, text="Sortir", at=at(MONDAY))
    own = open_own_care(actor=of(who), person_id=who.pk, at=at(MONDAY)).episodes[0].goals
    assert own is not None and (own.text, own.said_by) == ("Sortir", "psychologist")
    assert [row.text for row in Goals.objects.order_by("sequence")] == ["Dormir", "Sortir"]
    with refused("words_too_long"):
        say_goals(
            actor=of(who), episode_id=episode.public_id, text="x" * (MOST_GOALS + 1), at=at(MONDAY)
        )


def test_words_are_sealed(here: Practice, who: Person):
    episode = evaluated(here, who)
    say_goals(actor=of(who), episode_id=episode.public_id, text="Zibeline", at=at(MONDAY))
    write_review(
        actor=here.actor,
        episode_id=episode.public_id,
        kind="mid_course",
        words=Words("worse", "Zibeline", "Zibeline", "Zibeline", "Zibeline", "other_care"),
        at=at(MONDAY),
    )
    with connection.cursor() as cursor:
        for table in ("care_goals", "care_review"):
            cursor.execute(f"SELECT * FROM {table}")
            [row] = cursor.fetchall()
            kept = b"".join(bytes(cell) for cell in row if isinstance(cell, (bytes, memoryview)))
            words = kept + str(row).encode()
            assert not any(word in words for word in (b"Zibeline", b"worse", b"other_care"))


def test_half_of_what_was_foreseen_asks_for_a_review(here: Practice, who: Person):
    episode = evaluated(here, who)
    plan_care(
        actor=here.actor,
        patient_id=who.public_id,
        plan=Plan(True, True, True, True, 4),
        at=at(MONDAY),
    )
    assert not current(here, who).review_due
    closed(here, booked(here, who, day=MONDAY + 7 * DAY))
    assert current(here, who).review_due
    booked(here, who, day=MONDAY + 14 * DAY)
    [line] = open_day(
        actor=here.actor,
        psychologist_id=here.psychologist_id,
        day=MONDAY + 14 * DAY,
        at=at(MONDAY + 14 * DAY),
    ).lines
    assert (line.planned, line.held_before, line.review_due) == (4, 2, True)
    review = write_review(
        actor=here.actor,
        episode_id=episode.public_id,
        kind="mid_course",
        words=WORDS,
        at=at(MONDAY + 8 * DAY),
    )
    assert review.sessions_held == 2
    assert not current(here, who).review_due


def test_a_review_written_again_keeps_the_former(here: Practice, who: Person):
    episode = evaluated(here, who)
    told = {"actor": here.actor, "episode_id": episode.public_id, "at": at(MONDAY)}
    for words in (WORDS, WORDS, Words("same", evolution="Pareil")):
        write_review(kind="mid_course", words=words, **told)  # type: ignore[arg-type]
    assert [row.evolution for row in Review.objects.order_by("sequence")] == [
        "Dort mieux",
        "Pareil",
    ]
    read = current(here, who).mid_course
    assert read is not None and (read.change, read.evolution) == ("same", "Pareil")
    with refused("review_empty"):
        write_review(kind="mid_course", words=Words("better", "  "), **told)  # type: ignore[arg-type]
    for wrong in ({"kind": "end"}, {"words": Words("splendid", "x")}):
        with refused("choice_unclear"):
            write_review(**({"kind": "mid_course", "words": WORDS} | wrong | told))  # type: ignore[arg-type]


def reported(here: Practice, who: Person, day: date, *, signed: bool) -> uuid.UUID:
    return begin_writing(
        actor=here.actor,
        booking_id=Booking.objects.filter(person=who).latest("starts_at").public_id,
        kind="end_report",
        words={"evolution": "Dort mieux", "count": "1", "conclusion": "Va bien"},
        signed=signed,
        at=at(day, 18),
    )


def test_the_report_of_the_end_is_one_document_and_a_draft_is_its_psychologist_s(
    here: Practice, who: Person
):
    evaluated(here, who)
    key = reported(here, who, MONDAY, signed=False)
    draft = current(here, who).end
    assert draft is not None and (draft.public_id, draft.signed_at) == (key, None)
    [own] = open_own_care(actor=of(who), person_id=who.pk, at=at(MONDAY, 19)).episodes
    assert own.end is None
    sign_writing(actor=here.actor, writing_id=key, at=at(MONDAY, 19))
    [own] = open_own_care(actor=of(who), person_id=who.pk, at=at(MONDAY, 19)).episodes
    assert own.end is not None and own.end.public_id == key
    parent = Actor("guardian", account_id=1, person_id=who.pk + 999, on_behalf_of=who.pk)
    [theirs] = open_own_care(actor=parent, person_id=who.pk, at=at(MONDAY, 19)).episodes
    assert theirs.end is None


def test_each_episode_has_the_report_of_its_days(here: Practice, who: Person):
    key = evaluated(here, who).public_id
    first = reported(here, who, MONDAY, signed=True)
    end_care(
        actor=here.actor, episode_id=key, ended_for="finished", last_day=MONDAY, at=at(MONDAY, 19)
    )
    later = MONDAY + 28 * DAY
    closed(here, booked(here, who, day=later))

    def reports(hour: int) -> list[uuid.UUID | None]:
        view = open_care(actor=here.actor, patient_id=who.public_id, at=at(later, hour))
        return [each.end.public_id if each.end else None for each in view.episodes]

    assert reports(18) == [None, first]
    second = reported(here, who, later, signed=True)
    assert reports(19) == [second, first]


def test_the_same_line_is_told_to_both_before_a_session(here: Practice, who: Person):
    evaluated(here, who)
    plan_care(actor=here.actor, patient_id=who.public_id, plan=ALL_DONE, at=at(MONDAY))
    day = MONDAY + 7 * DAY
    booked(here, who, day=day)
    year = open_year(
        actor=of(who), person_id=who.pk, civil_year=2026, on=MONDAY, at=at(MONDAY, 20)
    )
    [line] = open_day(
        actor=here.actor, psychologist_id=here.psychologist_id, day=day, at=at(MONDAY, 20)
    ).lines
    assert year.before_next == line
    assert (line.number, line.planned, line.held_before) == (2, 6, 1)


def test_the_end_is_said_once_and_the_next_session_begins_another(here: Practice, who: Person):
    first = evaluated(here, who)
    told = {"actor": here.actor, "episode_id": first.public_id, "ended_for": "finished"}
    for wrong in (MONDAY - DAY, MONDAY + 3 * DAY):
        with refused("end_day_wrong"):
            end_care(last_day=wrong, at=at(MONDAY + DAY), **told)  # type: ignore[arg-type]
    end_care(last_day=MONDAY, at=at(MONDAY + DAY), **told)  # type: ignore[arg-type]
    again = end_care(
        **(told | {"ended_for": "stopped"}),  # type: ignore[arg-type]
        last_day=MONDAY + DAY,
        at=at(MONDAY + DAY),
    )
    assert again.ended_for == "finished"
    with refused("care_over"):
        say_goals(actor=of(who), episode_id=first.public_id, text="Encore", at=at(MONDAY))
    later = MONDAY + 60 * DAY
    closed(here, booked(here, who, day=later))
    second = current(here, who, later)
    assert (second.opened_for, second.evaluated_in_year, second.held) == ("again", True, 1)
    plan = Plan(True, True, True, True, 5, "doctor_and_psychiatrist")
    plan_care(actor=here.actor, patient_id=who.public_id, plan=plan, at=at(later, 12))
    assert current(here, who, later).exchanged_with == "doctor_and_psychiatrist"
    view = open_care(actor=here.actor, patient_id=who.public_id, at=at(later, 18))
    assert [len(episode.sessions) for episode in view.episodes] == [1, 1]


def test_whoever_comes_from_another_psychologist_takes_it_up(here: Practice, who: Person):
    paid(here, who, day=MONDAY, kind="evaluation")
    there, day = practice(), MONDAY + 7 * DAY
    closed(there, booked(there, who, day=day))
    episode = current(there, who, day)
    assert (episode.opened_for, episode.held) == ("change", 1)
    own = open_own_care(actor=of(who), person_id=who.pk, at=at(day))
    assert [one.opened_for for one in own.episodes] == ["change", "evaluation"]


def test_a_new_year_does_not_end_the_care_and_is_said(here: Practice, who: Person):
    paid(here, who, day=date(2025, 12, 1), kind="evaluation")
    paid(here, who, day=date(2025, 12, 8))
    before = current(here, who, date(2025, 12, 31))
    assert not before.rolled_over
    in_january = date(2026, 1, 12)
    decided = paid(here, who, day=in_january)
    assert decided.accepted and decided.sessions_left == CAP - 1
    episode = current(here, who, in_january)
    assert (episode.rolled_over, episode.held) == (True, 3)
    closed(here, booked(here, who, day=date(2026, 1, 19), kind="evaluation"))
    assert not current(here, who, date(2026, 1, 20)).rolled_over
    assert Episode.objects.count() == 1


def test_only_the_two_read_it_and_who_acts_for_a_child_no_words(here: Practice, who: Person):
    episode = evaluated(here, who)
    say_goals(actor=of(who), episode_id=episode.public_id, text="Dormir", at=at(MONDAY))
    parent = Actor("guardian", account_id=1, person_id=who.pk + 999, on_behalf_of=who.pk)
    seen = open_own_care(actor=parent, person_id=who.pk, at=at(MONDAY)).episodes[0]
    assert (seen.goals, seen.held) == (None, 1)
    other = practice()
    strangers = [
        ANONYMOUS,
        of(make.person(at=at(MONDAY))),
        other.actor,
        parent,
        Actor("replacement", account_id=1, psychologist_id=here.psychologist_id),
        Actor("doctor", account_id=1),
        Actor("fund_agent", account_id=1, fund_code=make.FUND),
        Actor("fund_supervisor", account_id=1, fund_code=make.FUND),
        Actor("insurer_agent", account_id=1),
        Actor("town_editor", account_id=1),
        Actor("analyst", account_id=1),
        Actor("administrator", account_id=1),
    ]
    key, now = episode.public_id, at(MONDAY)
    for actor in strangers:
        with refused("not_allowed"):
            open_care(actor=actor, patient_id=who.public_id, at=now)
        with refused("not_allowed"):
            plan_care(actor=actor, patient_id=who.public_id, plan=ALL_DONE, at=now)
        with refused("not_allowed"):
            say_goals(actor=actor, episode_id=key, text="x", at=now)
        with refused("not_allowed"):
            write_review(actor=actor, episode_id=key, kind="mid_course", words=WORDS, at=now)
        with refused("not_allowed"):
            end_care(actor=actor, episode_id=key, ended_for="finished", last_day=MONDAY, at=now)
        if actor is not parent:
            with refused("not_allowed"):
                open_own_care(actor=actor, person_id=who.pk, at=now)
    # A browser that only booked never proved who it is.
    with refused("not_allowed"):
        open_own_care(actor=Actor("person", person_id=who.pk), person_id=who.pk, at=now)
    with refused("not_found"):
        open_care(actor=here.actor, patient_id=uuid.uuid4(), at=now)


def test_it_is_in_the_export_and_its_words_go_with_the_person(here: Practice, who: Person):
    episode = evaluated(here, who)
    say_goals(actor=of(who), episode_id=episode.public_id, text="Dormir", at=at(MONDAY))
    write_review(
        actor=here.actor,
        episode_id=episode.public_id,
        kind="mid_course",
        words=WORDS,
        at=at(MONDAY),
    )
    export = download_own_data(actor=of(who), person_id=who.pk, at=at(MONDAY))
    [goals], [review], [row] = export["goals"], export["care_reviews"], export["episodes"]
    assert (goals["text"], review["conclusion"]) == ("Dormir", "On continue")
    assert row["opened_on"] == MONDAY.isoformat()
    forget_person(who.pk, at(MONDAY))
    assert not Goals.objects.exists() and not Review.objects.exists()
    assert Episode.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"opened_for": "fun"},
        {"ended_for": "finished"},
        {"closed_before": MONDAY + DAY},
        {"closed_before": MONDAY, "ended_for": "finished"},
        {"planned_sessions": 0},
        {"exchanged_with": "neighbour"},
    ],
)
def test_the_database_refuses_what_no_step_writes(
    here: Practice, who: Person, wrong: dict[str, object]
):
    evaluated(here, who)
    with pytest.raises(IntegrityError), transaction.atomic():
        Episode.objects.update(**wrong)


def test_two_open_episodes_of_one_pair_cannot_be(here: Practice, who: Person):
    evaluated(here, who)
    with pytest.raises(IntegrityError), transaction.atomic():
        Episode.objects.create(
            person=who,
            psychologist_id=here.psychologist_id,
            opened_on=MONDAY,
            opened_for="again",
            opened_at=at(MONDAY),
        )
