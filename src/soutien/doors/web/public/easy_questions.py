"""« Est-ce pour moi ? » in easy words: the same questions, said again with a picture each.

Nothing is asked here that ``questions.py`` does not ask, and nothing is left out: each answer
keeps its word, and only gets other sentences. Long lists are spread over several screens.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from soutien.doors.web.public.programme import Programme
from soutien.doors.web.public.questions import Choice, Question, Track, numbered
from soutien.rules.orientation import TEENAGER_FROM_YEARS, Guidance, medicine_limits

# More than this on one screen is a list, and no longer a question.
CHOICES_A_SCREEN = 4


@dataclass(frozen=True)
class EasyChoice(Choice):
    """One answer: a picture, short lines, and what its hard words mean."""

    picture: str = ""
    lines: tuple[str, ...] = ()
    explained: tuple[str, ...] = ()


@dataclass(frozen=True)
class EasyTrack(Track):
    """The screens of one kind of reader, with the picture of who it is."""

    picture: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class EasyStep:
    """One thing to do, and its picture."""

    text: str
    picture: str


@lru_cache(maxsize=1)
def easy_words() -> dict[str, Any]:
    """The sentences and the names of their pictures, as the file holds them."""
    file = files("soutien.doors.web.public") / "easy_words.toml"
    return tomllib.loads(file.read_text("utf-8"))


def easily_said(tracks: Sequence[Track], lang: str, programme: Programme) -> list[EasyTrack]:
    """The same tracks in easy words."""
    return [_Saying(track, lang, programme).track() for track in tracks]


def pictures_of(tracks: Sequence[EasyTrack]) -> list[str]:
    """Every picture these screens show, in order."""
    shown = []
    for track in tracks:
        shown.append(track.picture)
        for choices in (track.dangers, *(question.choices for question in track.questions)):
            shown += [choice.picture for choice in choices if isinstance(choice, EasyChoice)]
    return shown


def easy_steps(door: Guidance, *, minor: bool) -> list[EasyStep]:
    """What to do at a door, each with its picture."""
    pictures = easy_words()["pictures"]["steps"]
    names = (minor and pictures.get(f"{door.code}_minor")) or pictures[door.code]
    return [EasyStep(text, name) for text, name in zip(door.steps, names, strict=True)]


def picture_of_door(door: Guidance) -> str:
    """The picture of a door."""
    return str(easy_words()["pictures"]["route"][door.code])


class _Saying:
    """One track, being said again."""

    def __init__(self, track: Track, lang: str, programme: Programme) -> None:
        self.asked, self.lang = track, lang
        self.words = easy_words()[track.who]
        mood, calm = medicine_limits()
        self.numbers = {
            "lookback_years": programme.lookback_years,
            "leave_months": programme.terms.psychiatric_leave_months_max,
            "mood_months": mood,
            "calm_months": calm,
            "least": programme.age_years,
            "child_most": TEENAGER_FROM_YEARS - 1,
            "teens": TEENAGER_FROM_YEARS,
            "teen_most": programme.majority_years - 1,
        }

    def track(self) -> EasyTrack:
        title = self._lines(self.words["title"])
        return EasyTrack(
            self.asked.letter,
            self.asked.who,
            " ".join(title),
            self._title("danger"),
            self._choices("danger", self.asked.dangers),
            numbered(*(part for asked in self.asked.questions for part in self._parts(asked))),
            picture=easy_words()["pictures"]["who"][self.asked.who],
            lines=title,
        )

    def _parts(self, asked: Question) -> Iterator[Question]:
        """A question over as many screens as it needs, with about as many answers on each."""
        choices = self._choices(asked.name, asked.choices)
        screens = -(-len(choices) // CHOICES_A_SCREEN) if asked.many else 1
        for number in range(screens):
            first, last = (len(choices) * at // screens for at in (number, number + 1))
            yield Question(asked.name, self._title(asked.name), choices[first:last], asked.many)

    def _choices(self, name: str, asked: Sequence[Choice]) -> tuple[EasyChoice, ...]:
        said, pictures = self.words[name], easy_words()["pictures"][name]
        # Ages are numbers of the law: their sentences go by their order instead.
        keys = list(said) if name == "age" else [choice.code for choice in asked]
        return tuple(
            EasyChoice(
                choice.code,
                " ".join(self._lines(said[key])),
                pictures[key],
                self._lines(said[key]),
                self._lines(easy_words()["explained"].get(key)),
            )
            for choice, key in zip(asked, keys, strict=True)
        )

    def _title(self, name: str) -> str:
        return " ".join(self._lines(self.words["questions"][name]))

    def _lines(self, entry: dict[str, list[str]] | None) -> tuple[str, ...]:
        lines = entry[self.lang] if entry else []
        return tuple(line.format_map(self.numbers) for line in lines)
