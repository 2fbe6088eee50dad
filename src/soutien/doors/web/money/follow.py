"""Where the money is: a person's sessions in a line each, a psychologist's payers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day, short_day
from soutien.doors.web.components.parts import Cell, Column, Figure, Table
from soutien.doors.web.money.own import money
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.writings.paper import Fact, Paper, Section, on_paper
from soutien.registers.psychologists.models import Psychologist
from soutien.rules.codes import word
from soutien.rules.delays import LATE_UNMEASURED_DAYS, Delay
from soutien.rules.difference import wording
from soutien.rules.life import Cause
from soutien.rules.money import euros
from soutien.rules.owed import Payer as Side
from soutien.steps.money import (
    LATELY,
    Income,
    Line,
    Payer,
    Share,
    Stands,
    Where,
    follow_money,
    open_income,
)

TONES = {
    Where.TO_PAY: "pending",
    Where.RETURNED: "refused",
    Where.ORDERED: "pending",
    Where.PAID: "accepted",
    Where.UNDUE: "refused",
}
STATES = {
    Where.TO_PAY: gettext_lazy("à payer"),
    Where.RETURNED: gettext_lazy("revenu, à repayer"),
    Where.ORDERED: gettext_lazy("en route"),
    Where.PAID: gettext_lazy("payé"),
    Where.UNDUE: gettext_lazy("trop versé"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One session in words: where it stands, then a sentence for each payer."""

    day: str
    reference: str
    claim_id: UUID
    said: str
    tone: str
    sentences: tuple[str, ...]
    refused: bool
    undue: bool


@require_safe
@private_page
def own_money(request: HttpRequest) -> HttpResponse:
    """Each session in a line: received, accepted, paid, or why not."""
    found = follow_money(actor=actor_of(request), at=timezone.now())
    told = {
        "lines": [_told(line, found.accounts) for line in found.lines],
        "account_missing": found.account_missing,
    }
    return render(request, "soutien/money/follow.html", told)


def _told(line: Line, accounts: Mapping[str, tuple[str, str]]) -> Told:
    said, tone = {
        Stands.RECEIVED: (_("Reçue par la caisse"), "pending"),
        Stands.REFUSED: (_("Refusée"), "refused"),
        Stands.CONTESTED: (_("Votre désaccord attend une réponse"), "pending"),
        Stands.ACCEPTED: (_("Acceptée"), "accepted"),
    }[line.stands]
    sentences = tuple(
        sentence
        for share in line.shares
        for sentence in (
            _to_give_back(share, line.reference, accounts.get(share.payer))
            if share.where is Where.UNDUE
            else (_sentence(share),)
        )
    )
    if line.stands is Stands.RECEIVED:
        sentences = (
            _("Arrivée le %(day)s. Sa décision vient.") % {"day": plain_day(line.received_on)},
        )
    elif line.stands is Stands.ACCEPTED and not sentences:
        sentences = (_("Rien ne vous est dû : le psychologue est payé directement."),)
    return Told(
        day=plain_day(line.held_on),
        reference=line.reference,
        claim_id=line.claim_id,
        said=said,
        tone=tone,
        sentences=sentences,
        refused=line.stands is Stands.REFUSED,
        undue=any(share.where is Where.UNDUE for share in line.shares),
    )


def _to_give_back(
    share: Share, reference: str, account: tuple[str, str] | None
) -> tuple[str, ...]:
    """What is owed back, to whom, which decision made it so, and how it is given back."""
    lang = "fr" if in_french() else "en"
    told = {"who": who_pays(share.payer), "cents": money(share.cents)}
    said = [_("%(who)s vous a versé %(cents)s de trop : cette somme est à rendre.") % told]
    if share.lowered is not None:
        on = plain_day(timezone.localtime(share.lowered.decided_at).date())
        parts = {
            "day": on,
            "before": money(share.lowered.before_cents),
            "after": money(share.lowered.after_cents),
        }
        said.append(
            _(
                "Une nouvelle décision du %(day)s remplace la première : "
                "cette part passe de %(before)s à %(after)s."
            )
            % parts
        )
        if share.lowered.cause is not Cause.FIRST:
            cause = wording()["causes"][word(share.lowered.cause)][lang]
            said.append(_("Pourquoi : %(cause)s.") % {"cause": cause})
    if account is None:
        said.append(_("On vous écrit pour dire comment la rendre."))
    else:
        name, iban = account
        said.append(
            _("Rendez-la par virement à %(name)s, IBAN %(iban)s, avec la référence %(ref)s.")
            % {"name": name, "iban": in_fours(iban), "ref": reference}
        )
    said.append(_("Rien n’est retenu sur vos autres paiements."))
    said.append(_("Si c’est difficile, dites-le à qui vous a payé."))
    return tuple(said)


def in_fours(iban: str) -> str:
    """An account number as banks print it."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _sentence(share: Share) -> str:
    told = {"who": who_pays(share.payer), "cents": money(share.cents)}
    if share.where is Where.PAID and share.paid_on is not None:
        day = {"day": plain_day(share.paid_on)}
        return _("%(who)s vous a payé %(cents)s, le %(day)s.") % (told | day)
    if share.where is Where.ORDERED:
        begins = _("%(who)s vous paie %(cents)s : le virement est en route.") % told
    elif share.where is Where.RETURNED:
        begins = _("%(who)s vous doit %(cents)s : le virement est revenu. Il repartira.") % told
    else:
        begins = _("%(who)s vous doit %(cents)s.") % told
    return f"{begins} {_when(share)}"


def _when(share: Share) -> str:
    """A day only where enough was measured; late is said as it is."""
    if share.usual_on is None or share.late_on is None:
        if share.late:
            return _("C’est long : plus de %(days)s jours depuis la demande.") % {
                "days": LATE_UNMEASURED_DAYS
            }
        return _("Trop peu de paiements récents pour dire un jour.")
    if share.late:
        return _("C’est en retard : neuf paiements sur dix arrivent avant le %(day)s.") % {
            "day": plain_day(share.late_on)
        }
    if share.usual_on <= timezone.localdate():
        return _("Attendu d’ici au %(day)s.") % {"day": plain_day(share.late_on)}
    return _("Attendu vers le %(usual)s, au plus tard le %(late)s neuf fois sur dix.") % {
        "usual": plain_day(share.usual_on),
        "late": plain_day(share.late_on),
    }


def who_pays(payer: str) -> str:
    """A payer as people call it."""
    insurer = payer.startswith(f"{Side.INSURER.value}:")
    return _("Votre complémentaire") if insurer else _("L’Assurance Maladie")


@require_safe
@private_page
def income(request: HttpRequest) -> HttpResponse:
    """What is due, ordered, paid, late, by payer; then every session that is late."""
    found = open_income(actor=actor_of(request), at=timezone.now())
    told = {
        "figures": _figures(found),
        "payers": _payers(found),
        "late": _late(found),
        "letters": [
            {"payer": one.payer, "name": name_of_payer(one)}
            for one in found.payers
            if one.late_cents
        ],
        "account_missing": found.account_missing,
        "refused": found.refused,
    }
    return render(request, "soutien/money/income.html", told)


def _figures(found: Income) -> list[Figure]:
    payers = found.payers
    return [
        Figure(_("À recevoir"), money(sum(one.to_pay_cents for one in payers))),
        Figure(_("En route"), money(sum(one.ordered_cents for one in payers))),
        Figure(
            _("Reçu"),
            money(sum(one.paid_lately_cents for one in payers)),
            _("Depuis %(days)s jours.") % {"days": LATELY.days},
        ),
        Figure(
            _("En retard"),
            money(sum(one.late_cents for one in payers)),
            _("Au-delà de ce que met ce payeur neuf fois sur dix, sinon de %(days)s jours.")
            % {"days": LATE_UNMEASURED_DAYS},
        ),
        *_too_much(sum(one.undue_cents for one in payers)),
    ]


def _too_much(cents: int) -> list[Figure]:
    """What is to be given back, only where something is."""
    if not cents:
        return []
    return [Figure(_("Trop versé"), money(cents), _("À rendre : le payeur vous écrit."))]


def _payers(found: Income) -> Table:
    columns = (
        Column(_("Qui paie")),
        *(
            Column(label, number=True)
            for label in (_("À recevoir"), _("En route"), _("Reçu récemment"), _("En retard"))
        ),
        Column(_("Délai mesuré")),
    )
    rows = tuple(
        (
            Cell(name_of_payer(one)),
            Cell(money(one.to_pay_cents)),
            Cell(money(one.ordered_cents)),
            Cell(money(one.paid_lately_cents)),
            Cell(money(one.late_cents)),
            Cell(_delay(one.delay)),
        )
        for one in found.payers
    )
    return Table(_("Par payeur"), columns, rows, _("Aucun payeur ne vous doit rien."))


def _delay(delay: Delay | None) -> str:
    if delay is None:
        return _("trop peu de paiements pour le dire")
    return _("%(usual)s jours d’habitude, %(late)s au plus neuf fois sur dix") % {
        "usual": delay.usual_days,
        "late": delay.late_days,
    }


def name_of_payer(one: Payer) -> str:
    """Its name where it gave one, and its code."""
    side, _colon, code = one.payer.partition(":")
    called = _("Complémentaire") if side == Side.INSURER.value else _("Caisse")
    return f"{one.name or called} ({code or _('sans code')})"


def _late(found: Income) -> Table:
    columns = (
        Column(_("Séance du")),
        Column(_("Demande")),
        Column(_("Qui paie")),
        Column(_("Montant"), number=True),
        Column(_("Où")),
    )
    rows = tuple(
        (
            Cell(f"{short_day(line.held_on)} {line.held_on.year}"),
            Cell(line.reference),
            Cell(_("complémentaire") if _by_insurer(share) else _("caisse")),
            Cell(money(share.cents)),
            Cell(str(STATES[share.where]), tag=TONES[share.where]),
        )
        for line in found.late
        for share in line.shares
        if share.late
    )
    return Table(_("En retard, du plus ancien au plus récent"), columns, rows)


def _by_insurer(share: Share) -> bool:
    return share.payer.startswith(f"{Side.INSURER.value}:")


@require_safe
@private_page
def reminder(request: HttpRequest) -> HttpResponse:
    """A letter to one payer that lists what is late: references, days and amounts, no name."""
    actor, now = actor_of(request), timezone.now()
    found = open_income(actor=actor, at=now)
    asked = request.GET.get("payeur", "")
    late = [
        (line, share)
        for line in found.late
        for share in line.shares
        if share.late and share.payer == asked
    ]
    payer = next((one for one in found.payers if one.payer == asked), None)
    owner = request.user.psychologist if request.user.is_authenticated else None
    if payer is None or not late or owner is None:
        messages.info(request, _("Ce payeur n’a rien en retard."))
        return redirect("income")
    paper = _letter(owner, payer, late, timezone.localdate(now))
    content = on_paper(
        [paper], title=paper.title, author=paper.signed, day=timezone.localdate(now)
    )
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="relance.pdf"'
    return answer


def _letter(owner: Psychologist, payer: Payer, late: list[tuple[Line, Share]], on: date) -> Paper:
    """In French: funds and insurers read it."""
    name = f"{owner.given_name} {owner.family_name}"
    total = euros(sum(share.cents for _line, share in late), "fr")
    facts = tuple(
        Fact(
            f"Séance du {_day(line.held_on)}",
            f"{euros(share.cents, 'fr')}, demande {line.reference} reçue le "
            f"{_day(line.received_on)}",
        )
        for line, share in late
    )
    many = len(late) > 1
    missing = (
        f"{len(late)} règlements du dispositif Mon soutien psy ne me sont pas parvenus"
        if many
        else "un règlement du dispositif Mon soutien psy ne m’est pas parvenu"
    )
    asked = f"Sauf erreur de ma part, {missing}, pour {total}."
    return Paper(
        title="Relance de paiement",
        sender=(name, "Psychologue", f"Numéro RPPS {owner.rpps}"),
        recipient=(payer.name or "Service de la facturation", payer.payer.partition(":")[2]),
        dated=f"Le {_day(on)}",
        facts=facts,
        sections=(
            Section(
                "Ce que je vous demande",
                (
                    asked,
                    "Merci de me dire où en est chacun, ou de le mettre en paiement. Ce qui a été "
                    "refusé ou payé, dites-m’en la référence et le jour.",
                ),
            ),
        ),
        signed=name,
    )


def _day(on: date) -> str:
    return f"{on.day:02}/{on.month:02}/{on.year}"
