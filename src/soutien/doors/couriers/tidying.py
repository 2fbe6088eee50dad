"""Once an hour, what signing in leaves behind and nobody needs any more is removed."""

from __future__ import annotations

from datetime import datetime, timedelta

from soutien.registers.idempotency import queries as idempotency
from soutien.registers.limits import queries as limits
from soutien.steps.enter import forget_old_sign_ins

BETWEEN = timedelta(hours=1)


class Tidying:
    """Remembers when it last tidied. One a process."""

    def __init__(self) -> None:
        self._tidied_at: datetime | None = None

    def tidy(self, at: datetime) -> int:
        """How many rows went: sessions, links, past tries, answers kept for repeats."""
        if self._tidied_at is not None and at < self._tidied_at + BETWEEN:
            return 0
        self._tidied_at = at
        return forget_old_sign_ins(at=at) + limits.forget_past(at) + idempotency.forget_over(at)
