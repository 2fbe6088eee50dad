"""The care of whoever sees the demo's own psychologist: what was agreed, hoped for and noted.

Camille had begun with somebody else the year before, and handed a part of it over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model

from soutien.doors.cli.demo_data import identifiers
from soutien.doors.cli.demo_data.chances import chance as chance_of
from soutien.doors.cli.demo_data.said_in_care import (
    CAMILLE_BEFORE,
    CAMILLE_NOW,
    STORIES,
    Story,
)
from soutien.doors.cli.demo_data.storing import store
from soutien.doors.cli.demo_data.writings import report
from soutien.registers.accounts.models import Account
from soutien.registers.agenda.models import Booking
from soutien.registers.audit import queries as audit
from soutien.registers.care.models import (
    CareSession,
    Episode,
    Goals,
    Note,
    NoteVersion,
    Review,
)
from soutien.registers.people.models import Person
from soutien.registers.psychologists.models import Psychologist
from soutien.rules.accompaniment import half_way
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.hand_on import agree_hand_over

ZONE = ZoneInfo("Europe/Paris")
_ONE_DAY = timedelta(days=1)
# Two in three were asked what they hope for; the first session's words are left open for a few.
_SAID, _AGREED = 0.66, 0.85
_MOST_NOTES = 4
_LEAST_PLANNED = 5
_HANDED_OVER = ("goals", "plan", "sessions", "end")


def store_accompaniments(*, psychologist: Psychologist, camille: Person, at: datetime) -> None:
    """The episodes of one psychologist and all of Camille's, with their lines of the journal."""
    made = Accompaniments(psychologist, at)
    held = CareSession.objects.filter(performed=True).order_by("person", "psychologist", "held_on")
    theirs = held.filter(psychologist=psychologist).select_related(
        "person", "place", "psychologist"
    )
    earlier = held.filter(person=camille).exclude(psychologist=psychologist)
    for _key, group in groupby(earlier.select_related("person", "place", "psychologist"), _pair):
        made.former(list(group))
    for _key, group in groupby(theirs, _pair):
        made.present(list(group), CAMILLE_NOW if _key[0] == camille.pk else None)
    made.store()
    before = Episode.objects.filter(person=camille, closed_before__isnull=False).first()
    if before is not None:
        _hand_over(before, psychologist)


class Accompaniments:
    """Rows and lines in the making."""

    def __init__(self, psychologist: Psychologist, at: datetime) -> None:
        self.psychologist, self.at = psychologist, at
        coming = Booking.objects.filter(psychologist=psychologist, status="confirmed")
        self.comes_again = set(coming.values_list("person_id", flat=True))
        self.rows: dict[type[Model], list[Any]] = {
            model: [] for model in (Episode, Goals, Review, Note, NoteVersion)
        }
        self.lines: list[tuple[datetime, str, Any, int, int]] = []

    def former(self, sessions: Sequence[CareSession]) -> None:
        """Camille's first psychologist: over since she moved house."""
        episode = self._episode(sessions, CAMILLE_BEFORE, planned=8)
        episode.closed_before = sessions[-1].held_on + _ONE_DAY
        episode.ended_for = "changed"
        self._goals(episode, CAMILLE_BEFORE.goals, sessions[0])
        self._report(CAMILLE_BEFORE, sessions)

    def present(self, sessions: Sequence[CareSession], story: Story | None) -> None:
        """Somebody who comes to the demo's own psychologist, or came until a little ago."""
        person_id, chance = sessions[0].person_id, chance_of("care", str(sessions[0].public_id))
        theirs = story is not None
        story = story or chance.choice(_fitting(sessions[0]))
        most = gather.terms_on(sessions[0].held_on).sessions_per_year_max
        planned = chance.randint(min(max(_LEAST_PLANNED, len(sessions)), most), most)
        agreed = theirs or chance.random() < _AGREED
        episode = self._episode(sessions, story, planned=planned if agreed else None)
        if theirs or chance.random() < _SAID:
            self._goals(episode, story.goals, sessions[0])
        looked_back = [n for n in range(1, len(sessions)) if half_way(planned, n)][:1]
        if agreed and looked_back and not theirs:
            self._review(episode, story, sessions[: looked_back[0]])
        if person_id not in self.comes_again:
            episode.closed_before = sessions[-1].held_on + _ONE_DAY
            episode.ended_for = "finished"
            self._report(story, sessions)
        for session, text in zip(sessions[-_MOST_NOTES:], story.notes, strict=False):
            self._note(session, text)

    def _episode(
        self, sessions: Sequence[CareSession], story: Story, *, planned: int | None
    ) -> Episode:
        first = sessions[0]
        episode = Episode(
            public_id=identifiers.public_id("episode", first.public_id),
            person_id=first.person_id,
            psychologist_id=first.psychologist_id,
            opened_on=first.held_on,
            opened_for="evaluation" if first.kind == "evaluation" else "follow_up",
            opened_at=first.recorded_at,
        )
        self.rows[Episode].append(episode)
        if planned is not None:
            episode.planned_sessions = planned
            episode.needs_appraised = episode.framework_presented = True
            episode.limit_told = episode.person_agreed = True
            episode.checked_at = _later(first, 1)
            self._line(episode.checked_at, "care.episode.planned", episode, first)
        return episode

    def _goals(self, episode: Episode, text: str, session: CareSession) -> None:
        row = Goals(
            public_id=identifiers.public_id("goals", episode.public_id),
            episode=episode,
            sequence=1,
            text=text,
            said_by="psychologist",
            said_at=_later(session, 2),
        )
        self.rows[Goals].append(row)
        self._line(row.said_at, "care.goals.said", row, session)

    def _report(self, story: Story, sessions: Sequence[CareSession]) -> None:
        words = {
            "recipient": "",
            "goals": story.goals,
            "symptoms": story.symptoms,
            "evolution": story.evolution,
            "technique": story.technique,
            "count": str(len(sessions)),
            "conclusion": story.conclusion["end"],
        }
        made, last = report(sessions[-1], words), sessions[-1]
        self._line(_later(last, 3), "writings.writing.begun", made, last)
        self._line(_later(last, 3), "writings.writing.signed", made, last)

    def _review(self, episode: Episode, story: Story, sessions: Sequence[CareSession]) -> None:
        row = Review(
            public_id=identifiers.public_id("review of care", episode.public_id),
            episode=episode,
            kind="mid_course",
            sequence=1,
            sessions_held=len(sessions),
            change=story.change,
            symptoms=story.symptoms,
            evolution=story.evolution,
            technique=story.technique,
            conclusion=story.conclusion["mid_course"],
            next_step="",
            written_at=_later(sessions[-1], 3),
        )
        self.rows[Review].append(row)
        self._line(row.written_at, "care.review.written", row, sessions[-1])

    def _note(self, session: CareSession, text: str) -> None:
        begun_at, written_at = _later(session, 4), _later(session, 9)
        note = Note(
            public_id=identifiers.public_id("note", session.public_id),
            author_id=session.psychologist_id,
            person_id=session.person_id,
            about_on=session.held_on,
            begun_at=begun_at,
            edits=1,
            window=identifiers.public_id("window", session.public_id),
        )
        version = NoteVersion(
            public_id=identifiers.public_id("version", session.public_id),
            note=note,
            sequence=1,
            text=text,
            begun_at=begun_at,
            written_at=written_at,
            kept=True,
        )
        self.rows[Note].append(note)
        self.rows[NoteVersion].append(version)
        self._line(written_at, "care.note.written", note, session)

    def _line(self, moment: datetime, event: str, row: Any, session: CareSession) -> None:
        self.lines.append((moment, event, row, session.person_id, session.psychologist_id))

    def store(self) -> None:
        """Write the rows, and the lines that the steps would have left."""
        for rows in self.rows.values():
            store(rows)
        accounts = dict(
            Account.objects.exclude(psychologist=None).values_list("psychologist_id", "pk")
        )
        audit.append(
            [
                audit.Line(
                    at=moment,
                    actor_role="psychologist",
                    actor_account=accounts.get(psychologist_id),
                    event=event,
                    object_kind=event.rsplit(".", 1)[0],
                    object_id=str(row.pk),
                    person_id=person_id,
                )
                for moment, event, row, person_id, psychologist_id in sorted(
                    self.lines, key=lambda line: line[0]
                )
            ]
        )


def _hand_over(before: Episode, psychologist: Psychologist) -> None:
    """Camille lets her psychologist of now read four things of the care before."""
    account = Account.objects.get(person_id=before.person_id)
    sessions = CareSession.objects.filter(person=before.person_id, psychologist=psychologist)
    first = sessions.order_by("held_on").first()
    if first is not None:
        agree_hand_over(
            actor=Actor(account.role, account.pk, account.person_id, None, ""),
            episode_id=before.public_id,
            to_psychologist_id=psychologist.public_id,
            items=_HANDED_OVER,
            at=datetime.combine(first.held_on, time(12), ZONE),
        )


def _fitting(session: CareSession) -> list[Story]:
    """What somebody of that age could tell."""
    born, day = date.fromisoformat(session.person.birth_date), session.held_on
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return [story for story in STORIES if story.ages[0] <= age < story.ages[1]]


def _pair(session: CareSession) -> tuple[int, int]:
    return session.person_id, session.psychologist_id


def _later(session: CareSession, minutes: int) -> datetime:
    return session.recorded_at + timedelta(minutes=minutes)
