"""What waits for somebody of the fund: queues by reason and age, and the next claim to take up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import short_day
from soutien.doors.web.components.parts import Cell, Column, Figure, Table
from soutien.doors.web.private_pages import private_page
from soutien.registers.claims.worklist import WAITS
from soutien.rules.codes import Kind, word
from soutien.rules.life import State
from soutien.steps.worklist import WaitingLine, WorkView, list_work, next_work

REASONS = {
    State.TO_CONFIRM: gettext_lazy("Refus à relire"),
    State.CONTESTED: gettext_lazy("Contestations"),
    State.RETURNED: gettext_lazy("Virements revenus"),
}
STATES = {word(state): state for state in WAITS}
AGES = (0, 7, 30)
PAGES_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow the list; ``count`` is empty where it is not known."""

    label: str
    count: str
    href: str
    current: bool


def state_of(request: HttpRequest) -> State | None:
    """For which reason the claims are taken up that this page belongs to; None when for none."""
    return STATES.get(request.GET.get("attente", ""))


def address_of(state: State, days: int = 0) -> str:
    """The list of what waits for one reason."""
    query = {"attente": word(state)} | ({"jours": str(days)} if days else {})
    return f"{reverse('fund_work')}?{urlencode(query)}"


def next_address(state: State, after: UUID | None = None) -> str:
    """The address that leads to the next claim to take up."""
    query = {"attente": word(state)} | ({"apres": str(after)} if after else {})
    return f"{reverse('fund_next')}?{urlencode(query)}"


@require_safe
@private_page
def work(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first, with the figures of the day."""
    at = timezone.now()
    state = state_of(request) or State.TO_CONFIRM
    asked = request.GET.get("jours", "")
    days = int(asked) if asked in {str(age) for age in AGES} else 0
    number = request.GET.get("page", "")
    page = int(number) if number.isdecimal() and len(number) <= PAGES_DIGITS else 1
    today = timezone.make_aware(datetime.combine(timezone.localdate(at), time.min))
    view = list_work(
        actor=actor_of(request), state=state, page=max(1, page), days=days, since=today, at=at
    )
    context = {
        "view": view,
        "reasons": [
            Choice(
                str(REASONS[queue.state]),
                _number(queue.total, more=queue.more),
                address_of(queue.state, days),
                queue.state is state,
            )
            for queue in view.queues
        ],
        "ages": [Choice(_age(age), "", address_of(state, age), age == days) for age in AGES],
        "figures": _figures(view, at),
        "table": _table(view),
        "beyond": view.page > view.pages,
        "next": next_address(state) if view.lines else "",
    }
    return render(request, "soutien/fund/work.html", context)


@require_safe
@private_page
def following(request: HttpRequest) -> HttpResponse:
    """Leads to the claim that waits longest; to the list, when none does any more."""
    state = state_of(request) or State.TO_CONFIRM
    try:
        after = UUID(request.GET.get("apres", ""))
    except ValueError:
        after = None
    found = next_work(actor=actor_of(request), state=state, at=timezone.now(), after=after)
    if found is None:
        return redirect(address_of(state))
    return redirect(f"{reverse('fund_claim', args=[found])}?{urlencode({'attente': word(state)})}")


def _number(total: int, *, more: bool) -> str:
    return _("plus de %(n)d") % {"n": total} if more else str(total)


def _age(days: int) -> str:
    if not days:
        return _("Toutes")
    return _("Depuis plus de %(days)d jours") % {"days": days}


def _figures(view: WorkView, at: datetime) -> list[Figure]:
    day = view.day
    decided = day.accepted + day.refused
    oldest = min((queue.oldest for queue in view.queues if queue.oldest), default=None)
    waiting = (at - oldest).days if oldest else 0
    return [
        Figure(_("Reçues aujourd’hui"), str(day.received)),
        Figure(
            _("Décidées aussitôt"),
            str(decided),
            _("%(yes)d acceptées, %(no)d refusées.") % {"yes": day.accepted, "no": day.refused},
        ),
        Figure(
            _("À traiter"),
            _number(
                sum(queue.total for queue in view.queues),
                more=any(queue.more for queue in view.queues),
            ),
            _("Toutes les files ensemble."),
        ),
        Figure(
            _("La plus ancienne"),
            ngettext("%(n)d jour", "%(n)d jours", waiting) % {"n": waiting} if oldest else "—",
            _("Depuis qu’elle attend une personne."),
        ),
    ]


def _row(line: WaitingLine, state: State) -> tuple[Cell, ...]:
    path = reverse("fund_claim", args=[line.public_id])
    return (
        Cell(line.reference, href=f"{path}?{urlencode({'attente': word(state)})}"),
        Cell(ngettext("%(n)d jour", "%(n)d jours", line.days) % {"n": line.days}),
        Cell(line.person_name),
        Cell(_("évaluation") if line.kind == word(Kind.EVALUATION) else _("suivi")),
        Cell(f"{short_day(line.held_on)} {line.held_on.year}"),
    )


def _table(view: WorkView) -> Table:
    columns = (
        Column(_("Référence")),
        Column(_("Attend depuis")),
        Column(_("Personne")),
        Column(_("Séance")),
        Column(_("Tenue")),
    )
    return Table(
        _("Demandes à traiter, de la plus ancienne à la plus récente"),
        columns,
        tuple(_row(line, view.state) for line in view.lines),
        _("Rien n’attend ici."),
    )
