"""A claim told in a few words: where it stands, and who pays what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from soutien.doors.web.components.days import in_french
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.insurer.parts import reasons_in_words
from soutien.registers.insurance import queries as insurance
from soutien.rules.codes import ThirdParty, word
from soutien.rules.difference import dues_in_words, in_rows, wording
from soutien.rules.explain import Line
from soutien.rules.insurer import PartReason
from soutien.rules.money import euros
from soutien.steps import gather
from soutien.steps.actor import Actor
from soutien.steps.compare import compare_decisions
from soutien.steps.views import ClaimView


@dataclass(frozen=True, slots=True)
class Amount:
    """One part of the price. ``part`` is said of what stands within the line before it."""

    label: str
    amount: str
    part: bool = False
    total: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a claim stands; ``kind`` is ok, danger or warm."""

    reference: str
    kind: str
    word: str
    reasons: tuple[Line, ...]
    amounts: tuple[Amount, ...]
    insurer: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a decision taken again says otherwise: why, what changed, and who owes whom."""

    why: str
    table: Table
    dues: tuple[str, ...]


def changed_of(claim: ClaimView, actor: Actor, at: datetime) -> Changed | None:
    """What the decision differs by from the one it replaces; None for a first decision."""
    if not claim.cause:
        return None
    lang = "fr" if in_french() else "en"
    found = compare_decisions(actor=actor, claim_public_id=claim.public_id, at=at)
    columns = (Column(_("Quoi")), Column(_("Avant")), Column(_("Maintenant")))
    rows = tuple(tuple(Cell(text) for text in row) for row in in_rows(found, gather.law(), lang))
    why = wording()["causes"][word(found.cause)][lang]
    table = Table(_("Ce qui a changé dans la décision"), columns, rows)
    return Changed(why, table, tuple(dues_in_words(found.dues, lang)))


def state_in_words(accepted: bool | None) -> tuple[str, str]:
    """A colour and a word for a claim; None while a person must confirm it."""
    if accepted is None:
        return "warm", _("à confirmer")
    return ("ok", _("acceptée")) if accepted else ("danger", _("refusée"))


def third_party_in_words(code: str) -> str:
    """Whom the fund and the insurer pay."""
    return {
        word(ThirdParty.NONE): _("Aucun : la personne avance le prix"),
        word(ThirdParty.AMO): _("Part de l’Assurance Maladie payée au psychologue"),
        word(ThirdParty.FULL): _("Total : la personne n’avance rien"),
    }[code]


def amounts_of(claim: ClaimView) -> tuple[Amount, ...]:
    """The price and its parts, which add up; nothing of a claim that is not accepted."""
    lang = "fr" if in_french() else "en"
    if not claim.accepted:
        return ()
    amounts = [Amount(_("Part de l’Assurance Maladie"), euros(claim.amo_cents, lang))]
    if claim.local_regime_cents:
        amounts.append(
            Amount(_("dont régime local"), euros(claim.local_regime_cents, lang), part=True)
        )
    amounts += [
        Amount(_("Part de la complémentaire"), euros(claim.amc_cents, lang)),
        Amount(_("Reste à la personne"), euros(claim.patient_cents, lang)),
        Amount(_("Prix de la séance"), euros(claim.price_cents, lang), total=True),
    ]
    return tuple(amounts)


def outcome_of(claim: ClaimView) -> Outcome:
    """A claim as the care sheet tells it."""
    lang = "fr" if in_french() else "en"
    if claim.awaiting:
        kind, said = "warm", _("en cours d’examen")
    else:
        kind, said = state_in_words(claim.accepted)
    reasons = tuple(line for line in claim.explanation(lang) if line.about == "reason")
    insurer = "" if claim.awaiting else insurer_in_words(claim)
    return Outcome(claim.reference, kind, said, reasons, amounts_of(claim), insurer)


def insurer_in_words(claim: ClaimView) -> str:
    """What the complementary insurer said of its part, with why; empty before it did."""
    part = insurance.part_of_claim(claim.public_id)
    if part is None:
        return ""
    lang = "fr" if in_french() else "en"
    if part.accepted:
        return _("La complémentaire paie %(cents)s.") % {"cents": euros(part.amc_cents, lang)}
    why = " ".join(reasons_in_words(PartReason(part.reasons)))
    left = _("Cette part reste à la personne : %(cents)s.") % {
        "cents": euros(part.remainder_cents, lang)
    }
    return f"{_('La complémentaire refuse sa part.')} {why} {left}"
