"""Rights in plain words: what each is called, and what it changes to what is paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Event
from soutien.rules.money import euros
from soutien.steps.declare import Cost
from soutien.steps.entitled import Declared, Held, Late, Right, Seen

REGIMES: dict[str, Any] = {
    "general": gettext_lazy("Régime général"),
    "msa": gettext_lazy("Régime agricole (MSA)"),
    "regime_local_alsace_moselle": gettext_lazy("Régime local d’Alsace-Moselle"),
    "special": gettext_lazy("Un autre régime : militaires, SNCF, marins…"),
    "none": gettext_lazy("Aucun régime, l’aide médicale de l’État seule"),
}
KINDS: dict[str, Any] = {
    "css": gettext_lazy("Complémentaire santé solidaire"),
    "ame": gettext_lazy("Aide médicale de l’État"),
    "ald": gettext_lazy("Affection de longue durée (ALD)"),
    "maternity": gettext_lazy("Maternité"),
    "at_mp": gettext_lazy("Accident du travail, maladie professionnelle"),
    "invalidity": gettext_lazy("Pension d’invalidité"),
}
# What each changes, without a number: the numbers stand beside, from the law.
CHANGES: dict[str, Any] = {
    "css": gettext_lazy("Vous ne payez rien, ni sur place ni ensuite."),
    "ame": gettext_lazy("Vous ne payez rien, ni sur place ni ensuite."),
    "ald": gettext_lazy(
        "Rien à payer quand la séance est liée à cette maladie et à son protocole. Sinon, comme "
        "tout le monde."
    ),
    "maternity": gettext_lazy("Rien à payer quand la séance est liée à la grossesse."),
    "at_mp": gettext_lazy("Rien à payer quand la séance est liée à l’accident ou à la maladie."),
    "invalidity": gettext_lazy("Vos séances sont prises en charge en entier."),
    "regime_local_alsace_moselle": gettext_lazy("Votre régime paie une plus grande part."),
    "none": gettext_lazy("Sans régime, c’est l’aide médicale de l’État qui compte."),
    "responsible": gettext_lazy("Elle paie la part qui reste après l’Assurance Maladie."),
    "other_contract": gettext_lazy(
        "Ce contrat n’est pas « responsable » : il peut ne rien payer. Demandez-lui."
    ),
}
EVIDENCE: dict[str, Any] = {
    "certificate": gettext_lazy("Attestation de droits"),
    "letter": gettext_lazy("Courrier, notification ou protocole"),
    "insurer_card": gettext_lazy("Carte de la complémentaire"),
    "counter": gettext_lazy("Vu au guichet"),
    "service": gettext_lazy("Service des droits"),
    "members_file": gettext_lazy("Fichier de la complémentaire"),
}
SEEN_BY: dict[str, Any] = {
    "fund_agent": gettext_lazy("la caisse"),
    "fund_supervisor": gettext_lazy("la caisse"),
    "psychologist": gettext_lazy("le psychologue"),
    "replacement": gettext_lazy("le psychologue"),
    "insurer_agent": gettext_lazy("la complémentaire"),
    "system": gettext_lazy("le site"),
    "person": gettext_lazy("vous"),
}
ACTS: dict[str, Any] = {
    "opened": gettext_lazy("Ouvert"),
    "ended": gettext_lazy("Fin fixée"),
    "corrected": gettext_lazy("Corrigé"),
    "withdrawn": gettext_lazy("Retiré"),
}
STATES: dict[str, tuple[Any, str]] = {
    "open": (gettext_lazy("La caisse doit répondre"), "warm"),
    "accepted": (gettext_lazy("Accepté"), "ok"),
    "refused": (gettext_lazy("Refusé"), "danger"),
    "withdrawn": (gettext_lazy("Retiré par vous"), ""),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A right in words."""

    public_id: UUID
    title: str
    period: str
    changes: str
    seen: str
    open: bool
    more: str


@dataclass(frozen=True, slots=True)
class Price:
    """What a session costs, in one line of a table."""

    title: str
    price: str
    upfront: str
    amo: str
    amc: str
    final: str


@dataclass(frozen=True, slots=True)
class Again:
    """A claim that would be decided otherwise: before, and with today's rights."""

    public_id: UUID
    reference: str
    day: str
    before: str
    after: str
    back: str


@dataclass(frozen=True, slots=True)
class Told:
    """A declaration in words."""

    public_id: UUID
    person_public_id: UUID
    person_name: str
    title: str
    period: str
    day: str
    state: str
    kind: str
    reason: str
    open: bool
    with_paper: bool


def title_of(right: Right) -> str:
    """« Complémentaire santé solidaire », « Mutuelle des Tilleuls », « Régime général »."""
    if right.right == "scheme":
        return str(REGIMES[right.regime])
    if right.right == "exemption":
        return str(KINDS[right.kind])
    return right.insurer_name or _("Complémentaire")


def period_of(right: Right) -> str:
    """« du 1 septembre 2026 au 31 août 2027 », « depuis le … »."""
    since = plain_day(right.valid_from)
    if right.ends_on is None:
        return _("depuis le %(day)s") % {"day": since}
    return _("du %(first)s au %(last)s") % {"first": since, "last": plain_day(right.ends_on)}


def changes_of(right: Right) -> str:
    """What it changes to what is paid; empty for what changes nothing."""
    word = {
        "scheme": right.regime,
        "exemption": right.kind,
        "cover": "responsible" if right.responsible else "other_contract",
    }[right.right]
    return str(CHANGES.get(word, ""))


def seen_in_words(seen: Seen | None, declared_by: str = "") -> str:
    """« Attestation de droits du 20 novembre 2026, vue par la caisse »."""
    if seen is None:
        who = SEEN_BY.get(declared_by)
        return _("Noté par %(who)s") % {"who": who} if who else ""
    told = {"what": str(EVIDENCE[seen.evidence]), "who": str(SEEN_BY.get(seen.seen_by, ""))}
    if seen.evidence_on is None:
        return _("%(what)s, vu par %(who)s") % told
    told["day"] = plain_day(seen.evidence_on)
    return _("%(what)s du %(day)s, vu par %(who)s") % told


def more_of(right: Right) -> str:
    """The numbers that an agent reads: the fund, the protocol, the member."""
    parts = {
        "scheme": (right.fund_code,),
        "exemption": (right.reference,),
        "cover": (right.insurer_code, right.member_number),
    }[right.right]
    return " · ".join(part for part in parts if part)


def ending_in_words(right: Right) -> str:
    """« Mutuelle des Tilleuls : jusqu’au 31 décembre 2026. … »"""
    told = {"what": title_of(right), "day": plain_day(right.ends_on or right.valid_from)}
    if right.right == "cover":
        return _("%(what)s : jusqu’au %(day)s. Demandez sa nouvelle carte, et montrez-la.") % told
    return _("%(what)s : jusqu’au %(day)s. Demandez son renouvellement à votre caisse.") % told


def shown(held: Held) -> Shown:
    """A right as a page shows it."""
    right = held.right
    return Shown(
        held.public_id,
        title_of(right),
        period_of(right),
        changes_of(right),
        seen_in_words(held.last, held.declared_by),
        held.open,
        more_of(right),
    )


def price_of(cost: Cost) -> Price:
    """A line of « une séance vous coûte »."""
    lang = "fr" if in_french() else "en"
    title = _("Séance liée : %(what)s") % {"what": KINDS[cost.kind]} if cost.kind else _("Séance")
    amounts = (
        cost.price_cents,
        cost.upfront_cents,
        cost.amo_cents,
        cost.amc_cents,
        cost.final_cents,
    )
    return Price(title, *(euros(cents, lang) for cents in amounts))


def again_of(late: Late) -> Again:
    """« 30 € + 20 €, reste 0 € » before and after."""
    lang = "fr" if in_french() else "en"
    before = (late.accepted_before, late.amo_before, late.amc_before, late.patient_before)
    after = (late.accepted_after, late.amo_after, late.amc_after, late.patient_after)
    return Again(
        late.public_id,
        late.reference,
        plain_day(late.held_on),
        _parts(*before, lang),
        _parts(*after, lang),
        euros(late.back_cents, lang),
    )


def _parts(accepted: bool, amo: int, amc: int, patient: int, lang: str) -> str:
    if not accepted:
        return _("Refusée : la personne paie %(all)s") % {"all": euros(patient, lang)}
    return _("Assurance Maladie %(amo)s, complémentaire %(amc)s, personne %(left)s") % {
        "amo": euros(amo, lang),
        "amc": euros(amc, lang),
        "left": euros(patient, lang),
    }


def told(declared: Declared, day: date) -> Told:
    """A declaration as it is listed."""
    label, kind = STATES[declared.state]
    return Told(
        declared.public_id,
        declared.person_public_id,
        declared.person_name,
        title_of(declared.right),
        period_of(declared.right),
        plain_day(day),
        str(label),
        kind,
        declared.reason,
        declared.state == "open",
        declared.document is not None,
    )


def event_of(seen: Seen) -> Event:
    """A point of the history."""
    right = seen.now or seen.before
    assert right is not None
    text = f"{period_of(right)}. {seen_in_words(seen)}."
    if seen.before is not None and seen.now is not None:
        text = _("Avant : %(period)s.") % {"period": period_of(seen.before)} + " " + text
    return Event(seen.at, f"{ACTS[seen.act]} : {title_of(right)}", text, "done")
