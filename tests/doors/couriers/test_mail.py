"""What a mail server answers decides whether a mail left, may be tried again, or never will."""

from __future__ import annotations

import smtplib
from typing import Any
from uuid import uuid4

import pytest

from soutien.doors.couriers import mail
from soutien.doors.couriers.mail import MailCourier
from soutien.doors.couriers.message import MAIL, PERSON, Message, NeverSent, NotSent
from soutien.doors.environment import SettingError, mail_server

MESSAGE = Message(
    MAIL,
    PERSON,
    "camille@example.org",
    "Bonjour.\n",
    subject="Rendez-vous",
    sender_name="Rendez-vous",
    sender="rdv@example.org",
)
TO = MESSAGE.to


class Server:
    """A connection that fails where told, and counts what it took."""

    def __init__(self, *, opening: Exception | None = None, sending: Exception | None = None):
        self.opening, self.sending, self.taken = opening, sending, 0

    def open(self) -> None:
        if self.opening:
            raise self.opening

    def send_messages(self, messages: list[Any]) -> int:
        if self.sending:
            raise self.sending
        self.taken += len(messages)
        return len(messages)

    def close(self) -> None:
        raise smtplib.SMTPServerDisconnected("gone")


def send(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setattr(mail, "get_connection", lambda: server)
    MailCourier().send(MESSAGE, uuid4())


def test_a_mail_that_was_taken_left_even_if_the_line_ends_badly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Server()
    send(monkeypatch, server)
    assert server.taken == 1
    assert MailCourier().arrived(uuid4()) is None


@pytest.mark.parametrize(
    ("where", "answer", "expected", "code"),
    [
        ("opening", ConnectionRefusedError(), NotSent, "mail_server_unreachable"),
        ("opening", TimeoutError(), NotSent, "mail_server_unreachable"),
        (
            "opening",
            smtplib.SMTPAuthenticationError(535, b"no"),
            NotSent,
            "mail_server_unreachable",
        ),
        (
            "sending",
            smtplib.SMTPRecipientsRefused({TO: (550, b"nobody")}),
            NeverSent,
            "mail_address_refused",
        ),
        (
            "sending",
            smtplib.SMTPRecipientsRefused({TO: (450, b"later")}),
            NotSent,
            "mail_address_refused_for_now",
        ),
        ("sending", smtplib.SMTPDataError(554, b"spam"), NeverSent, "mail_refused"),
        ("sending", smtplib.SMTPDataError(451, b"later"), NotSent, "mail_refused_for_now"),
        (
            "sending",
            smtplib.SMTPSenderRefused(530, b"who", "rdv@example.org"),
            NotSent,
            "mail_server_refuses_us",
        ),
        # Nobody knows: told as it is, so that the note stays open.
        ("sending", smtplib.SMTPServerDisconnected("gone"), smtplib.SMTPServerDisconnected, ""),
        ("sending", TimeoutError(), TimeoutError, ""),
    ],
)
def test_what_a_server_answers_is_understood(
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    answer: Exception,
    expected: type[Exception],
    code: str,
) -> None:
    with pytest.raises(expected) as caught:
        send(monkeypatch, Server(**{where: answer}))  # type: ignore[arg-type]
    if code:
        assert str(caught.value) == code


def test_a_name_with_a_line_end_adds_no_header() -> None:
    from dataclasses import replace

    from django.core.mail import BadHeaderError

    sly = replace(MESSAGE, subject="Rendez-vous\r\nBcc: x@example.org")
    with pytest.raises(BadHeaderError):
        mail.composed(sly, uuid4()).message()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://me:p%40ss@mail.example:587", ("mail.example", 587, "me", "p@ss", False, True)),
        ("smtps://mail.example", ("mail.example", 465, "", "", True, False)),
        ("smtp://localhost:25?tls=none", ("localhost", 25, "", "", False, False)),
    ],
)
def test_the_address_of_the_mail_server(
    monkeypatch: pytest.MonkeyPatch, address: str, expected: tuple[Any, ...]
) -> None:
    monkeypatch.setenv("SOUTIEN_SMTP", address)
    found = mail_server()
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_SSL", "USE_TLS")
    assert tuple(found[f"EMAIL_{name}"] for name in names) == expected


def test_an_address_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUTIEN_SMTP", "https://mail.example")
    with pytest.raises(SettingError, match="SOUTIEN_SMTP"):
        mail_server()
    monkeypatch.setenv("SOUTIEN_SMTP", "")
    assert mail_server() == {}
