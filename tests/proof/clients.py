"""Browsers, as a server sees them: cookies, forms, one connection kept open; and races of many."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from tests.proof.served import HOST
from tests.signing_in import stand_signed_in

from soutien.doors.web.actors import VISITOR_PERSON
from soutien.registers.accounts.models import Account

TIMEOUT_SECONDS = 300
FORM = "application/x-www-form-urlencoded"
EDGE = "edge-of-a-part"
SERVER_ERROR = 500


@dataclass(frozen=True)
class Answer:
    """What a server said, and how long it took (seconds)."""

    status: int
    location: str
    body: str
    seconds: float

    @property
    def free_times(self) -> list[str]:
        """Where the nearest free times of the page lead."""
        return re.findall(r'href="(/reserver/[^"]+\?[^"]+)"', self.body)


class Browser:
    """One browser at one process; forms are sent with the token its first page gave."""

    def __init__(self, port: int, *, session: str = "") -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_SECONDS)
        self.cookies: dict[str, str] = {}
        self.session = session

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form, with the token of the page that ``take_token`` opened."""
        token = self.cookies[settings.CSRF_COOKIE_NAME]
        return self._ask("POST", path, urlencode(form | {"csrfmiddlewaretoken": token}))

    def send_file(self, path: str, form: dict[str, str], file: tuple[str, str, bytes]) -> Answer:
        """Send a form with a file: its field, its name on the sender's disk, its content."""
        field, name, content = file
        told = form | {"csrfmiddlewaretoken": self.cookies[settings.CSRF_COOKIE_NAME]}
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="%s"'
        parts = [f"{head % key}\r\n\r\n{value}\r\n".encode() for key, value in told.items()]
        kind = "Content-Type: application/pdf\r\n\r\n"
        parts += [f'{head % field}; filename="{name}"\r\n{kind}'.encode(), content]
        body = b"".join([*parts, f"\r\n--{EDGE}--\r\n".encode()])
        return self._ask("POST", path, body, f"multipart/form-data; boundary={EDGE}")

    def take_token(self) -> Answer:
        """Open a page with a form, whose token is good for all; then be who one is."""
        answer = self.get("/connexion")
        if self.session:
            self.cookies[settings.SESSION_COOKIE_NAME] = self.session
        return answer

    def forget_session(self) -> None:
        """Become a browser that nobody knows yet; the form token stays good."""
        self.cookies.pop(settings.SESSION_COOKIE_NAME, None)

    def close(self) -> None:
        self.connection.close()

    def _ask(
        self, method: str, path: str, body: str | bytes | None = None, kind: str = FORM
    ) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = kind
        before = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        seconds = time.perf_counter() - before
        return Answer(response.status, response.headers.get("Location", ""), text, seconds)


def visitor_session(person_id: int) -> str:
    """The session of a browser that booked for this person before."""
    return _stored({VISITOR_PERSON: person_id})


def account_session(account: Account) -> str:
    """The session of somebody who signed in."""
    key = _stored(
        {
            SESSION_KEY: str(account.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: account.get_session_auth_hash(),
        }
    )
    stand_signed_in(import_module(settings.SESSION_ENGINE).SessionStore(key), account)
    return key


def _stored(values: dict[str, Any]) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(values)
    session.create()
    return str(session.session_key)


def at_once(acts: Sequence[Callable[[], Answer]], *, may_fail: bool = False) -> list[Answer]:
    """Do all at the same moment; the answers in order. Fails when one raised or hangs.

    And when a server failed, unless it may, as a twin's does.
    """
    start = threading.Barrier(len(acts))
    answers: list[Answer | None] = [None] * len(acts)
    errors: list[Exception] = []

    def run(position: int) -> None:
        try:
            start.wait(timeout=60)
            answers[position] = acts[position]()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(position,)) for position in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=2 * TIMEOUT_SECONDS)
    assert not errors, errors
    given = [answer for answer in answers if answer is not None]
    assert len(given) == len(acts)
    failed = [answer for answer in given if answer.status >= SERVER_ERROR]
    assert may_fail or not failed, failed[0].body
    return given
