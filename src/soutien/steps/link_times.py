"""How long a link sent by mail is good: mails are slow, mailboxes are shared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from soutien.registers.accounts.models import LinkKind

LASTS: Mapping[LinkKind, timedelta] = {
    LinkKind.SIGN_IN: timedelta(minutes=20),
    LinkKind.JOIN: timedelta(hours=2),
    LinkKind.PASSWORD: timedelta(minutes=30),
    LinkKind.EMAIL: timedelta(hours=2),
}
