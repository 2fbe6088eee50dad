"""What an appointment costs, before anybody commits: for this person, else for most people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from soutien.doors.web.components.parts import Figure
from soutien.doors.web.public.money_pages import three_numbers
from soutien.rules.answer import answer
from soutien.rules.codes import Kind
from soutien.rules.estimate import Situation
from soutien.steps import gather
from soutien.steps.ask import Estimate, what_will_i_pay


@dataclass(frozen=True, slots=True)
class Planned:
    """An appointment as the law looks at it; ``booking_id`` once it is kept."""

    psychologist_id: int
    practice: str
    kind: str
    modality: str
    on: date
    booking_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """Three numbers; ``own`` when they come from the person's own rights."""

    figures: list[Figure]
    own: bool


def cost_of(planned: Planned, person_id: int | None) -> Cost:
    """What it costs a person whose rights are known; else in the most frequent situation."""
    own = None if person_id is None else _own(planned, person_id)
    if own is not None:
        return Cost(three_numbers(own), own=True)
    kind = gather.code(Kind, planned.kind)
    usual = what_will_i_pay(situation=Situation(), on=planned.on, kind=kind)
    return Cost(three_numbers(usual), own=False)


def _own(planned: Planned, person_id: int) -> Estimate | None:
    """The law's answer on this very session; None where a right is missing to tell."""
    session = gather.planned(
        psychologist_id=planned.psychologist_id,
        kind=planned.kind,
        modality=planned.modality,
        held_on=planned.on,
    )
    dossier = gather.planned_dossier(person_id, session, planned.practice, planned.booking_id)
    answered = answer(dossier, gather.law())
    return Estimate(answered) if answered.decision.accepted else None
