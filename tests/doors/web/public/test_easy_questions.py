"""The easy version asks what the ordinary one asks, in short sentences, with a picture each."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from soutien.doors.web.components.pictures import PICTURES
from soutien.doors.web.public.easy_questions import (
    CHOICES_A_SCREEN,
    EasyChoice,
    EasyTrack,
    easily_said,
    easy_steps,
    easy_words,
    picture_of_door,
    pictures_of,
)
from soutien.doors.web.public.programme import programme_on
from soutien.doors.web.public.questions import Track, tracks
from soutien.doors.web.public.self_check import ON_EVERY_ANSWER, ON_THE_FIRST_SCREEN
from soutien.rules.orientation import (
    Ground,
    Orientation,
    Route,
    guidance,
    reasons,
)

ON = date(2026, 11, 22)
WORDS_A_SENTENCE_MAX = 18
EASY = "/est-ce-pour-moi/facile"
# Words of the trade, or for few: the easy pages do without, or say what they mean beside.
HARD = re.compile(
    r"\b(diagnostic|orientation|dispositif|conventionn|symptôme|pathologi|psychiqu|consommation|"
    r"prise en charge|bénéfici|modalité|présentiel|réorient|dépendance|diagnosis|symptom)",
    re.IGNORECASE,
)
EXPLAINED = {
    "CMP": "centre",
    "PMI": "aide|helps",
    "CSAPA": "centre",
    "ALD": "longue maladie|long illness",
}


def both(lang: str) -> tuple[list[Track], list[EasyTrack]]:
    with translation.override(lang):
        programme = programme_on(ON)
        asked = tracks(programme)
        return asked, easily_said(asked, lang, programme)


def asked_by(track: Track) -> dict[str, tuple[bool, list[str]]]:
    """Every answer that can be given, by question; a question spread over screens is one."""
    found: dict[str, tuple[bool, list[str]]] = {}
    for question in track.questions:
        many, codes = found.setdefault(question.name, (question.many, []))
        assert many == question.many
        codes += [choice.code for choice in question.choices]
    return found


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_easy_version_asks_all_that_the_ordinary_one_asks_and_nothing_more(lang: str) -> None:
    for ordinary, easy in zip(*both(lang), strict=True):
        assert (ordinary.letter, ordinary.who) == (easy.letter, easy.who)
        assert [one.code for one in ordinary.dangers] == [one.code for one in easy.dangers]
        assert asked_by(ordinary) == asked_by(easy)


def test_no_sentence_of_the_file_is_left_unsaid() -> None:
    with translation.override("fr"):
        for track in both("fr")[0]:
            kept: dict[str, Any] = easy_words()[track.who]
            assert set(kept["questions"]) == {"danger", *asked_by(track)}
            assert list(kept["danger"]) == [one.code for one in track.dangers]
            for name, (_many, codes) in asked_by(track).items():
                assert len(kept[name]) == len(codes)
                assert name == "age" or list(kept[name]) == codes


def test_few_answers_a_screen() -> None:
    for track in both("fr")[1]:
        for question in track.questions:
            assert 1 <= len(question.choices) <= CHOICES_A_SCREEN
        assert [question.number for question in track.questions] == [*range(2, track.screens + 1)]


def shown_in(lang: str) -> Iterator[str]:
    """Every sentence of the questions and the answers."""
    for track in both(lang)[1]:
        yield from track.lines
        yield track.danger_title
        for question in track.questions:
            yield question.title
        for choices in (track.dangers, *(question.choices for question in track.questions)):
            for choice in choices:
                assert isinstance(choice, EasyChoice)
                yield from choice.lines
                yield from choice.explained
    terms = programme_on(ON).terms
    for route in Route:
        for minor in (False, True):
            door = guidance(route, lang, terms, minor=minor, easy=True)
            for text in (door.sentence, *door.steps, door.as_another):
                yield from text.split("\n")
    everything = Orientation(Route.PARTNER, Ground(sum(Ground)), (), "adult")
    for reason in reasons(everything, lang, terms, easy=True):
        yield from reason.sentence.split("\n")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_sentences_are_short_and_alone_on_their_line(lang: str) -> None:
    for line in set(shown_in(lang)):
        assert len(line.split()) <= WORDS_A_SENTENCE_MAX, line
        assert line[-1] in ".?", line
        assert not re.search(r"[.?!] [A-ZÀÉ]", line), f"two sentences on one line: {line}"
        assert not HARD.search(line), line


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_acronym_is_said_beside_what_it_means(lang: str) -> None:
    terms = programme_on(ON).terms
    texts = [
        text
        for route in Route
        for minor in (False, True)
        for door in [guidance(route, lang, terms, minor=minor, easy=True)]
        for text in ("\n".join((door.sentence, *door.steps)), door.as_another)
    ]
    texts += [
        " ".join((*choice.lines, *choice.explained))
        for track in both(lang)[1]
        for question in track.questions
        for choice in question.choices
        if isinstance(choice, EasyChoice)
    ]
    seen = {name for name in EXPLAINED for text in texts if re.search(rf"\b{name}\b", text)}
    assert seen == set(EXPLAINED)
    for text in texts:
        for name, meaning in EXPLAINED.items():
            if re.search(rf"\b{name}\b", text):
                assert re.search(meaning, text), text


def test_every_answer_and_every_thing_to_do_has_its_picture() -> None:
    shown = {*pictures_of(both("fr")[1]), *ON_THE_FIRST_SCREEN, *ON_EVERY_ANSWER}
    terms = programme_on(ON).terms
    for route in Route:
        for minor in (False, True):
            door = guidance(route, "fr", terms, minor=minor, easy=True)
            steps = easy_steps(door, minor=minor)
            assert [step.text for step in steps] == list(door.steps)
            shown |= {picture_of_door(door), *(step.picture for step in steps)}
    assert shown == set(PICTURES), "a picture is missing, or shown nowhere"


@pytest.mark.django_db
def test_both_versions_give_the_same_orientation(client: Client) -> None:
    """The same words sent lead to the same doors: the ordinary page and the easy one agree."""
    for also in ("psychiatry_now", "cannot_stop", "long_medicine", "birth", ""):
        for who in ("adult", "child"):
            sent = {"who": who, "signs": ["worry"], "also": also}
            terms, pages = programme_on(ON).terms, []
            for path in ("/est-ce-pour-moi", EASY):
                pages.append(html.unescape(client.post(f"{path}/reponse", sent).content.decode()))
            routes = [
                {
                    route
                    for route in Route
                    for door in [guidance(route, "fr", terms, minor=who == "child", easy=easy)]
                    if door.sentence.replace("\n", "<br>") in page
                }
                for page, easy in zip(pages, (False, True), strict=True)
            ]
            assert routes[0] == routes[1]
            assert len(routes[0]) == 1
