"""The local mailbox: nothing leaves this machine. The demo's mails and texts, shown at /dev/boite.

It is also the simulator of texts for whoever has no operator yet. A key arrives once, whatever
happens in between.
"""

from __future__ import annotations

from email.utils import formataddr
from uuid import UUID

from django.utils import timezone

from soutien.doors.couriers.message import Message
from soutien.registers.outbox import queries as outbox


class LocalMailbox:
    """Keeps mails and texts in a table of its own."""

    def send(self, message: Message, key: UUID) -> None:
        sender = formataddr((message.sender_name, message.sender)) if message.sender else ""
        outbox.keep_here(
            key=key,
            channel=message.channel,
            sender=sender,
            recipient=message.to,
            subject=message.subject,
            body=message.body,
            attachment=message.calendar.decode(),
            at=timezone.now(),
        )

    def arrived(self, key: UUID) -> bool | None:
        return outbox.is_here(key)
