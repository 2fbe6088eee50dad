"""A message on its way, and what every courier promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

MAIL, TEXT = "mail", "text"
PERSON, PSYCHOLOGIST = "person", "psychologist"


@dataclass(frozen=True, slots=True)
class Message:
    """What one person receives by one channel. ``to`` is a mail address or a telephone number.

    ``calendar`` is a calendar file, for a mail only, and ``method`` what it asks (RFC 6047).
    """

    channel: str
    recipient: str
    to: str
    body: str
    subject: str = ""
    sender_name: str = ""
    sender: str = ""
    calendar: bytes = b""
    method: str = ""


class NotSent(Exception):
    """The message did not leave, for sure; it may be tried again. Told in a code."""


class NeverSent(Exception):
    """The message did not leave and never will: the address is refused. Told in a code."""


class Courier(Protocol):
    """Takes messages out by one channel.

    ``send`` returns when the message left. It raises NotSent or NeverSent when it did not, for
    sure; anything else means that nobody knows. A message is the same as another when its key is.
    """

    def send(self, message: Message, key: UUID) -> None: ...

    def arrived(self, key: UUID) -> bool | None:
        """Whether a message left before; None when this courier cannot tell."""
        ...
