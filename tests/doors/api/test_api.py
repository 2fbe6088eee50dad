"""The API from outside: what it answers, how it refuses, and what it promises in its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from tests import factories as make
from tests.doors.api.program import Program, key_of
from tests.doors.web.psychologist.practice import Practice, practice
from tests.house.sources import ROOT
from tools import openapi

from soutien.doors import repeats
from soutien.doors.api import callers, opening
from soutien.doors.api.api import api
from soutien.registers.accounts.models import Account, Role
from soutien.registers.agenda.models import Booking
from soutien.registers.api_keys.models import ApiKey
from soutien.registers.idempotency import queries as idempotency
from soutien.registers.idempotency.models import Ask
from soutien.steps.errors import TABLE

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
MONDAY = datetime(2026, 12, 7, 9, tzinfo=UTC)
BAD, UNKNOWN, CLOSED, MISSING, BUSY, UNCLEAR, OFTEN = 400, 401, 403, 404, 409, 422, 429


@pytest.fixture
def here() -> Iterator[Practice]:
    with time_machine.travel(NOW, tick=False):
        found = practice(NOW)
        for weekday in range(7):
            make.opening(
                found.place,
                weekday,
                valid_from=datetime(2022, 6, 1, tzinfo=UTC).date(),
                starts_at_minute=8 * 60,
                ends_at_minute=18 * 60,
                modality="both",
            )
        yield found


@pytest.fixture
def account(here: Practice) -> Account:
    return make.account(Role.PERSON, person=here.patient())


def slot(here: Practice, hours: int = 0) -> dict[str, Any]:
    return {
        "psychologist": str(here.psychologist.public_id),
        "place": here.place.pk,
        "starts_at": (MONDAY + timedelta(hours=hours)).isoformat(),
    }


def test_from_a_town_to_an_appointment_and_back(here: Practice, account: Account):
    anybody, program = Program(), Program(key_of(account))
    [town, *_others] = anybody.get("/api/v1/places?q=lyon").json()
    assert town["name"].startswith("Lyon")
    where = f"lat={here.place.latitude}&lon={here.place.longitude}"
    [found] = anybody.get(f"/api/v1/psychologists?{where}").json()["psychologists"]
    assert found["id"] == str(here.psychologist.public_id)
    assert anybody.get(f"/api/v1/psychologists/{found['id']}").json()["places"]
    [free, later, *_more] = anybody.get(f"/api/v1/psychologists/{found['id']}/slots").json()
    wanted = {"psychologist": found["id"], "place": free["place"], "starts_at": free["starts_at"]}
    held = program.post("/api/v1/bookings", wanted)
    assert (held.status_code, held.json()["status"]) == (201, "held")
    path = f"/api/v1/bookings/{held.json()['id']}"
    assert program.post(f"{path}/confirm").json()["status"] == "confirmed"
    other = {"place": later["place"], "starts_at": later["starts_at"]}
    assert program.post(f"{path}/move", other).json()["starts_at"] == later["starts_at"]
    assert program.get("/api/v1/me/year").json()["reserved"] == 1
    assert program.post(f"{path}/cancel").json()["status"] == "cancelled"
    assert program.get("/api/v1/me/year").json()["reserved"] == 0


def test_a_sheet_is_sent_and_its_claim_read(here: Practice):
    program = Program(key_of(here.account))
    sheet = here.sheet(here.patient())
    sent = program.post(f"/api/v1/care-sheets/{sheet.public_id}/send")
    claim = program.get(f"/api/v1/claims/{sent.json()['id']}")
    assert claim.json()["accepted"] is True
    assert claim.json()["amo_cents"] + claim.json()["amc_cents"] > 0
    assert claim.json()["explanation"]
    assert claim["Cache-Control"] == "no-store, private"


def test_a_parent_acts_for_a_child_by_name(here: Practice):
    parent, child = here.patient(), make.person(at=NOW, birth_date="2015-03-02")
    make.guardianship(parent, child, valid_from=NOW.date())
    key = key_of(make.account(Role.PERSON, person=parent))
    held = Program(key, acting_for=child.public_id).post("/api/v1/bookings", slot(here))
    assert held.status_code == 201
    assert Booking.objects.get(public_id=held.json()["id"]).person_id == child.pk


def test_every_refusal_has_one_shape(here: Practice, account: Account):
    program, taken = Program(key_of(account)), Program(key_of(account, scopes=("read",)))
    make.booking(here.place, starts_at=MONDAY, who=here.patient())
    answers = {
        ("GET", UNKNOWN): Program().get("/api/v1/me/year"),
        ("scope", CLOSED): taken.post("/api/v1/bookings", slot(here)),
        ("taken", BUSY): program.post("/api/v1/bookings", slot(here)),
        ("unclear", UNCLEAR): program.post("/api/v1/bookings", {"place": "x"}),
        ("no JSON", BAD): Client().post("/api/v1/decide", "{", content_type="application/json"),
        ("no key", BAD): program.post("/api/v1/bookings", slot(here), again=""),
        ("long key", BAD): program.post("/api/v1/bookings", slot(here), again="x" * 201),
        ("nobody", MISSING): program.get(f"/api/v1/psychologists/{account.public_id}"),
        ("nowhere", MISSING): program.get("/api/v1/nowhere"),
        ("no id", MISSING): program.get("/api/v1/claims/12"),
        ("method", 405): program.get("/api/v1/decide"),
        ("Acting-For", UNCLEAR): _acting(account, "me").get("/api/v1/me/year"),
    }
    for (name, status), answer in answers.items():
        told = answer.json()
        assert answer.status_code == status, (name, answer.content)
        assert set(told) == {"code", "sentence", "remedy", "reference", "fields", "nearest"}, name
        assert TABLE[told["code"]].reference == told["reference"]
        assert told["sentence"] and told["remedy"], name
    assert len(answers["taken", BUSY].json()["nearest"]) == 3
    assert "starts_at" in answers["unclear", UNCLEAR].json()["fields"]
    assert answers["method", 405]["Allow"] == "POST"


def _acting(account: Account, text: str) -> Program:
    program = Program(key_of(account))
    program.own["Acting-For"] = text
    return program


def test_a_refusal_is_told_in_the_language_asked_for(here: Practice):
    path = "/api/v1/me/year"
    french = Client().get(path, headers={"Accept-Language": "fr"}).json()
    english = Client().get(path, headers={"Accept-Language": "en"}).json()
    assert french["sentence"] == TABLE["token_missing"].fr
    assert english["sentence"] == TABLE["token_missing"].en


def test_a_key_stands_for_one_request(here: Practice, account: Account):
    program = Program(key_of(account))
    first = program.post("/api/v1/bookings", slot(here), again="one")
    again = program.post("/api/v1/bookings", slot(here), again="one")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    for sent, path in ((slot(here, 1), "bookings"), ({}, f"bookings/{first.json()['id']}/cancel")):
        other = program.post(f"/api/v1/{path}", sent, again="one")
        assert (other.status_code, other.json()["code"]) == (UNCLEAR, "key_reused")
    assert Booking.objects.count() == 1


def test_the_same_words_for_another_child_are_another_request(here: Practice):
    parent = here.patient()
    key = key_of(make.account(Role.PERSON, person=parent))
    child = make.person(at=NOW, birth_date="2015-03-02")
    make.guardianship(parent, child, valid_from=NOW.date())
    Program(key).post("/api/v1/bookings", slot(here), again="one")
    other = Program(key, acting_for=child.public_id).post(
        "/api/v1/bookings", slot(here), again="one"
    )
    assert other.json()["code"] == "key_reused"


def test_a_key_of_one_account_is_nothing_to_another(here: Practice, account: Account):
    other = make.account(Role.PERSON, person=here.patient())
    Program(key_of(account)).post("/api/v1/bookings", slot(here), again="one")
    answer = Program(key_of(other)).post("/api/v1/bookings", slot(here, 1), again="one")
    assert answer.status_code == 201


def test_a_refusal_is_kept_as_well(here: Practice, account: Account):
    program = Program(key_of(account))
    stands = make.booking(here.place, starts_at=MONDAY, who=here.patient())
    first = program.post("/api/v1/bookings", slot(here), again="one")
    Booking.objects.filter(pk=stands.pk).delete()
    again = program.post("/api/v1/bookings", slot(here), again="one")
    assert first.status_code == again.status_code == BUSY
    assert first.content == again.content
    assert program.post("/api/v1/bookings", slot(here), again="two").status_code == 201


def test_what_is_kept_cannot_be_read_in_the_database_and_goes_after_a_day(
    here: Practice, account: Account
):
    answer = Program(key_of(account)).post("/api/v1/bookings", slot(here), again="secret key")
    [row] = Ask.objects.all()
    assert str(row.answer) == answer.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM idempotency_ask")
        kept = str(cursor.fetchone())
    assert "secret key" not in kept and answer.json()["id"] not in kept
    assert idempotency.forget_over(NOW + repeats.KEPT - timedelta(seconds=1)) == 0
    assert idempotency.forget_over(NOW + repeats.KEPT) == 1


def test_a_key_whose_answer_is_over_is_free(here: Practice, account: Account):
    program = Program(key_of(account))
    program.post("/api/v1/bookings", slot(here), again="one")
    with time_machine.travel(NOW + repeats.KEPT, tick=False):
        later = program.post("/api/v1/bookings", slot(here, 1), again="one")
    assert later.status_code == 201


def test_a_program_that_asks_too_much_is_told_when_to_come_back(
    here: Practice, account: Account, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(opening, "READS", opening.Limit("api.reads", 2, opening.TEN_MINUTES))
    program = Program(key_of(account))
    statuses = [program.get("/api/v1/me/year").status_code for _number in range(3)]
    assert statuses == [200, 200, OFTEN]
    # Another key of the same account is the same account.
    refused = Program(key_of(account)).get("/api/v1/me/year")
    assert refused.status_code == OFTEN and int(refused["Retry-After"]) > 0
    monkeypatch.setattr(
        opening, "FROM_A_PLACE", opening.Limit("api.place", 1, opening.TEN_MINUTES)
    )
    anybody = Program()
    assert [anybody.get("/api/v1/places?q=lyon").status_code for _ in "12"] == [200, OFTEN]


def test_whoever_tries_keys_is_slowed_down(here: Practice, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(callers, "WRONG_KEYS", callers.Limit("api.wrong", 2, opening.TEN_MINUTES))
    guesser = Program("soutien_guessed")
    statuses = [guesser.get("/api/v1/me/year").status_code for _number in range(3)]
    assert statuses == [UNKNOWN, UNKNOWN, OFTEN]


def test_the_day_of_a_key_s_last_use_is_noted(here: Practice, account: Account):
    Program(key_of(account)).get("/api/v1/me/year")
    assert ApiKey.objects.get().last_used_on == NOW.date()


def test_a_case_is_decided_and_nothing_is_kept(django_assert_max_num_queries: Any):
    [case, *_others] = json.loads((ROOT / "tests" / "law" / "cases.json").read_text())
    with django_assert_max_num_queries(2) as asked:
        answer = Program().post("/api/v1/decide", {"case": case})
    assert answer.status_code == 200, answer.content
    decision = answer.json()["decision"]
    assert {name: decision[name] for name in case["expected"]} == case["expected"]
    assert answer.json()["explanation"]
    assert all("limits_window" in query["sql"] for query in asked.captured_queries)


def test_the_file_in_docs_is_what_the_api_is():
    written = openapi.FILE.read_text() if openapi.FILE.exists() else ""
    assert written == openapi.text(), "To mend it:  .venv/bin/python -m tools.openapi"
    assert Program().get(reverse("api_openapi")).json() == json.loads(written)


def test_the_file_is_not_made_again_for_everybody_who_asks(monkeypatch: pytest.MonkeyPatch):
    before = Program().get(reverse("api_openapi")).content
    monkeypatch.setattr(api, "get_openapi_schema", lambda **_asked: pytest.fail("made again"))
    assert Program().get(reverse("api_openapi")).content == before


def test_the_file_tells_every_refusal():
    schema = json.loads(openapi.FILE.read_text())
    assert schema["openapi"].startswith("3.1")
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            told = set(operation["responses"])
            assert {"422", "429"} <= told, path
            if operation.get("security"):
                assert {"401", "403"} <= told, path
            named = {one["name"] for one in operation.get("parameters", [])}
            if "Idempotency-Key" in named:
                assert {"400", "404", "409"} <= told, path


def test_a_failure_of_ours_has_the_same_shape_and_frees_the_key(
    here: Practice, account: Account, monkeypatch: pytest.MonkeyPatch
):
    program = Program(key_of(account))
    with monkeypatch.context() as broken:
        broken.setattr("soutien.steps.hold.announce", _fail)
        answer = program.post("/api/v1/bookings", slot(here), again="one")
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "Traceback" not in answer.content.decode()
    assert Booking.objects.count() == Ask.objects.count() == 0
    assert program.post("/api/v1/bookings", slot(here), again="one").status_code == 201


def _fail(*_told: Any, **_more: Any) -> None:
    raise RuntimeError("planted")
