"""Who takes a step, as the door knows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A role, and to whom it belongs. ``fund_code`` is the fund of a fund agent."""

    role: str
    account_id: int | None = None
    person_id: int | None = None
    psychologist_id: int | None = None
    fund_code: str = ""


ANONYMOUS = Actor("anonymous")
# The product itself, when a courier or a timer takes a step.
SYSTEM = Actor("system")
