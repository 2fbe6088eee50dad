"""How long a link sent by mail is good: mails are slow, mailboxes are shared.

What proves who one is holds ten minutes at most; what only shows that a mailbox is read, longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from soutien.registers.accounts.models import LinkKind

LASTS: Mapping[LinkKind, timedelta] = {
    LinkKind.SIGN_IN: timedelta(minutes=10),
    LinkKind.JOIN: timedelta(hours=2),
    LinkKind.PASSWORD: timedelta(minutes=10),
    LinkKind.EMAIL: timedelta(hours=2),
    LinkKind.RECOVER: timedelta(minutes=10),
    # Read in one's own time, not in the psychologist's room.
    LinkKind.OWN_SPACE: timedelta(days=7),
}
# Between a recovery that begins and the moment it holds: time to read the mails that tell of it.
RECOVERY_WAITS = {"mail": timedelta(days=7), "people": timedelta(days=2)}
# Then it may be used so long, or is over.
RECOVERY_OPEN = timedelta(days=7)
# How long the word of one administrator waits for another's.
SECOND_WITHIN = timedelta(days=7)
