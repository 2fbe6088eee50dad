"""The psychologist's day, and closing or cancelling one appointment of it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import local
from soutien.doors.web.components.parts import Figure
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.agenda import day_page, row_of, time_zone_of
from soutien.doors.web.psychologist.forms import CERTIFICATE, CloseForm
from soutien.doors.web.psychologist.words import language, remote_full, remote_in_words
from soutien.registers.claims import queries as claims
from soutien.rules.decide import Decision
from soutien.rules.money import euros
from soutien.steps.book import cancel_booking
from soutien.steps.errors import Refusal
from soutien.steps.look import open_day, open_line
from soutien.steps.measure import list_unread
from soutien.steps.meet import close_session
from soutien.steps.views import DayLine, DayView


def own_id(request: HttpRequest) -> int:
    """The psychologist who is signed in; an account tied to none has no agenda."""
    psychologist_id = actor_of(request).psychologist_id
    if psychologist_id is None:
        raise Http404
    return psychologist_id


def _day_of(line: DayLine) -> HttpResponse:
    return redirect("day_of", line.booking.civil_day)


@require_safe
@private_page
def day(request: HttpRequest, day: date | None = None) -> HttpResponse:
    """The agenda of a day, today's first."""
    actor = actor_of(request)
    if actor.role == "replacement" and actor.psychologist_id is None:
        # Nobody to replace today, or several to choose from.
        return redirect("acting")
    psychologist_id, now = own_id(request), timezone.now()
    zone = time_zone_of(psychologist_id)
    today = local(now, zone).date()
    view = open_day(actor=actor, psychologist_id=psychologist_id, day=day or today, at=now)
    page = day_page(view, today=today, zone=zone, now=now)
    own = actor.role == "psychologist"
    unread = list_unread(actor=actor, psychologist_id=psychologist_id, at=now) if own else ()
    told = {
        "page": page,
        "own": own,
        "unread": len(unread),
        "urgent": any(each.outcome.urgent for each in unread),
        "remote": remote_in_words(view.remote, view.day.year),
    }
    return render(request, "soutien/psychologist/day.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One appointment: what it will be, then held or missed."""
    now = timezone.now()
    view = open_line(actor=actor_of(request), booking_id=public_id, at=now)
    line = view.lines[0]
    if request.method == "POST":
        return _closed(request, view)
    if line.session is not None:
        sheet = line.session.care_sheet_public_id
        return redirect("sheet", sheet) if sheet else _day_of(line)
    if line.booking.status != "confirmed":
        raise Http404
    form = CloseForm(line=line, usual_fund_code=view.usual_fund_code, asks_rights=False)
    return _close_page(request, view, form, begun=line.booking.starts_at <= now)


def _closed(request: HttpRequest, view: DayView) -> HttpResponse:
    """Close the session, or tell all that is wrong. Sent twice, it answers the same."""
    line = view.lines[0]
    asks_rights = "asks_rights" in request.POST
    form = CloseForm(
        request.POST, line=line, usual_fund_code=view.usual_fund_code, asks_rights=asks_rights
    )
    if line.session is None and "compute" in request.POST:
        # Only the amounts are asked for: what is missing is not a mistake yet.
        form.is_valid()
        decision = form.decided()
        form.errors.clear()
        return _close_page(request, view, form, decision=decision)
    if line.session is not None or form.is_valid():
        try:
            return _taken(request, line, form)
        except Refusal as refusal:
            wanted = set(refusal.context.get("fields", ())) & set(CERTIFICATE)
            if wanted and not form.asks_rights:
                form = CloseForm(
                    request.POST,
                    line=line,
                    usual_fund_code=view.usual_fund_code,
                    asks_rights=True,
                )
                form.is_valid()
            form.tell(refusal)
            return _close_page(request, view, form, status=refusal.http_status)
    return _close_page(request, view, form, status=422)


def _taken(request: HttpRequest, line: DayLine, form: CloseForm) -> HttpResponse:
    form.is_valid()
    told = form.cleaned_data
    held = told.get("outcome") == "held"
    session = close_session(
        actor=actor_of(request),
        booking_id=line.booking.public_id,
        performed=held,
        modality=form.said_modality,
        signatures=form.signatures(),
        rights=form.rights() if held else None,
        nir=(told.get("nir") or None) if held else None,
        at=timezone.now(),
        linked_to=told.get("linked_to", ""),
        prescribed=bool(told.get("prescribed")),
        third_party_requested=bool(told.get("third_party_requested")),
        course=form.course(),
    )
    if not held:
        messages.success(
            request,
            _("Séance manquée : elle n’est pas facturée et ne compte pas dans l’année."),
        )
        return _day_of(line)
    decision = form.decided()
    if decision is not None and decision.accepted:
        messages.success(
            request,
            _("Séance terminée, feuille de soins établie. À régler sur place : %(amount)s.")
            % {"amount": euros(decision.patient_upfront_cents, language())},
        )
    sheet = claims.sheet_of_session(session.pk)
    return redirect("sheet", sheet.public_id) if sheet else _day_of(line)


def _close_page(
    request: HttpRequest,
    view: DayView,
    form: CloseForm,
    *,
    begun: bool = True,
    decision: Decision | None = None,
    status: int = 200,
) -> HttpResponse:
    line = view.lines[0]
    if decision is None and line.answer is not None:
        decision = line.answer.decision
    return render(
        request,
        "soutien/psychologist/close.html",
        {
            "row": row_of(line, several_places=True),
            "line": line,
            "form": form,
            "begun": begun,
            "own": actor_of(request).role == "psychologist",
            "figures": _figures(line, decision),
            "remote_full": remote_full(view.remote),
        },
        status=status,
    )


def _figures(line: DayLine, decision: Decision | None) -> list[Figure]:
    """The price, fixed by the law, and what the person pays on the spot."""
    lang = language()
    price = Figure(
        _("Prix de la séance"),
        euros(line.price_cents, lang),
        _("Fixé par la loi : ni plus, ni moins."),
    )
    if decision is None or not decision.accepted:
        unknown = _("Indiquez ses droits ci-dessous, puis « Calculer ».")
        refused = _("Cette séance ne serait pas remboursée en l’état.")
        reason = refused if line.rights_known else unknown
        return [price, Figure(_("À régler sur place"), "—", reason)]
    upfront = decision.patient_upfront_cents
    if not upfront:
        reason = _("La caisse et la complémentaire vous paient directement.")
    elif upfront < decision.price_cents:
        reason = _("La caisse vous paie sa part directement.")
    else:
        reason = _("La caisse rembourse ensuite la personne.")
    return [price, Figure(_("À régler sur place"), euros(upfront, lang), reason)]


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Cancel an appointment that has not begun, after asking once."""
    now, actor = timezone.now(), actor_of(request)
    line = open_line(actor=actor, booking_id=public_id, at=now).lines[0]
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            cancel_booking(actor=actor, booking_id=public_id, at=now)
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(
                request, _("Rendez-vous annulé. La personne est prévenue, sa place est rendue.")
            )
            return _day_of(line)
    elif line.booking.status == "cancelled":
        return _day_of(line)
    context = {
        "row": row_of(line, several_places=True),
        "line": line,
        "sentence": refusal.sentence(language()) if refusal else "",
        "remedy": refusal.remedy(language()) if refusal else "",
        "back": reverse("day_of", args=[line.booking.civil_day]),
    }
    status = refusal.http_status if refusal else 200
    return render(request, "soutien/psychologist/cancel.html", context, status=status)
