"""A decision as the law core told it, rebuilt from what is kept with it."""

from __future__ import annotations

from datetime import date

from soutien.registers.claims.models import Decision
from soutien.rules import decide
from soutien.rules.answer import Answer
from soutien.rules.codes import Profile
from soutien.rules.facts import Past, SessionFacts
from soutien.rules.terms import Terms
from soutien.steps import gather


def answer_of(decision: Decision, held_on: date) -> Answer | None:
    """The answer as it was given, from the facts and terms kept with the decision."""
    facts, known = decision.facts, Terms._fields
    if not facts:
        return None
    terms = gather.terms_on(held_on)._asdict()
    terms |= {name: value for name, value in decision.terms.items() if name in known}
    left = decision.sessions_left
    return Answer(
        decision=decide.Decision(
            accepted=int(decision.accepted),
            reasons=decision.reasons,
            coverage=decision.coverage,
            price_cents=decision.price_cents,
            amo_cents=decision.amo_cents,
            local_regime_cents=decision.local_regime_cents,
            amc_cents=decision.amc_cents,
            patient_cents=decision.patient_cents,
            patient_upfront_cents=decision.patient_upfront_cents,
            third_party=decision.third_party,
            sessions_left=decide.NO_CAP if left is None else left,
            notices=decision.notices,
        ),
        session=SessionFacts(**facts["session"]),
        past=Past(**facts["past"]),
        terms=Terms(**terms),
        profile=gather.code(Profile, decision.profile),
        law=gather.law(),
    )
