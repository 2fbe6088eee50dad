"""What a test's people find in their mailbox."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.utils import timezone
from tests.doors.couriers.post_office import Carrier

from soutien.doors.couriers.deliver import deliver_due
from soutien.doors.couriers.message import MAIL, Message
from soutien.registers.audit.models import Entry


def mails() -> list[Message]:
    """All mails that are due now, taken out."""
    carrier = Carrier()
    deliver_due({MAIL: carrier}, clock=timezone.now)
    return carrier.messages


def path_in(mail: Message) -> str:
    """The path of the link that a mail carries."""
    [address] = re.findall(r"https?://\S+", mail.body)
    return urlsplit(address).path


def lines_of(event: str) -> list[str]:
    """The results of the journal's lines of an event."""
    return [f"{entry.reason} {entry.result}" for entry in Entry.objects.filter(event=event)]
