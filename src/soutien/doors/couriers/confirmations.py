"""Once an hour, psychologists whose entry grows old are asked whether it is still true."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from soutien.steps.vouch import plan_confirmations

# A few hundred at a time, so that a mail server sees a trickle and not a flood.
BETWEEN = timedelta(hours=1)


class Confirmations:
    """Remembers when it last planned. One a process."""

    def __init__(self) -> None:
        self._planned_at: datetime | None = None

    def plan(self, at: datetime) -> int:
        """How many letters were left. None in the demo: nobody reads those thousands of mails."""
        early = self._planned_at is not None and at < self._planned_at + BETWEEN
        if settings.DEMO or early:
            return 0
        self._planned_at = at
        return plan_confirmations(at=at)
