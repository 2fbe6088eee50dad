"""Questionnaires in care: the pair alone, once, a danger told at once and never merely read."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import override_settings
from tests import factories as make
from tests.rules.scale_files import parents_scale, write

from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.measures import queries as measures
from soutien.registers.measures.models import Outcome, Questionnaire, Review
from soutien.registers.outbox.models import Letter
from soutien.registers.people.models import Person
from soutien.rules.screen import Course, Danger
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.errors import Refusal
from soutien.steps.keeping import forget_person, leave
from soutien.steps.measure import (
    OPEN_AFTER,
    ask_questionnaire,
    enter_on_paper,
    fill_questionnaire,
    list_unread,
    open_curve,
    open_outcome,
    open_questionnaire,
    open_unread,
    open_visit_curve,
    review_outcome,
)
from soutien.steps.own_data import download_own_data, open_own_data
from soutien.steps.permissions import ROLES
from soutien.steps.remind import plan_reminder

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
CALM = (1, 1, 1, 1, 1, 1, 1, 1, 0)
DANGER = (0, 0, 0, 0, 0, 0, 0, 0, 1)
UNSAID = (1, 1, 1, 1, 1, 1, 1, 1, None)
NEVER = ("fund_agent", "fund_supervisor", "insurer_agent", "analyst", "administrator")


@dataclass
class Pair:
    """A person, their psychologist, and the appointment that comes."""

    who: Person
    psychologist: Actor
    booking: Booking

    @property
    def person(self) -> Actor:
        return Actor("person", account_id=1, person_id=self.who.pk)

    def asked(self, scale: str = "phq-9") -> Questionnaire:
        return ask_questionnaire(
            actor=self.psychologist, booking_id=self.booking.public_id, scale=scale, at=NOW
        )

    def filled(self, answers: tuple[int | None, ...] = CALM, at: datetime = NOW) -> Outcome:
        row = self.asked()
        fill_questionnaire(actor=ANONYMOUS, questionnaire_id=row.public_id, answers=answers, at=at)
        return Outcome.objects.get(questionnaire=row)

    def on_paper(
        self, answers: tuple[int | None, ...] = CALM, on: date = TODAY, scale: str = "phq-9"
    ) -> Outcome:
        told = enter_on_paper(
            actor=self.psychologist,
            booking_id=self.booking.public_id,
            scale=scale,
            answers=answers,
            filled_on=on,
            at=NOW,
        )
        return Outcome.objects.get(public_id=told.public_id)


def pair(**fields: Any) -> Pair:
    place = make.place(make.psychologist())
    who = make.person(at=NOW, **fields)
    booking = make.booking(place, starts_at=NOW + timedelta(days=3), who=who)
    actor = Actor("psychologist", account_id=2, psychologist_id=place.psychologist_id)
    return Pair(who, actor, booking)


@pytest.fixture
def ours() -> Pair:
    return pair()


def code(step: Callable[..., object], **told: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        step(**({"at": NOW} | told))
    return refusal.value.code


def letters(kind: str) -> list[Letter]:
    return list(Letter.objects.filter(kind=kind))


def test_asked_twice_it_is_there_once_and_open_until_after_the_appointment(ours: Pair):
    row = ours.asked()
    assert ours.asked().pk == row.pk
    assert row.valid_before == ours.booking.ends_at + OPEN_AFTER
    assert ours.asked("gad-7").pk != row.pk
    assert len(letters("measures.questionnaire.asked")) == 2


def test_the_reminder_that_is_to_come_spares_a_letter(ours: Pair):
    plan_reminder(booking_id=ours.booking.pk, at=NOW)
    ours.asked()
    assert not letters("measures.questionnaire.asked")


@pytest.mark.parametrize(
    ("scale", "born", "expected"),
    [
        ("diary", "1990-05-17", "scale_unknown"),
        ("audit", "1990-05-17", "scale_without_questions"),
        ("phq-9", "2008-11-21", "scale_not_theirs"),
    ],
)
def test_what_cannot_be_asked(scale: str, born: str, expected: str):
    here = pair(birth_date=born)
    told = {"booking_id": here.booking.public_id, "scale": scale, "actor": here.psychologist}
    assert code(ask_questionnaire, **told) == expected
    assert not Questionnaire.objects.exists()


def test_on_the_birthday_one_is_asked_as_a_grown_up():
    assert pair(birth_date="2008-11-20").asked().by_link


def test_nothing_is_asked_before_an_appointment_that_is_over_or_cancelled(ours: Pair):
    told = {"booking_id": ours.booking.public_id, "scale": "phq-9", "actor": ours.psychologist}
    assert code(ask_questionnaire, **told | {"at": ours.booking.ends_at}) == "booking_ended"


def test_filled_by_its_link_the_answers_and_the_score_are_sealed(ours: Pair):
    row = ours.asked()
    blank = open_questionnaire(actor=ANONYMOUS, questionnaire_id=row.public_id, at=NOW)
    assert blank.scale is not None and blank.scale.name == "phq-9"
    told = fill_questionnaire(
        actor=ANONYMOUS, questionnaire_id=row.public_id, answers=CALM, at=NOW
    )
    assert (told.total, told.danger, told.way, told.filled_on) == (8, Danger.NO, "phone", TODAY)
    assert told.band is not None and told.band.code == "mild"
    with connection.cursor() as cursor:
        cursor.execute("SELECT told FROM measures_outcome")
        cursor.execute("SELECT scale FROM measures_questionnaire")
        assert b"phq" not in bytes(cursor.fetchone()[0])
    after = open_questionnaire(actor=ANONYMOUS, questionnaire_id=row.public_id, at=NOW)
    assert blank.stands and after.filled and not after.stands


def test_nothing_that_is_kept_in_clear_or_by_its_length_tells_of_a_danger():
    lengths, rows = set(), []
    for answers in (CALM, DANGER, UNSAID):
        here = pair()
        outcome = here.filled(answers)
        gone = {"id", "public_id", "person_id", "psychologist_id", "questionnaire_id", "told"}
        rows.append({k: v for k, v in Outcome.objects.values().get(pk=outcome.pk).items()
                     if k not in gone})  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SELECT length(told) FROM measures_outcome WHERE id = %s", [outcome.pk])
            lengths.add(cursor.fetchone()[0])
            cursor.execute("SELECT length(scale) FROM measures_questionnaire")
            assert len(set(cursor.fetchall())) == 1
    assert len(lengths) == 1
    assert rows[0] == rows[1] == rows[2]
    kinds = [sorted(Letter.objects.filter(about=f"outcome:{row.pk}").values_list("kind"))
             for row in Outcome.objects.all()]  # fmt: skip
    assert len(kinds) == 3 and kinds[0] == kinds[1] == kinds[2]
    lines = Entry.objects.filter(event="measures.outcome.filled")
    assert {(line.reason, line.result) for line in lines} == {("", "done")}


def test_sent_again_it_answers_the_same_and_other_answers_are_refused(ours: Pair):
    row = ours.asked()
    told = {"actor": ANONYMOUS, "questionnaire_id": row.public_id}
    first = fill_questionnaire(**told, answers=CALM, at=NOW)
    again = fill_questionnaire(**told, answers=CALM, at=NOW + timedelta(days=90))
    assert first == again
    assert code(fill_questionnaire, **told, answers=DANGER) == "questionnaire_filled"
    assert Outcome.objects.count() == 1
    assert len(letters("measures.outcome.filled")) == 1


def test_two_outcomes_of_one_questionnaire_are_refused_by_the_database(ours: Pair):
    outcome = ours.filled()
    with pytest.raises(IntegrityError), transaction.atomic():
        measures.keep(
            ours.who.pk,
            outcome.psychologist_id,
            outcome.told,
            questionnaire_id=outcome.questionnaire_id,
            filled_on=TODAY,
            by="person",
            at=NOW,
        )


def test_over_or_no_more_in_care_nothing_is_kept(ours: Pair):
    row = ours.asked()
    told = {"actor": ANONYMOUS, "questionnaire_id": row.public_id, "answers": DANGER}
    assert code(fill_questionnaire, **told | {"at": row.valid_before}) == "questionnaire_over"
    Booking.objects.update(status="cancelled", ended_at=NOW, ended_by="person")
    assert code(fill_questionnaire, **told) == "questionnaire_over"
    assert not Outcome.objects.exists()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [((None,) * 9, "answers_none"), ((1,) * 8, "answers_unclear"), ((4,) * 9, "answers_unclear")],
)
def test_what_is_no_answer(ours: Pair, answers: tuple[int | None, ...], expected: str):
    row = ours.asked()
    told = {"actor": ANONYMOUS, "questionnaire_id": row.public_id, "answers": answers}
    assert code(fill_questionnaire, **told) == expected


@pytest.mark.parametrize("answers", [DANGER, UNSAID])
def test_a_danger_or_its_blank_stays_until_the_psychologist_says_what_they_did(
    ours: Pair, answers: tuple[int | None, ...]
):
    outcome = ours.filled(answers)
    mine = {"actor": ours.psychologist, "outcome_id": outcome.public_id}
    mine_only = {"actor": ours.psychologist, "psychologist_id": ours.psychologist.psychologist_id}
    assert code(review_outcome, **mine, done="read") == "review_unclear"
    review_outcome(**mine, done="not_reached", at=NOW)
    [unread] = list_unread(**mine_only, at=NOW)
    assert unread.outcome.urgent
    review_outcome(**mine, done="talked", at=NOW)
    review_outcome(**mine, done="talked", at=NOW)
    assert list_unread(**mine_only, at=NOW) == ()
    assert [done for _at, done in open_outcome(**mine, at=NOW).done] == ["not_reached", "talked"]


def test_what_tells_of_no_danger_is_read_once(ours: Pair):
    outcome = ours.filled()
    mine = {"actor": ours.psychologist, "outcome_id": outcome.public_id}
    assert code(review_outcome, **mine, done="talked") == "review_unclear"
    review_outcome(**mine, done="read", at=NOW)
    review_outcome(**mine, done="read", at=NOW)
    assert Review.objects.count() == 1


def test_the_list_shows_a_danger_first(ours: Pair):
    ours.on_paper(DANGER)
    other = make.booking(
        ours.booking.place, starts_at=NOW + timedelta(days=4), who=make.person(at=NOW)
    )
    beside = Pair(other.person, ours.psychologist, other)
    beside.filled(CALM, at=NOW)
    mine = ours.psychologist
    found = list_unread(actor=mine, psychologist_id=mine.psychologist_id, at=NOW)  # type: ignore[arg-type]
    assert [line.outcome.urgent for line in found] == [True, False]


def test_entered_from_paper_it_is_read_unless_it_tells_of_a_danger(ours: Pair):
    calm, danger = ours.on_paper(), ours.on_paper(DANGER)
    assert [row.way for row in (calm, danger)] == ["paper", "paper"]
    assert measures.is_read(calm) and not measures.is_read(danger)
    assert ours.on_paper(DANGER).pk == danger.pk
    assert Outcome.objects.count() == 2
    assert not letters("measures.outcome.filled")
    audit = ours.on_paper((1,) * 8 + (0, 0), scale="audit")
    assert (audit.told["total"], audit.told["band"]) == (8, "hazardous")
    told = {"booking_id": ours.booking.public_id, "scale": "phq-9", "actor": ours.psychologist}
    ahead = told | {"answers": CALM, "filled_on": TODAY + timedelta(days=1)}
    assert code(enter_on_paper, **ahead) == "filled_ahead"
    assert code(enter_on_paper, **ahead | {"filled_on": TODAY, "scale": "bits"}) == (
        "scale_not_theirs"
    )


def test_the_curve_says_what_it_was_computed_from(ours: Pair):
    for days, answers in ((20, (2,) * 8 + (0,)), (10, (1,) * 8 + (0,)), (0, (1,) + (0,) * 8)):
        ours.on_paper(answers, TODAY - timedelta(days=days))
    ours.on_paper((1,) * 7, scale="gad-7")
    for view in (
        open_curve(actor=ours.person, person_id=ours.who.pk, at=NOW),
        open_visit_curve(actor=ours.psychologist, booking_id=ours.booking.public_id, at=NOW),
    ):
        gad, phq = view.curves
        assert [point.total for point in phq.points] == [16, 8, 1]
        found = phq.evolution
        assert (found.course, found.first, found.last) == (Course.IMPROVED, 16, 1)
        assert (found.difference, found.reliable_points, found.case_from) == (-15, 6, 10)
        assert (found.recovered, found.scores_used) == (True, 3)
        assert phq.points[0].between == (11, 21)
        assert gad.evolution.course is Course.NOT_ENOUGH_DATA


def strangers(ours: Pair) -> list[Actor]:
    """Everybody but the pair: each role, of nobody and of somebody else."""
    other, colleague = pair(), make.psychologist()
    parent = make.person(at=NOW)
    return [
        *(Actor(role, account_id=9) for role in ROLES if role != "anonymous"),
        other.person,
        other.psychologist,
        Actor("psychologist", account_id=9, psychologist_id=colleague.pk),
        Actor("replacement", account_id=9, psychologist_id=ours.psychologist.psychologist_id),
        Actor("guardian", account_id=9, person_id=parent.pk, on_behalf_of=ours.who.pk),
        # A browser that only booked, in this person's name.
        Actor("person", person_id=ours.who.pk),
        *(Actor(role, account_id=9, fund_code=make.FUND) for role in NEVER),
        ANONYMOUS,
    ]


def test_nobody_but_the_pair_reads_or_says_anything(ours: Pair):
    outcome, asked = ours.filled(DANGER), ours.asked("gad-7")
    visit, owner = ours.booking.public_id, ours.psychologist.psychologist_id
    paper = {"booking_id": visit, "scale": "phq-9", "answers": CALM, "filled_on": TODAY}
    for actor in strangers(ours):
        assert code(open_outcome, actor=actor, outcome_id=outcome.public_id) == "not_allowed"
        mine = {"actor": actor, "outcome_id": outcome.public_id, "done": "talked"}
        assert code(review_outcome, **mine) == "not_allowed"
        assert code(open_visit_curve, actor=actor, booking_id=visit) == "not_allowed"
        assert code(ask_questionnaire, actor=actor, booking_id=visit, scale="gad-7") == (
            "not_allowed"
        )
        assert code(enter_on_paper, actor=actor, **paper) == "not_allowed"
        if actor.role != "guardian":
            assert code(open_curve, actor=actor, person_id=ours.who.pk) == "not_allowed"
        if actor.role != "psychologist":
            assert code(list_unread, actor=actor, psychologist_id=owner) == "not_allowed"
        if actor.role in NEVER:
            told = {"actor": actor, "questionnaire_id": asked.public_id}
            assert code(open_questionnaire, **told) == "not_allowed"
            assert code(fill_questionnaire, **told, answers=(0,) * 7) == "not_allowed"
    assert code(list_unread, actor=pair().psychologist, psychologist_id=owner) == "not_allowed"
    assert Outcome.objects.count() == 1 and not Review.objects.exists()
    assert code(
        review_outcome, actor=ours.person, outcome_id=outcome.public_id, done="talked"
    ) == ("not_allowed")


def test_another_psychologist_of_the_same_person_sees_nothing_of_the_pair(ours: Pair):
    outcome = ours.filled()
    place = make.place(make.psychologist())
    beside = make.booking(place, starts_at=NOW + timedelta(days=5), who=ours.who)
    other = Actor("psychologist", account_id=3, psychologist_id=place.psychologist_id)
    for step in (open_outcome, open_unread):
        assert code(step, actor=other, outcome_id=outcome.public_id) == "not_allowed"
    view = open_visit_curve(actor=other, booking_id=beside.public_id, at=NOW)
    assert (view.outcomes, view.curves) == ((), ())


def test_who_reads_a_danger_reads_whom_to_call(ours: Pair):
    outcome = ours.filled()
    found = open_unread(actor=ours.psychologist, outcome_id=outcome.public_id, at=NOW)
    assert found.outcome.public_id == outcome.public_id
    assert (found.person_public_id, found.phone) == (ours.who.public_id, ours.who.phone)
    assert ours.who.family_name in found.person_name
    assert code(open_unread, actor=ours.person, outcome_id=outcome.public_id) == "not_allowed"


def test_each_look_leaves_a_line(ours: Pair):
    outcome = ours.filled()
    open_curve(actor=ours.person, person_id=ours.who.pk, at=NOW)
    open_outcome(actor=ours.psychologist, outcome_id=outcome.public_id, at=NOW)
    with pytest.raises(Refusal):
        open_outcome(actor=pair().psychologist, outcome_id=outcome.public_id, at=NOW)
    found = Entry.objects.filter(event__startswith="measures.", person_id=ours.who.pk)
    assert sorted(found.values_list("event", "actor_role", "result")) == [
        ("measures.curve.opened", "person", "done"),
        ("measures.outcome.filled", "anonymous", "done"),
        ("measures.outcome.opened", "psychologist", "done"),
        ("measures.outcome.opened", "psychologist", "refused"),
        ("measures.questionnaire.asked", "psychologist", "done"),
    ]


@pytest.fixture
def operators_folder(tmp_path):
    write(tmp_path, "moods", parents_scale("adolescents"))
    write(tmp_path, "days", parents_scale("children"))
    with override_settings(SCALES_DIR=str(tmp_path)):
        yield


def test_what_an_adolescent_answers_is_never_a_parent_s(operators_folder: None):
    here = pair(birth_date="2011-05-17")
    parent = Actor("guardian", account_id=5, person_id=make.person(at=NOW).pk,
                   on_behalf_of=here.who.pk)  # fmt: skip
    own, theirs = here.asked("moods"), here.asked("days")
    assert (own.by_link, theirs.by_link) == (False, True)
    # No letter leads there: the address may be a parent's.
    assert [letter.payload for letter in letters("measures.questionnaire.asked")] == [
        {"questionnaire": theirs.pk}
    ]
    for actor in (ANONYMOUS, parent, Actor("person", person_id=here.who.pk)):
        told = {"actor": actor, "questionnaire_id": own.public_id}
        assert code(open_questionnaire, **told) == "not_allowed"
        assert code(fill_questionnaire, **told, answers=(1, 1)) == "not_allowed"
    fill_questionnaire(actor=here.person, questionnaire_id=own.public_id, answers=(1, 1), at=NOW)
    fill_questionnaire(actor=parent, questionnaire_id=theirs.public_id, answers=(1, 0), at=NOW)
    seen = open_curve(actor=parent, person_id=here.who.pk, at=NOW)
    assert [each.name for each in seen.outcomes] == ["days"]
    mine = open_curve(actor=here.person, person_id=here.who.pk, at=NOW)
    assert {each.name for each in mine.outcomes} == {"days", "moods"}
    hidden = Outcome.objects.get(questionnaire=own).public_id
    assert code(open_outcome, actor=parent, outcome_id=hidden) == "not_allowed"
    make.guardianship(
        Person.objects.get(pk=parent.person_id), here.who, valid_from=date(2020, 1, 1)
    )
    export = download_own_data(actor=parent, person_id=here.who.pk, at=NOW)
    assert (export["questionnaires"], export["outcomes"], export["outcome_reviews"]) == (
        [], [], []
    )  # fmt: skip
    assert open_own_data(actor=parent, person_id=here.who.pk, at=NOW).counts["outcomes"] == 0


def test_one_s_own_export_has_the_answers(ours: Pair):
    outcome = ours.filled(DANGER)
    review_outcome(actor=ours.psychologist, outcome_id=outcome.public_id, done="talked", at=NOW)
    export = download_own_data(actor=ours.person, person_id=ours.who.pk, at=NOW)
    assert export["outcomes"][0]["told"]["answers"] == list(DANGER)
    assert export["questionnaires"][0]["scale"] == "phq-9"
    assert export["outcome_reviews"][0]["done"] == "talked"


def test_a_scale_that_is_there_no_more_opens_nothing_and_breaks_nothing(operators_folder: None):
    here = pair(birth_date="2011-05-17")
    row = here.asked("moods")
    fill_questionnaire(actor=here.person, questionnaire_id=row.public_id, answers=(1, 1), at=NOW)
    again = here.asked("moods")
    with override_settings(SCALES_DIR=""):
        view = open_curve(actor=here.person, person_id=here.who.pk, at=NOW)
        assert view.curves == () and view.outcomes[0].total == 2
        assert [blank.scale for blank in view.open_ones] == [None]
        told = {"actor": here.person, "questionnaire_id": again.public_id, "answers": (1, 1)}
        assert code(fill_questionnaire, **told) == "questionnaire_over"


def test_outcomes_stay_with_the_file_and_go_when_its_person_is_forgotten(ours: Pair):
    review_outcome(
        actor=ours.psychologist, outcome_id=ours.filled().public_id, done="read", at=NOW
    )
    leave(ours.who.pk, NOW)
    assert Outcome.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        measures.forget(ours.who.pk)
    forget_person(ours.who.pk, NOW)
    for model in (Questionnaire, Outcome, Review):
        assert not model._default_manager.exists()


def test_what_is_not_there_is_not_found(ours: Pair):
    unknown = uuid.uuid4()
    for step, name in (
        (open_questionnaire, "questionnaire_id"),
        (open_outcome, "outcome_id"),
        (open_visit_curve, "booking_id"),
    ):
        assert code(step, actor=ours.psychologist, **{name: unknown}) == "not_found"
