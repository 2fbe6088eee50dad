"""A password opens an account, and a wrong one tells nothing: not by words, work or mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests import factories as make
from tests.doors.web.person.practice import person_with_account
from tests.doors.web.signing_in.mailbox import lines_of
from tests.signing_in import next_code, totp_key

from soutien.doors.web.signing_in.rates import PASSWORDS, PASSWORDS_FROM
from soutien.registers.accounts.models import Account, OpenSession, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Account:
    return person_with_account(timezone.now())[1]


def attempt(client: Client, email: str, password: str = "wrong") -> Any:
    return client.post("/connexion", {"username": email, "password": password})


def test_a_sign_in_gives_the_browser_a_new_key_and_writes_it_down(
    client: Client, person: Account
) -> None:
    client.get("/connexion/cle")
    before = client.session.session_key
    assert attempt(client, person.email, "password").status_code == 302
    assert client.session.session_key != before
    session = OpenSession.objects.get()
    assert (session.account, session.how, session.ended_at) == (person, "password", None)
    assert lines_of("accounts.session.begun") == ["password done"]


def test_neither_the_key_nor_a_password_can_be_read_in_the_database(
    client: Client, person: Account
) -> None:
    attempt(client, person.email, "password")
    key = str(client.session.session_key)
    for table in ("accounts_opensession", "django_session"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            rows = cursor.fetchall()
        assert rows
        assert key not in str(rows)


def test_a_session_kept_under_its_digest_is_lost_when_it_is_flushed(client: Client) -> None:
    client.get("/connexion/cle")
    key = client.session.session_key
    assert client.session.exists(key)
    client.session.flush()
    assert not client.session.exists(key)


class Work:
    """What an attempt costs: hashes computed, statements sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hashes = 0
        encode = hashers.MD5PasswordHasher.encode

        def counted(*args: Any, **named: Any) -> str:
            self.hashes += 1
            return encode(*args, **named)

        monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)

    def of(self, client: Client, path: str, form: dict[str, str]) -> tuple[int, int, int]:
        self.hashes = 0
        with CaptureQueriesContext(
            connection,
        ) as queries:
            status = client.post(path, form).status_code
        return status, self.hashes, len(queries)


def test_a_wrong_password_costs_the_same_whoever_the_address_belongs_to(
    person: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = make.account(Role.ADMINISTRATOR, is_active=False)
    wordless = make.account(Role.ADMINISTRATOR)
    wordless.set_unusable_password()
    wordless.save()
    work = Work(monkeypatch)
    emails = (person.email, "nobody@example.org", closed.email, wordless.email)
    costs = {
        work.of(Client(), "/connexion", {"username": email, "password": "wrong"})
        for email in emails
    }
    assert len(costs) == 1
    [(status, hashes, _queries)] = costs
    assert (status, hashes) == (422, 1)


def test_a_wrong_password_reads_the_same_whoever_the_address_belongs_to(person: Account) -> None:
    closed = make.account(Role.ADMINISTRATOR, is_active=False)
    pages = set()
    for email in (person.email, "nobody@example.org", closed.email):
        page = attempt(Client(), email, "password" if email == closed.email else "wrong")
        pages.add(without_tokens(page.content.decode()).replace(email, "…"))
    assert len(pages) == 1


def without_tokens(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_a_failure_leaves_a_line_about_the_account_or_about_none(person: Account) -> None:
    attempt(Client(), person.email)
    attempt(Client(), "nobody@example.org")
    assert lines_of("accounts.session.refused") == ["password refused"] * 2


def test_tries_on_one_account_are_limited_and_told_when_to_come_back(person: Account) -> None:
    with time_machine.travel("2026-11-22T09:07:00Z", tick=False):
        answers = [attempt(Client(), person.email) for _try in range(PASSWORDS.most + 1)]
        assert {answer.status_code for answer in answers[:-1]} == {422}
        late = answers[-1]
        assert late.status_code == 429
        assert "réessayer à 10:15" in late.content.decode()
        assert late["Retry-After"] == str(8 * 60 + 1)
        # The right password is not even looked at.
        assert attempt(Client(), person.email, "password").status_code == 429
        other = person_with_account(timezone.now())[1]
        assert attempt(Client(), other.email, "password").status_code == 302
    with time_machine.travel("2026-11-22T09:15:00Z", tick=False):
        assert attempt(Client(), person.email, "password").status_code == 302


def test_an_address_nobody_has_is_limited_in_the_same_way() -> None:
    statuses = [
        attempt(Client(), "nobody@example.org").status_code for _try in range(PASSWORDS.most + 1)
    ]
    assert statuses == [422] * PASSWORDS.most + [429]


def test_a_browser_that_signed_in_before_is_not_kept_out_by_others(person: Account) -> None:
    own = Client()
    attempt(own, person.email, "password")
    own.post("/deconnexion")
    for _try in range(PASSWORDS.most + 1):
        attempt(Client(), person.email)
    assert attempt(Client(), person.email, "password").status_code == 429
    assert attempt(own, person.email, "password").status_code == 302


def test_a_browser_known_to_another_account_has_no_counter_of_its_own(person: Account) -> None:
    stranger = Client()
    other = person_with_account(timezone.now())[1]
    attempt(stranger, other.email, "password")
    stranger.post("/deconnexion")
    for _try in range(PASSWORDS.most):
        attempt(stranger, person.email)
    assert attempt(Client(), person.email).status_code == 429


def test_under_https_the_cookie_of_a_known_browser_is_this_host_s_alone(
    person: Account, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    attempt(client, person.email, "password")
    cookie = client.cookies["__Host-soutien-known"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    for _try in range(PASSWORDS.most):
        attempt(Client(), person.email)
    client.post("/deconnexion")
    assert attempt(client, person.email, "password").status_code == 302


def test_one_place_that_tries_many_accounts_is_slowed_down(
    person: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("soutien.doors.web.signing_in.views.PASSWORDS_FROM", few(PASSWORDS_FROM))
    there = {"REMOTE_ADDR": "192.0.2.7"}
    for number in range(3):
        attempt(Client(**there), f"nobody{number}@example.org")
    assert attempt(Client(**there), person.email, "password").status_code == 429
    assert attempt(Client(REMOTE_ADDR="192.0.2.8"), person.email, "password").status_code == 302


def few(limit: Any) -> Any:
    from dataclasses import replace

    return replace(limit, most=3)


def test_a_right_password_forgets_the_wrong_ones(person: Account) -> None:
    for _try in range(PASSWORDS.most - 1):
        attempt(Client(), person.email)
    assert attempt(Client(), person.email, "password").status_code == 302
    for _try in range(PASSWORDS.most):
        assert attempt(Client(), person.email).status_code == 422


def test_a_closed_account_opens_with_nothing(client: Client, person: Account) -> None:
    Account.objects.filter(pk=person.pk).update(is_active=False)
    assert attempt(client, person.email, "password").status_code == 422
    assert not OpenSession.objects.exists()


def test_a_very_long_password_is_refused_before_it_is_hashed(
    client: Client, person: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work(monkeypatch)
    form = {"username": person.email, "password": "a" * 100_000}
    assert work.of(client, "/connexion", form)[:2] == (422, 0)


def test_behind_a_proxy_the_address_is_the_one_the_proxy_saw(
    person: Account, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.test import RequestFactory

    from soutien.doors.web.limits import address_of

    request = RequestFactory().get("/", headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.9"})
    assert address_of(request) == "127.0.0.1"
    settings.BEHIND_PROXY = True
    assert address_of(request) == "203.0.113.9"
    one = RequestFactory().get("/", headers={"X-Forwarded-For": "2001:db8:1:2::5"})
    assert address_of(one) == "2001:db8:1:2::/64"


def test_a_second_factor_is_asked_where_there_is_one(client: Client, person: Account) -> None:
    totp_key(person)
    answer = attempt(client, person.email, "password")
    assert answer["Location"] == "/connexion/code"
    assert client.get("/mon-annee")["Location"].startswith("/connexion")
    assert not OpenSession.objects.exists()
    assert client.post("/connexion/code", {"code": next_code(person)})["Location"] == "/mon-annee"
    assert OpenSession.objects.get().second_factor


def test_the_first_proof_does_not_wait_for_ever(client: Client, person: Account) -> None:
    totp_key(person)
    now = timezone.now()
    attempt(client, person.email, "password")
    with time_machine.travel(now + timedelta(minutes=11)):
        answer = client.post("/connexion/code", {"code": next_code(person)})
        assert answer["Location"] == "/connexion"
    assert not OpenSession.objects.exists()
