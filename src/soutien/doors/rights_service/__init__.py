"""The service of rights, whoever it is: asked about one person, for one day.

A service is a class with ``ask``; ``SOUTIEN_RIGHTS_SERVICE`` names it (docs/rights-service.md). It
answers within ``SECONDS`` or is silent: a session never waits for somebody else's machine.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.verified import Said
from soutien.steps.verify import Question, keep_check, plan_checks

SECONDS = 5


class Silent(Exception):
    """No answer: too late, away, or not understood."""


class RightsService(Protocol):
    """The other side."""

    def ask(self, *, nir: str, birth_date: date, on: date) -> Said:
        """All rights it knows of somebody for a day. Raises Silent."""
        ...


@lru_cache(maxsize=1)
def _named(path: str) -> RightsService:
    made: RightsService = import_string(path)()
    return made


def service() -> RightsService | None:
    """The service of this deployment; None when nobody is asked."""
    return _named(settings.RIGHTS_SERVICE) if settings.RIGHTS_SERVICE else None


def asked(question: Question, *, at: datetime, actor: Actor = SYSTEM) -> str:
    """Ask about one person and keep the answer; its outcome, empty when nobody is asked."""
    there = service()
    if there is None:
        return ""
    said: Said | None
    try:
        said = there.ask(nir=question.nir, birth_date=question.birth_date, on=question.on)
    except Silent:
        said = None
    check = keep_check(actor=actor, person_id=question.person_id, said=said, on=question.on, at=at)
    return check.outcome if check else ""


def ask_all(at: datetime) -> int:
    """About everybody who comes soon; how many were asked. Three silences in a row are enough."""
    if service() is None:
        return 0
    done = silent = 0
    for question in plan_checks(at=at):
        silent = silent + 1 if asked(question, at=at) == "silent" else 0
        done += 1
        if silent == MOST_SILENCES:
            break
    return done


MOST_SILENCES = 3
