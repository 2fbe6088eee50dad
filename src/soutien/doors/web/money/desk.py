"""The payer's desk: what is owed, orders to prepare and release, the bank's answers, accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soutien.doors.files.bank_lines import LARGEST_BYTES, read
from soutien.doors.files.lines import FileError
from soutien.doors.files.transfers import pain_001
from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day, short_day
from soutien.doors.web.components.numbers import form_for
from soutien.doors.web.components.parts import Cell, Column, Figure, Table
from soutien.doors.web.money.own import UNCLEAR, money
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.sent_twice import done_once
from soutien.registers.payments.queries import Gap, OrderRow
from soutien.steps.actor import Actor
from soutien.steps.bank import answer_bank_detail, list_bank_details
from soutien.steps.errors import Refusal
from soutien.steps.marked import payer_of
from soutien.steps.pay import (
    export_order,
    open_money_desk,
    prepare_order,
    release_order,
    withdraw_order,
)
from soutien.steps.reconcile import list_gaps, read_bank_lines

TOMORROW = timedelta(days=1)
GAPS = {
    "missing": gettext_lazy("La banque n’en a rien dit"),
    "wrong_amount": gettext_lazy("Payé d’un autre montant"),
    "paid_twice": gettext_lazy("Payé deux fois"),
    "returned": gettext_lazy("Revenu"),
    "rejected": gettext_lazy("Refusé par la banque"),
    "unexplained": gettext_lazy("Mouvement que rien n’explique"),
}


class PrepareForm(forms.Form):
    """Up to which day what is owed is paid."""

    cut_off_on = forms.DateField(
        label=gettext_lazy("Ce qui est dû jusqu’au"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Il manque ce jour."),
            "invalid": gettext_lazy("Nous ne reconnaissons pas ce jour."),
        },
    )

    def clean_cut_off_on(self) -> date:
        """What will be owed later is not owed yet."""
        told: date = self.cleaned_data["cut_off_on"]
        if told > timezone.localdate():
            raise forms.ValidationError(gettext_lazy("Ce jour n’est pas encore venu."))
        return told


class FileForm(forms.Form):
    """One file of the bank."""

    file = forms.FileField(
        label=gettext_lazy("Fichier de la banque"),
        help_text=gettext_lazy(
            "camt.054 ou pain.002. Relu deux fois, un fichier ne compte qu’une."
        ),
        max_length=200,
    )


@dataclass(frozen=True, slots=True)
class Ordered:
    """One order as the desk shows it."""

    public_id: UUID
    number: str
    day: str
    count: int
    amount: str
    said: str
    kind: str
    waits: bool
    mine: bool
    leaves: bool


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """One account that waits, as an agent reads it."""

    public_id: UUID
    owner_name: str
    by_psychologist: bool
    holder_name: str
    iban: str
    bank_name: str
    day: str
    change: bool


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def desk(request: HttpRequest) -> HttpResponse:
    """What is owed today, and the orders, newest first."""
    actor, at = actor_of(request), timezone.now()
    today = timezone.localdate()
    form = PrepareForm(request.POST or None, initial={"cut_off_on": today})
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            try:
                done_once(
                    request, lambda: _prepared(actor, form.cleaned_data["cut_off_on"]), at=at
                )
            except Refusal as refusal:
                context, status = _told(refusal)
            else:
                messages.success(
                    request, _("C’est préparé. Une autre personne doit maintenant le libérer.")
                )
                return redirect("fund_money")
    found = open_money_desk(actor=actor, at=at)
    context |= {
        "form": form,
        "figures": [
            Figure(_("À payer"), money(found.to_pay_cents), _count(found.to_pay)),
            Figure(
                _("Sans compte confirmé"),
                str(found.without_account),
                _("Ces virements attendent un compte."),
            ),
            *_held_back(found.held_back),
            Figure(_("Trop versé"), money(found.undue_cents), _count(found.undue)),
        ],
        "orders": [_ordered(row, actor) for row in found.orders],
        "known": found.known,
        # An account is confirmed by a fund, for every payer.
        "confirms": not actor.insurer_code,
    }
    return render(request, "soutien/money/desk.html", context, status=status)


def _held_back(count: int) -> list[Figure]:
    if not count:
        return []
    return [
        Figure(
            _("En attente d’une réponse"),
            str(count),
            _("Contestées, ou pas encore acceptées par la complémentaire."),
        )
    ]


def _prepared(actor: Actor, cut_off_on: date) -> str:
    made = prepare_order(
        actor=actor,
        cut_off_on=cut_off_on,
        execution_on=timezone.localdate() + TOMORROW,
        at=timezone.now(),
    )
    return str(made.public_id)


def _count(number: int) -> str:
    return ngettext("%(n)s ligne", "%(n)s lignes", form_for(number)) % {"n": number}


def _read(new: int, known: int) -> str:
    """What a file of the bank brought, in words."""
    read = ngettext("Lu : %(n)s ligne nouvelle", "Lu : %(n)s lignes nouvelles", form_for(new))
    before = ngettext("%(n)s déjà connue", "%(n)s déjà connues", form_for(known))
    return f"{read % {'n': new}}, {before % {'n': known}}."


def _told(refusal: Refusal) -> tuple[dict[str, object], int]:
    """A refusal said on the page it came from; who may not be there is told as ever."""
    if refusal.code in {"not_allowed", "not_found"}:
        raise refusal
    lang = "fr" if in_french() else "en"
    told = {"sentence": refusal.sentence(lang), "remedy": refusal.remedy(lang)}
    return dict(told), refusal.http_status


def _say(request: HttpRequest, refusal: Refusal) -> None:
    """The same, told on the desk that is shown next."""
    told, _status = _told(refusal)
    messages.warning(request, f"{told['sentence']} {told['remedy']}")


def _ordered(row: OrderRow, actor: Actor) -> Ordered:
    acts = row.acts
    if "withdrawn" in acts:
        said, kind = _("Retiré"), ""
    elif "reconciled" in acts:
        said, kind = _("Rapproché"), "accepted"
    elif "released" in acts:
        settled = {"n": row.settled, "total": row.order.payments}
        how = ngettext(
            "Libéré, %(n)s réglé sur %(total)s",
            "Libéré, %(n)s réglés sur %(total)s",
            form_for(row.settled),
        )
        said, kind = how % settled, "pending"
    else:
        said, kind = _("À libérer"), "pending"
    return Ordered(
        public_id=row.order.public_id,
        number=row.order.number,
        day=plain_day(timezone.localtime(row.order.prepared_at).date()),
        count=row.order.payments,
        amount=money(row.order.cents),
        said=said,
        kind=kind,
        waits=not acts,
        mine=row.order.prepared_by == actor.account_id,
        leaves="released" in acts,
    )


@require_POST
@private_page
def order(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Release an order, or take it back."""
    actor, at = actor_of(request), timezone.now()
    try:
        if request.POST.get("act") == "withdraw":
            withdraw_order(actor=actor, order_id=public_id, at=at)
            messages.success(request, _("C’est retiré : tout est de nouveau à payer."))
        else:
            release_order(actor=actor, order_id=public_id, at=at)
            messages.success(request, _("C’est libéré : le fichier peut partir à la banque."))
    except Refusal as refusal:
        _say(request, refusal)
    return redirect("fund_money")


@require_safe
@private_page
def order_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A released order as the bank takes it."""
    try:
        told = export_order(actor=actor_of(request), order_id=public_id, at=timezone.now())
    except Refusal as refusal:
        _say(request, refusal)
        return redirect("fund_money")
    return HttpResponse(
        pain_001(told),
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{told.number}.xml"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def bank(request: HttpRequest) -> HttpResponse:
    """Files of the bank, and every place where it and the orders differ."""
    actor, at = actor_of(request), timezone.now()
    payer = payer_of(actor)
    form = FileForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {}
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            try:
                content = form.cleaned_data["file"].read(LARGEST_BYTES + 1)
                found = read_bank_lines(actor=actor, payer=payer, words=read(content), at=at)
            except FileError:
                form.add_error(
                    "file",
                    _("Ce n’est pas un fichier de banque que nous lisons. Rien n’a été lu."),
                )
            except Refusal as refusal:
                context, status = _told(refusal)
            else:
                messages.success(request, _read(sum(found.kinds.values()), found.known))
                return redirect("fund_bank")
    columns = (
        Column(_("Jour")),
        Column(_("Écart")),
        Column(_("Virement")),
        Column(_("Commandé"), number=True),
        Column(_("Trouvé"), number=True),
    )
    gaps = list_gaps(actor=actor, payer=payer, at=at)
    table = Table(_("Écarts"), columns, tuple(map(_gap_row, gaps)), _("Aucun écart."))
    context |= {"form": form, "table": table, "count": len(gaps)}
    return render(request, "soutien/money/gaps.html", context, status=status)


def _gap_row(gap: Gap) -> tuple[Cell, ...]:
    said = str(GAPS[gap.kind])
    return (
        Cell(f"{short_day(gap.on)} {gap.on.year}"),
        Cell(f"{said} ({gap.reason})" if gap.reason else said),
        Cell(gap.number or "—"),
        Cell(money(gap.expected_cents)),
        Cell(money(gap.found_cents)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts that wait for an agent, the oldest first."""
    actor, at = actor_of(request), timezone.now()
    context: dict[str, object] = {}
    status = 200
    chosen = _public_id(request.POST.get("account", ""))
    if request.method == "POST" and chosen is None:
        status = UNCLEAR
    elif chosen is not None:
        confirmed = request.POST.get("answer") == "confirmed"
        try:
            answer_bank_detail(actor=actor, public_id=chosen, confirmed=confirmed, at=at)
        except Refusal as refusal:
            context, status = _told(refusal)
        else:
            messages.success(request, _("C’est répondu."))
            return redirect("fund_accounts")
    context["waiting"] = [
        ToConfirm(
            public_id=view.public_id,
            owner_name=view.owner_name,
            by_psychologist=view.by_psychologist,
            holder_name=view.holder_name,
            iban=view.iban,
            bank_name=view.bank_name,
            day=plain_day(timezone.localtime(view.given_at).date()),
            change=view.change,
        )
        for view in list_bank_details(actor=actor, at=at)
    ]
    return render(request, "soutien/money/accounts.html", context, status=status)


def _public_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
