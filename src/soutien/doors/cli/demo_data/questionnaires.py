"""What the demo's own psychologist asked, and what came of it: a curve, and answers to be read."""

from __future__ import annotations

from datetime import datetime, timedelta

from soutien.doors.cli.demo_data import identifiers
from soutien.doors.cli.demo_data.storing import store
from soutien.registers.accounts.models import Account
from soutien.registers.agenda.models import Booking
from soutien.registers.audit import queries as audit
from soutien.registers.measures.models import PAPER, PHONE, READ, Outcome, Questionnaire, Review
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import Psychologist
from soutien.steps.measure import OPEN_AFTER
from soutien.steps.measured import is_of_age, scale_named, scored, to_keep

PHQ, GAD = "phq-9", "gad-7"
# Camille's answers, session after session.
_CAMILLE: tuple[tuple[int, ...], ...] = (
    (2, 2, 2, 2, 2, 2, 2, 1, 0),
    (2, 2, 1, 2, 1, 2, 1, 1, 0),
    (1, 1, 1, 2, 1, 1, 1, 1, 0),
    (1, 1, 1, 1, 0, 1, 1, 0, 0),
)
# Two others who come soon: one of them tells of a danger.
_OTHERS: tuple[tuple[str, tuple[int, ...]], ...] = (
    (PHQ, (2, 2, 3, 2, 1, 2, 1, 0, 1)),
    (GAD, (1, 2, 1, 1, 0, 1, 1)),
)
_ANSWERED_BEFORE = timedelta(hours=2)


def store_questionnaires(psychologist: Psychologist, camille: Person, at: datetime) -> None:
    """Everything of one psychologist and three people, with its lines of the journal."""
    made = Answers(psychologist, at)
    past = Booking.objects.filter(
        person=camille, psychologist=psychologist, status="fulfilled"
    ).order_by("starts_at")
    for booking, answers in zip(past, _CAMILLE, strict=False):
        made.on_paper(booking, PHQ, answers)
    coming = Booking.objects.filter(
        psychologist=psychologist, status="confirmed", starts_at__gt=at
    ).order_by("starts_at")
    mine = coming.filter(person=camille).first()
    if mine is not None:
        made.asked(mine, PHQ, at - 2 * _ANSWERED_BEFORE)
    others = (
        booking
        for booking in coming.exclude(person=camille).select_related("person")
        if booking.person is not None and is_of_age(booking.person, at.date())
    )
    for booking, (scale, answers) in zip(others, _OTHERS, strict=False):
        made.online(booking, scale, answers)
    made.store()


class Answers:
    """Rows and lines in the making."""

    def __init__(self, psychologist: Psychologist, at: datetime) -> None:
        self.psychologist, self.at = psychologist, at
        self.questionnaires: list[Questionnaire] = []
        self.outcomes: list[Outcome] = []
        self.reviews: list[Review] = []

    def asked(self, booking: Booking, scale: str, at: datetime) -> Questionnaire:
        """Asked before an appointment."""
        row = Questionnaire(
            public_id=identifiers.public_id("questionnaire", booking.public_id),
            person=booking.person,
            psychologist=self.psychologist,
            booking=booking,
            scale=scale,
            version=scale_named(scale).version,
            by_link=True,
            asked_at=at,
            valid_before=booking.ends_at + OPEN_AFTER,
        )
        self.questionnaires.append(row)
        return row

    def on_paper(self, booking: Booking, scale: str, answers: tuple[int, ...]) -> None:
        """Filled in before a session that is over; who entered it has read it."""
        row = self._outcome(booking, scale, answers, booking.ends_at)
        row.way, row.recorded_by = PAPER, "psychologist"
        self.reviews.append(
            Review(
                public_id=identifiers.public_id("review", booking.public_id),
                outcome=row,
                done=READ,
                reviewed_at=booking.ends_at,
                reviewed_by="psychologist",
            )
        )

    def online(self, booking: Booking, scale: str, answers: tuple[int, ...]) -> None:
        """Answered by the link a little ago; nobody read it yet."""
        answered_at = self.at - _ANSWERED_BEFORE
        asked = self.asked(booking, scale, answered_at - _ANSWERED_BEFORE)
        row = self._outcome(booking, scale, answers, answered_at)
        row.way, row.recorded_by, row.questionnaire = PHONE, "anonymous", asked

    def _outcome(
        self, booking: Booking, scale: str, answers: tuple[int, ...], at: datetime
    ) -> Outcome:
        row = Outcome(
            public_id=identifiers.public_id("outcome", booking.public_id),
            person=booking.person,
            psychologist=self.psychologist,
            told=to_keep(scored(scale_named(scale), answers), answers),
            filled_on=booking.civil_day if at == booking.ends_at else at.date(),
            recorded_at=at,
        )
        self.outcomes.append(row)
        return row

    def store(self) -> None:
        """Write the rows, and the lines that the steps would have left."""
        store(self.questionnaires)
        store(self.outcomes)
        store(self.reviews)
        [account] = Account.objects.filter(psychologist=self.psychologist)[:1]
        lines = [
            ("measures.questionnaire.asked", row.asked_at, row.pk, row.person_id, True)
            for row in self.questionnaires
        ]
        lines += [
            (
                "measures.outcome.entered" if row.way == PAPER else "measures.outcome.filled",
                row.recorded_at,
                row.pk,
                row.person_id,
                row.way == PAPER,
            )
            for row in self.outcomes
        ]
        audit.append(
            [
                audit.Line(
                    at=moment,
                    actor_role="psychologist" if theirs else "anonymous",
                    actor_account=account.pk if theirs else None,
                    event=event,
                    object_kind=event.rsplit(".", 1)[0],
                    object_id=str(key),
                    person_id=person_id,
                )
                for event, moment, key, person_id, theirs in sorted(
                    lines, key=lambda line: line[1]
                )
            ]
        )
