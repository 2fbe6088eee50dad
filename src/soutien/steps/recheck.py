"""What towns publish, read again beside the law of a day: sentences that state it wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from soutien.registers.contents import queries as contents
from soutien.registers.contents.models import Content, Town
from soutien.rules.statements import Finding
from soutien.steps import gather
from soutien.steps.actor import ANONYMOUS
from soutien.steps.errors import Refusal
from soutien.steps.permissions import allow
from soutien.steps.reread import read_again, text_of

ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Stale:
    """A page that everybody reads, and what it states wrongly."""

    town: Town
    content: Content
    title: str
    findings: tuple[Finding, ...]


def check_contents(*, at: datetime, town: str = "", lang: str = "fr") -> tuple[Stale, ...]:
    """The pages that are read now and that say what the law does not, in the order of towns.

    ``town`` is an INSEE code, or ``FR``; empty for all. Refuses ``not_found``.
    """
    allow(ANONYMOUS, "check_contents")
    on = gather.civil_day(at, ZONE)
    asked = contents.towns() if not town else [contents.town_of_code(town)]
    told = []
    for one in asked:
        if one is None:
            raise Refusal("not_found")
        for content in contents.live_of(one, at):
            assert content.live is not None
            wrong = read_again(text_of(content.live), content.language, on, lang)
            if wrong:
                told.append(Stale(one, content, content.live.title, wrong))
    return tuple(told)
