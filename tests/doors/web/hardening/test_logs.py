"""What is logged: one line each, what happened, never to whom."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client
from tests.proof import town

from soutien.doors.booking_links import booking_path
from soutien.doors.logs import Discreet, JsonLines, Lines, logging_settings, masked

SOMEBODYS = [
    "NIR 1 90 05 69 123 456 89",
    "269054958815780",
    "284122A00412387",
    "jean.dupont@example.org wrote",
    "call 06 12 34 56 78",
    "+33612345678",
    "GET /trouver?place=Lyon&kind=adulte",
    "/rendez-vous/AAAAAAAAAAAAAAAAAAAAAA.abcdefghijklmnopqrstu",
]


@pytest.mark.parametrize("text", SOMEBODYS)
def test_what_looks_like_somebodys_is_masked(text: str):
    said = masked(text)
    assert "[…]" in said
    for part in ("89", "815780", "412387", "dupont", "345678", "34 56", "Lyon", "abcdefgh"):
        assert part not in said


@pytest.mark.parametrize(
    "text", ["Agendas of 1200 places of 1200 are ready", "migration 0012_x applied in 3.25 s"]
)
def test_what_is_nobodys_is_left(text: str):
    assert masked(text) == text


def written(record: logging.LogRecord, shape: logging.Formatter) -> str:
    assert Discreet().filter(record)
    return shape.format(record)


def failed(error: Exception) -> logging.LogRecord:
    try:
        secret = "Zébulon"
        raise error from ValueError(f"{secret} is not a number")
    except type(error):
        return logging.LogRecord("soutien", logging.ERROR, "", 0, "It broke.", (), sys.exc_info())


def test_an_error_keeps_its_kind_and_its_place_and_no_value():
    record = failed(IntegrityError("Key (email)=(jean@example.org) already exists, Zébulon"))
    for shape in (Lines(), JsonLines()):
        said = written(record, shape)
        assert "IntegrityError" in said
        assert "ValueError" in said
        assert "test_logs.py" in said
        assert "Traceback" in said
        assert "Zébulon" not in said
        assert "jean@" not in said
    assert len(written(record, JsonLines()).splitlines()) == 1


def test_an_error_of_the_machine_says_what_it_is():
    said = written(failed(OperationalError("connection refused")), Lines())
    assert "connection refused" in said


def test_a_line_whose_words_do_not_fit_is_still_a_line():
    record = logging.LogRecord("soutien", logging.INFO, "", 0, "%s and %s", ("one",), None)
    assert "could not be written" in written(record, Lines())


@pytest.mark.parametrize("shape", [Lines(), JsonLines()])
def test_what_is_said_begins_no_line_of_its_own(shape: logging.Formatter):
    forged = "a\n2026-11-22T12:00:00.000+00:00 INFO soutien.access request\r\x1b[2J\u2028b"
    record = logging.LogRecord("soutien", logging.INFO, "", 0, "%s", (forged,), None)
    said = written(record, shape)
    assert not {"\n", "\r", "\x1b"} & set(said)


def test_the_shape_is_chosen_and_the_level_too():
    made = logging_settings(shape="json", level="ERROR", stream=sys.stderr, debug=False)
    assert made["formatters"]["shape"]["()"] is JsonLines
    assert made["loggers"]["soutien.access"]["level"] == "INFO"
    assert not [one for one in made["handlers"].values() if "Email" in one["class"]]
    plain = logging_settings(shape="text", level="ERROR", stream=sys.stderr, debug=False)
    assert plain["loggers"]["soutien.access"]["level"] == "NOTSET"


class Kept(logging.Handler):
    """What a handler of ours would write."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.addFilter(Discreet())
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Any:
    handler, root, access = Kept(), logging.getLogger(), logging.getLogger("soutien.access")
    before = access.level
    root.addHandler(handler)
    access.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    access.setLevel(before)


@pytest.mark.django_db
def test_a_request_leaves_its_route_status_time_and_role_and_not_its_path(kept: Kept):
    room, who = town.room(), town.insured()
    browser = Client()
    browser.force_login(town.account_of(who))
    from django.utils import timezone

    now = timezone.now()
    booked = town.booked(room, who, room.free(now + town.DAY, 3)[0], "evaluation", now)
    path = booking_path(booked.public_id)
    answer = browser.get(path, {"q": "mot secret"})
    said = [json.loads(line) for line in kept.lines]
    [line] = [line for line in said if line["logger"] == "soutien.access"]
    assert line["route"] == "booking"
    assert line["status"] == 200
    assert line["method"] == "GET"
    assert line["role"] == "person"
    assert line["ms"] > 0
    assert line["request"] == answer["X-Request-ID"]
    whole = "\n".join(kept.lines)
    token = path.rsplit("/", 1)[1]
    assert token not in whole
    assert "secret" not in whole
    assert who.family_name not in whole


@pytest.mark.django_db
def test_what_django_says_of_a_path_that_is_not_there_does_not_name_it(kept: Kept):
    Client().get("/rendez-vous/nobody-must-read-this-token?nom=Zebulon")
    whole = "\n".join(kept.lines)
    assert "404" in whole
    assert "nobody-must" not in whole
    assert "Zebulon" not in whole


@pytest.mark.django_db
def test_the_path_would_be_there_without_the_filter(kept: Kept, monkeypatch: pytest.MonkeyPatch):
    """The twin: what is looked for above is seen when it is not taken out."""
    monkeypatch.setattr(Discreet, "filter", lambda _self, _record: True)
    Client().get("/rendez-vous/nobody-must-read-this-token")
    assert "nobody-must" in "\n".join(kept.lines)
