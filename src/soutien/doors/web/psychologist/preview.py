"""What a session would cost, with what is typed and not recorded yet: the law asked once more."""

from __future__ import annotations

from datetime import date

from soutien.rules.answer import Answer
from soutien.rules.codes import ActCode, ExemptionKind, LinkedTo, Modality, Regime
from soutien.rules.decide import Decision, decide
from soutien.rules.facts import SessionFacts
from soutien.steps.meet import Rights


def previewed(
    answered: Answer,
    *,
    on: date,
    modality: str,
    linked_to: str = "",
    prescribed: bool = False,
    third_party_requested: bool = False,
    rights: Rights | None = None,
) -> Decision:
    """The decision on the session of ``answered``, with what the form says beyond its facts."""
    facts = answered.session._replace(
        remote=int(Modality[modality.upper()]),
        act_code=int(ActCode.NONE),
        linked_to=int(LinkedTo[(linked_to or "none").upper()]),
        prescribed=int(prescribed),
        third_party_requested=int(third_party_requested),
    )
    if rights is not None:
        facts = _with_rights(facts, rights, on)
    return decide(facts, answered.past, answered.terms)


def _with_rights(facts: SessionFacts, rights: Rights, on: date) -> SessionFacts:
    """Rights are added to those known: a certificate never takes one away here."""
    exemptions = facts.exemptions
    for item in rights.exemptions:
        if item.ends_on is None or item.ends_on >= on:
            exemptions |= int(ExemptionKind[item.kind.upper()])
    regime = Regime[(rights.regime or "none").upper()]
    return facts._replace(
        affiliated=facts.affiliated | int(regime is not Regime.NONE),
        local_regime=facts.local_regime | int(regime is Regime.REGIME_LOCAL_ALSACE_MOSELLE),
        complementary=facts.complementary | int(rights.amc),
        exemptions=exemptions,
    )
