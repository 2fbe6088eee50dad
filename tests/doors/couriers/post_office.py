"""Couriers for tests: they keep what they send, stop where told, and say what they know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from soutien.doors.couriers import deliver
from soutien.doors.couriers.message import MAIL, TEXT, Message


class Killed(BaseException):
    """The process is gone: nothing after it runs, not even what handles errors."""


@dataclass
class Clock:
    """A moment that goes on when told."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def on(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Carrier:
    """Keeps what it takes out. ``tells`` makes it able to say whether a message arrived."""

    tells: bool = True
    out: list[tuple[UUID, Message]] = field(default_factory=list)
    trouble: list[BaseException] = field(default_factory=list)

    def send(self, message: Message, key: UUID) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        if self.tells and any(key == known for known, _message in self.out):
            return
        self.out.append((key, message))

    def arrived(self, key: UUID) -> bool | None:
        return any(key == known for known, _message in self.out) if self.tells else None

    @property
    def messages(self) -> list[Message]:
        return [message for _key, message in self.out]

    def to(self, recipient: str) -> list[Message]:
        return [message for message in self.messages if message.recipient == recipient]


@dataclass
class Office:
    """A courier's office at a moment, with a carrier for each channel."""

    clock: Clock
    mail: Carrier = field(default_factory=Carrier)
    text: Carrier = field(default_factory=Carrier)

    def turn(self) -> deliver.Round:
        """All that is due now."""
        return deliver.deliver_due({MAIL: self.mail, TEXT: self.text}, clock=self.clock)

    def turns(self, number: int, **apart: float) -> None:
        for _turn in range(number):
            self.turn()
            self.clock.on(**apart)


@contextmanager
def killed(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, after: bool
) -> Iterator[None]:
    """The process dies just before, or just after, ``owner.name`` runs for the first time."""
    original = getattr(owner, name)

    def fatal(*args: Any, **words: Any) -> Any:
        if after:
            original(*args, **words)
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(owner, name, fatal)
        yield
