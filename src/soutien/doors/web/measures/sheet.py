"""A questionnaire as a form of a page: its questions, its answers, what was sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from soutien.rules.scales import Scale, Texts

# Longer than any scale there is: a form says how many questions it had.
MOST_ITEMS = 200
MOST_DIGITS = 3
NO_POINTS = -1
Answers = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: what it brings, in words; ``danger`` asks for help at once."""

    value: int
    text: str
    checked: bool
    danger: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its answers; ``danger`` when one of them asks for help."""

    number: int
    text: str
    choices: tuple[Choice, ...]
    danger: bool
    blank: bool

    @property
    def name(self) -> str:
        return f"q{self.number}"


def language() -> str:
    """``fr`` or ``en``."""
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def texts_of(scale: Scale) -> Texts | None:
    """The questions in the reader's language, else in another; None when they are not here."""
    found = scale.texts.get(language()) or scale.texts.get("fr")
    return found or next(iter(scale.texts.values()), None)


def questions(scale: Scale, given: Answers = ()) -> list[Question]:
    """The form of a scale, with what was answered already."""
    texts = texts_of(scale)
    made = []
    for number, points in enumerate(scale.points, start=1):
        answered = given[number - 1] if len(given) == scale.items else None
        words = texts.answers_of(number) if texts else tuple(map(str, points))
        asks = number == scale.danger_item
        made.append(
            Question(
                number,
                texts.items[number - 1] if texts else _("Question %(n)s") % {"n": number},
                tuple(
                    Choice(
                        value,
                        text,
                        checked=value == answered,
                        danger=asks and value >= scale.danger_item_from,
                    )
                    for value, text in zip(points, words, strict=True)
                ),
                danger=asks,
                blank=answered is None,
            )
        )
    return made


def answers_sent(sent: QueryDict) -> Answers:
    """What a form sent, in order; what is missing was left blank."""
    count = _number(sent.get("count", "")) or 0
    return tuple(
        _number(sent.get(f"q{number}", "")) for number in range(1, min(count, MOST_ITEMS) + 1)
    )


def _number(text: str) -> int | None:
    """Points as they were sent; None when nothing was, no points of any scale when no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        return NO_POINTS
    return int(text)
