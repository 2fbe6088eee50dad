"""Letters about questions and answers: to whom, when, and not a word on what they are about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from tests import factories as make
from tests.doors.couriers.post_office import Clock, Office

from soutien.doors.couriers.message import MAIL, PERSON, PSYCHOLOGIST
from soutien.doors.measure_links import questions_path
from soutien.registers.agenda.models import Booking
from soutien.registers.measures.models import Outcome, Questionnaire
from soutien.registers.people import queries as people
from soutien.registers.people.models import Person
from soutien.steps.actor import ANONYMOUS, Actor
from soutien.steps.measure import (
    READ_WITHIN,
    ask_questionnaire,
    fill_questionnaire,
    review_outcome,
)
from soutien.steps.remind import plan_reminder

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
CALM, DANGER, UNSAID = (0,) * 9, (0,) * 8 + (1,), (0,) * 8 + (None,)
# Nothing of these may stand in a letter.
CLINICAL = re.compile(
    r"phq|questionnaire|psycho|dépress|anxi|score|danger|urgen|suicid|mort|santé|symptôm", re.I
)


@dataclass
class Scene:
    who: Person
    psychologist: Actor
    booking: Booking
    office: Office

    def asked(self) -> Questionnaire:
        return ask_questionnaire(
            actor=self.psychologist, booking_id=self.booking.public_id, scale="phq-9", at=NOW
        )

    def filled(self, answers: tuple[int | None, ...]) -> Outcome:
        row = self.asked()
        fill_questionnaire(
            actor=ANONYMOUS, questionnaire_id=row.public_id, answers=answers, at=NOW
        )
        return Outcome.objects.get()

    def to_psychologist(self) -> list[str]:
        return [message.subject for message in self.office.mail.to(PSYCHOLOGIST)]


@pytest.fixture
def scene() -> Scene:
    place = make.place(make.psychologist(email="cabinet@example.org"))
    who = make.person(at=NOW, email="ada@example.org", phone="+33639980000")
    booking = make.booking(place, starts_at=NOW + timedelta(days=5), who=who)
    actor = Actor("psychologist", account_id=2, psychologist_id=place.psychologist_id)
    return Scene(who, actor, booking, Office(Clock(NOW)))


def test_without_a_reminder_to_come_a_letter_leads_to_the_questions(scene: Scene):
    row = scene.asked()
    scene.office.turn()
    [mail] = scene.office.mail.to(PERSON)
    assert questions_path(row.public_id) in mail.body
    assert not CLINICAL.search(mail.subject) and "phq" not in mail.body.lower()
    assert "si vous voulez" in mail.body


def test_discreet_it_says_less(scene: Scene):
    Person.objects.filter(pk=scene.who.pk).update(discreet=True)
    scene.asked()
    scene.office.turn()
    [mail] = scene.office.mail.to(PERSON)
    assert mail.subject == "Rendez-vous"
    assert not CLINICAL.search(mail.body.replace(mail.body.split("http")[1], ""))


def test_by_text_where_there_is_no_address(scene: Scene):
    people.change(scene.who.pk, email="")
    scene.asked()
    scene.office.turn()
    assert any("Quelques questions" in text.body for text in scene.office.text.to(PERSON))


def test_the_reminder_leads_there_as_long_as_they_are_open(scene: Scene):
    moment = plan_reminder(booking_id=scene.booking.pk, at=NOW)
    assert moment is not None
    row = scene.asked()
    scene.office.turn()
    assert not scene.office.mail.messages
    scene.office.clock.at = moment
    scene.office.turn()
    [mail] = [each for each in scene.office.mail.to(PERSON) if each.channel == MAIL]
    assert questions_path(row.public_id) in mail.body
    assert "Avant, quelques questions" in mail.body


def test_filled_in_the_reminder_is_as_it_was(scene: Scene):
    moment = plan_reminder(booking_id=scene.booking.pk, at=NOW)
    assert moment is not None
    scene.filled(CALM)
    scene.office.clock.at = moment
    scene.office.turn()
    [mail] = scene.office.mail.to(PERSON)
    assert "questions" not in mail.body
    assert "\n\n\n" not in mail.body


@pytest.mark.parametrize(
    ("answers", "subjects"),
    [
        (CALM, ["Une réponse à lire"]),
        (DANGER, ["À lire dès maintenant", "À lire dès maintenant"]),
        (UNSAID, ["À lire dès maintenant", "À lire dès maintenant"]),
    ],
)
def test_the_psychologist_is_told_at_once_and_again_of_what_somebody_must_read(
    scene: Scene, answers: tuple[int | None, ...], subjects: list[str]
):
    scene.filled(answers)
    scene.office.turn()
    assert scene.to_psychologist() == subjects[:1]
    scene.office.clock.on(hours=READ_WITHIN.total_seconds() / 3600)
    scene.office.turn()
    assert scene.to_psychologist() == subjects
    for mail in scene.office.mail.to(PSYCHOLOGIST):
        assert not CLINICAL.search(mail.subject)
        assert not CLINICAL.search(mail.body.split("http")[0])
        assert scene.who.family_name not in mail.body
    assert not [text for text in scene.office.text.messages if text.recipient == PSYCHOLOGIST]


def test_read_meanwhile_nobody_is_told_again(scene: Scene):
    outcome = scene.filled(DANGER)
    scene.office.turn()
    review_outcome(actor=scene.psychologist, outcome_id=outcome.public_id, done="talked", at=NOW)
    scene.office.clock.on(days=1)
    scene.office.turn()
    assert len(scene.to_psychologist()) == 1


def test_cancelled_meanwhile_nobody_is_asked(scene: Scene):
    scene.asked()
    Booking.objects.update(status="cancelled", ended_at=NOW, ended_by="person")
    scene.office.turn()
    assert not scene.office.mail.messages
