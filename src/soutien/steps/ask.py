"""Asking before anything is decided: what will I pay?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from soutien.rules.answer import Answer
from soutien.rules.codes import Kind
from soutien.rules.estimate import Situation, estimate
from soutien.rules.explain import Line, explain
from soutien.steps import gather
from soutien.steps.actor import ANONYMOUS
from soutien.steps.permissions import allow


@dataclass(frozen=True, slots=True)
class Estimate:
    """The price, what is paid on the spot and in the end, in cents, with the reasons."""

    answer: Answer

    @property
    def price_cents(self) -> int:
        return self.answer.decision.price_cents

    @property
    def upfront_cents(self) -> int:
        return self.answer.decision.patient_upfront_cents

    @property
    def final_cents(self) -> int:
        return self.answer.decision.patient_cents

    def lines(self, lang: str = "fr") -> list[Line]:
        """Every amount with its sentence and its text."""
        return explain(self.answer, lang)


def what_will_i_pay(*, situation: Situation, on: date, kind: Kind = Kind.EVALUATION) -> Estimate:
    """What a session that goes well costs somebody in this situation on a day.

    The law is asked as for a real claim. A day before the programme is answered as refused.
    """
    allow(ANONYMOUS, "what_will_i_pay")
    return Estimate(estimate(on, situation, gather.law(), kind=kind, profile=gather.PROFILE))
