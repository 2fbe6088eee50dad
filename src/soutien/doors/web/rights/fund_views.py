"""The fund's pages of rights: whose, which, on what evidence, and what they would change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.components.written_days import read_day
from soutien.doors.web.fund.corrections import parted
from soutien.doors.web.private_pages import SILENT, private_page
from soutien.doors.web.rights.forms import (
    SEEN,
    AdmitForm,
    AnswerForm,
    EndForm,
    EvidenceForm,
    NumberForm,
    SeenForm,
    filled,
)
from soutien.doors.web.rights.words import Told, again_of, event_of, shown
from soutien.doors.web.rights.words import told as told_of
from soutien.rules.life import Cause
from soutien.steps.actor import Actor
from soutien.steps.admit import admit_insured
from soutien.steps.decide_again import decide_person_again
from soutien.steps.entitle import (
    RightsView,
    answer_declaration,
    correct_right,
    end_right,
    find_insured,
    list_declarations,
    open_certificate,
    open_right,
    open_rights,
    withdraw_right,
)
from soutien.steps.entitled import Declared
from soutien.steps.errors import Refusal

METHODS = ["GET", "HEAD", "POST"]
UNCLEAR = 422
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@sensitive_post_parameters("nir")
@require_http_methods(METHODS)
@private_page
def search(request: HttpRequest) -> HttpResponse:
    """Whose rights, by their number; and what people declared, the oldest first."""
    actor, at = actor_of(request), timezone.now()
    form = NumberForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            try:
                found = find_insured(actor=actor, nir=form.cleaned_data["nir"], at=at)
            except Refusal as refusal:
                _say(form, refusal)
                status = refusal.http_status
            else:
                return redirect("fund_person_rights", found)
    waiting = [told_of(one, _day(one)) for one in list_declarations(actor=actor, at=at)]
    context = {"form": form, "table": _waiting(waiting)}
    return render(request, "soutien/rights/search.html", context, status=status)


@sensitive_post_parameters("nir", "given_name", "family_name", "birth_date")
@require_http_methods(METHODS)
@private_page
def admit(request: HttpRequest) -> HttpResponse:
    """Somebody of the fund who has no file here: who they are and their scheme."""
    form = AdmitForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            try:
                made = admit_insured(
                    actor=actor_of(request),
                    insured=form.insured(),
                    scheme=form.scheme(),
                    evidence=form.evidence_told(),
                    at=timezone.now(),
                )
            except Refusal as refusal:
                _say(form, refusal)
                status = refusal.http_status
            else:
                messages.success(
                    request, _("Le dossier est ouvert. Une feuille peut être saisie pour elle.")
                )
                return redirect("fund_person_rights", made)
    return render(request, "soutien/rights/admit.html", {"form": form}, status=status)


@require_http_methods(METHODS)
@private_page
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody's rights; one more is written here, with its evidence."""
    actor, at = actor_of(request), timezone.now()
    forms: dict[str, SeenForm] = {word: kind(prefix=word) for word, kind in SEEN.items()}
    status = 200
    if request.method == "POST" and "again" in request.POST:
        return _decided_again(request, public_id)
    if request.method == "POST":
        # What names no form is read as one with nothing in it.
        told = request.POST.get("right", "")
        asked = told if told in SEEN else "exemption"
        form = forms[asked] = SEEN[asked](request.POST, prefix=asked)
        status = UNCLEAR
        if form.is_valid():
            try:
                written = open_right(
                    actor=actor,
                    person_public_id=public_id,
                    right=form.told(),
                    evidence=form.evidence_told(),
                    at=at,
                )
            except Refusal as refusal:
                _say(form, refusal)
                status = refusal.http_status
            else:
                messages.success(
                    request, _("Le droit est écrit.") if written else _("Il est déjà écrit ainsi.")
                )
                return redirect("fund_person_rights", public_id)
    view = open_rights(actor=actor, person_public_id=public_id, at=at)
    context = {**_shown(view), "forms": forms}
    return render(request, "soutien/rights/person.html", context, status=status)


def _decided_again(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The law once more on all claims of somebody, with the rights written today."""
    actor, at = actor_of(request), timezone.now()
    view = open_rights(actor=actor, person_public_id=public_id, at=at)
    changed = decide_person_again(
        actor=actor, person_id=view.person_id, cause=Cause.RIGHT_OPENED_LATE, at=at
    )
    done = len(changed)
    messages.success(
        request,
        ngettext(
            "%(n)s demande est décidée à nouveau. La personne le saura.",
            "%(n)s demandes sont décidées à nouveau. La personne le saura.",
            done,
        )
        % {"n": done}
        if done
        else _("Rien ne change : aucune demande n’est décidée autrement."),
    )
    return redirect("fund_person_rights", public_id)


@require_http_methods(METHODS)
@private_page
def right(request: HttpRequest, public_id: UUID, right_id: UUID) -> HttpResponse:
    """One right: its end, a correction, or taken out when it never was."""
    actor, at = actor_of(request), timezone.now()
    view = open_rights(actor=actor, person_public_id=public_id, at=at)
    held = next((one for one in view.rights if one.public_id == right_id), None)
    if held is None:
        if request.method == "POST":
            # Taken out already: the same asked again is done.
            return redirect("fund_person_rights", public_id)
        raise Http404
    kind = SEEN[held.right.right]
    forms: dict[str, Any] = {
        "correct": kind(prefix="correct", initial=filled(held.right)),
        "end": EndForm(prefix="end"),
        "withdraw": EvidenceForm(prefix="withdraw"),
    }
    status = 200
    if request.method == "POST":
        told = request.POST.get("act", "")
        asked = told if told in forms else "correct"
        forms[asked] = type(forms[asked])(request.POST, prefix=asked)
        status = UNCLEAR
        if forms[asked].is_valid():
            try:
                _done(actor, asked, right_id, forms[asked])
            except Refusal as refusal:
                _say(forms[asked], refusal)
                status = refusal.http_status
            else:
                messages.success(request, _("C’est écrit. Ce qui l’était avant reste gardé."))
                return redirect("fund_person_rights", public_id)
    context = {"view": view, "right": shown(held), "forms": forms}
    return render(request, "soutien/rights/right.html", context, status=status)


@require_http_methods(METHODS)
@private_page
def declaration(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What somebody declared, with the paper they added, and the answer."""
    actor, at = actor_of(request), timezone.now()
    form = AnswerForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = UNCLEAR
        if form.is_valid():
            try:
                answer_declaration(
                    actor=actor,
                    public_id=public_id,
                    accepted=form.cleaned_data["answer"] == "accepted",
                    reason=form.cleaned_data["reason"],
                    at=at,
                )
            except Refusal as refusal:
                _say(form, refusal)
                status = refusal.http_status
            else:
                messages.success(request, _("C’est répondu : la personne en est avertie."))
                return redirect("fund_rights")
    waiting = {one.public_id: one for one in list_declarations(actor=actor, at=at)}
    found = waiting.get(public_id)
    if found is None:
        raise Http404
    context = {"form": form, "told": told_of(found, _day(found))}
    return render(request, "soutien/rights/declaration.html", context, status=status)


@require_safe
@private_page
def certificate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The certificate of a declaration, as a file to keep: a browser never shows it here."""
    paper = open_certificate(actor=actor_of(request), declaration_id=public_id, at=timezone.now())
    return HttpResponse(
        paper.content,
        content_type=paper.content_type,
        headers={
            "Content-Disposition": (
                f'attachment; filename="attestation.{ENDINGS[paper.content_type]}"'
            ),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _done(actor: Actor, asked: str, right_id: UUID, form: Any) -> None:
    common: dict[str, Any] = {
        "actor": actor,
        "right_id": right_id,
        "evidence": form.evidence_told(),
        "at": timezone.now(),
    }
    if asked == "correct":
        correct_right(**common, right=form.told())
    elif asked == "end":
        end_right(**common, ends_on=form.cleaned_data["ends_on"])
    else:
        withdraw_right(**common)


def _shown(view: RightsView) -> dict[str, Any]:
    rights = [shown(one) for one in view.rights]
    return {
        "view": view,
        "born_on": plain_day(read_day(view.birth_date)),
        "nir": parted(view.nir),
        "now": [one for one in rights if one.open],
        "others": [one for one in rights if not one.open],
        "former_until": view.former_css_until,
        "declared": [told_of(one, _day(one)) for one in view.declared],
        "late": [again_of(one) for one in view.late],
        "history": [event_of(one) for one in view.history],
    }


def _waiting(waiting: list[Told]) -> Table:
    columns = (
        Column(_("Personne")),
        Column(_("Droit")),
        Column(_("Période")),
        Column(_("Déclaré le")),
        Column(_("Attestation")),
    )
    rows = tuple(
        (
            Cell(one.person_name, href=reverse("fund_declaration", args=[one.public_id])),
            Cell(one.title),
            Cell(one.period),
            Cell(one.day),
            Cell(_("Ajoutée") if one.with_paper else "—"),
        )
        for one in waiting
    )
    return Table(_("Déclarés par les personnes"), columns, rows, _("Rien n’attend de réponse."))


def _day(one: Declared) -> Any:
    return timezone.localtime(one.declared_at).date()


def _say(form: Any, refusal: Refusal) -> None:
    """The refusal beside the field that it is about, or on top."""
    if refusal.code in SILENT:
        raise refusal
    lang = "fr" if in_french() else "en"
    said = f"{refusal.sentence(lang)} {refusal.remedy(lang)}"
    fields = [name for name in refusal.context.get("fields", ()) if name in form.fields]
    form.add_error(fields[0] if fields else None, said)
