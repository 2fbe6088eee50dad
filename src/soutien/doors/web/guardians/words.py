"""A child's consents in words: what is there, what is missing, what each holder said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.days import plain_day
from soutien.rules.consent import Word
from soutien.steps.authority import Consents, HolderView

CAPACITIES: Mapping[str, Any] = {
    "parent": gettext_lazy("les deux parents, ensemble"),
    "sole_authority": gettext_lazy("un parent seul, qui exerce seul l’autorité parentale"),
    "tutor": gettext_lazy("un tuteur ou une tutrice"),
    "judge": gettext_lazy("une personne qu’un juge a désignée"),
}
ROLES: Mapping[str, Any] = {
    "parent": gettext_lazy("parent"),
    "sole_authority": gettext_lazy("exerce seul l’autorité parentale"),
    "tutor": gettext_lazy("tuteur ou tutrice"),
    "judge": gettext_lazy("désigné par un juge"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One holder as a page shows them."""

    public_id: UUID
    name: str
    role: str
    kind: str
    said: str
    notes: tuple[str, ...]
    answered: bool
    reachable: bool
    proof: str
    proof_to_see: bool
    proof_of_parent: bool
    signature: UUID | None
    statement: UUID | None
    papers: tuple[tuple[UUID, str], ...]


def lines_of(consents: Consents) -> list[Line]:
    """Each holder with what they said."""
    return [_line(holder) for holder in consents.holders]


def _line(holder: HolderView) -> Line:
    return Line(
        public_id=holder.public_id,
        name=holder.name,
        role=str(ROLES[holder.capacity]),
        kind={Word.YES: "ok", Word.NO: "danger"}.get(holder.word, "warm"),
        said=_said(holder),
        notes=tuple(_notes(holder)),
        answered=holder.word is not Word.NONE,
        reachable=holder.reachable,
        proof=holder.proof,
        proof_to_see=holder.alone and holder.proof_seen_on is None,
        proof_of_parent=not holder.alone and holder.proof_seen_on is None,
        signature=holder.signature_id,
        statement=holder.statement_id,
        papers=tuple((public_id, plain_day(day)) for public_id, day in holder.papers),
    )


def _said(holder: HolderView) -> str:
    if holder.signed_on is None:
        return _("pas encore répondu")
    day = {"day": plain_day(holder.signed_on)}
    if holder.taken_back:
        return _("accord retiré le %(day)s") % day
    if holder.word is Word.NO:
        return _("a dit non le %(day)s") % day
    return _("d’accord depuis le %(day)s") % day


def _notes(holder: HolderView) -> list[str]:
    notes = []
    if holder.how == "paper":
        notes.append(_("signé sur papier, vu par le psychologue"))
    if holder.statement_on is not None:
        told = _("déclare que l’autre parent n’a pas pu être informé, le %(day)s")
        notes.append(told % {"day": plain_day(holder.statement_on)})
    if holder.proof_seen_on is not None:
        told = _("papier vu le %(day)s")
        notes.append(told % {"day": plain_day(holder.proof_seen_on)})
    elif holder.alone:
        notes.append(_("le papier est à montrer à la première séance"))
    return notes
