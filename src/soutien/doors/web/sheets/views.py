"""The care sheet: as a page, on paper, and on its way to the fund."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.sheets.fields import sections_of
from soutien.doors.web.sheets.outcome import Outcome, outcome_of
from soutien.doors.web.sheets.paper import on_paper
from soutien.steps.claim import send_care_sheet
from soutien.steps.errors import Refusal
from soutien.steps.issue import issue_one_sheet
from soutien.steps.issued import Signatures
from soutien.steps.look import open_care_sheet, open_claim
from soutien.steps.views import CareSheetView, LineToGather

FORMAT, VERSION = "soutien.care_sheet", 1
CLAIM_PAGES = {"person": "claim_person", "fund_agent": "fund_claim"}


def standing() -> str:
    """What this document is, and what it is not."""
    return _(
        "Document établi par %(operator)s : à recopier ou à joindre à la feuille S 3130 fournie "
        "par la caisse."
    ) % {"operator": settings.OPERATOR_NAME}


@require_safe
@private_page
def sheet(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The fields of the sheet, and what to do with it now."""
    actor, now = actor_of(request), timezone.now()
    view = open_care_sheet(actor=actor, care_sheet_id=public_id, at=now)
    return _sheet_page(request, view)


def _sheet_page(
    request: HttpRequest, view: CareSheetView, *, refusal: Refusal | None = None
) -> HttpResponse:
    actor = actor_of(request)
    lang = "fr" if in_french() else "en"
    return render(
        request,
        "soutien/sheets/sheet.html",
        {
            "sheet": view,
            "sections": sections_of(view.printed),
            "standing": standing(),
            "working": actor.side != "person",
            "role": actor.side,
            "mine_to_send": not view.claim_public_ids and view.sender == actor.side,
            "outcomes": _outcomes(request, view),
            "to_gather": _to_gather(view),
            "sentence": refusal.sentence(lang) if refusal else "",
            "remedy": refusal.remedy(lang) if refusal else "",
        },
        status=refusal.http_status if refusal else 200,
    )


def _outcomes(request: HttpRequest, view: CareSheetView) -> list[tuple[Outcome, str]]:
    """What the fund decided of each line, and where that is read in full; none before."""
    actor, now = actor_of(request), timezone.now()
    return [
        (
            outcome_of(open_claim(actor=actor, claim_public_id=public_id, at=now)),
            _claim_page(actor.side, public_id),
        )
        for public_id in view.claim_public_ids
    ]


def _to_gather(view: CareSheetView) -> list[LineToGather]:
    """The sessions that may stand on one sheet with this one; none where it is alone."""
    if view.replaced or all(line.here for line in view.to_gather):
        return []
    return list(view.to_gather)


def _claim_page(side: str, claim_public_id: UUID) -> str:
    """Where the reader's role reads a claim in full; empty where it has no page of its own."""
    if side not in CLAIM_PAGES:
        return ""
    try:
        return reverse(CLAIM_PAGES[side], args=[claim_public_id])
    except NoReverseMatch:
        # A deployment may switch off one reader's pages.
        return ""


@require_safe
@private_page
def sheet_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same sheet on paper."""
    view = open_care_sheet(actor=actor_of(request), care_sheet_id=public_id, at=timezone.now())
    paper = on_paper(
        title=_("Feuille de soins"),
        author=settings.OPERATOR_NAME,
        lang="fr" if in_french() else "en",
        number=view.number,
        footer=_("Feuille %(number)s") % {"number": view.number},
        standing=standing(),
        issued_on=view.issued_on,
        sections=sections_of(view.printed),
        yes=_("oui"),
        no=_("non"),
    )
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{view.number}.pdf"'
    return answer


@require_safe
@private_page
def sheet_json(request: HttpRequest, public_id: UUID) -> JsonResponse:
    """The same sheet as data; see docs/care-sheets.md."""
    view = open_care_sheet(actor=actor_of(request), care_sheet_id=public_id, at=timezone.now())
    told = {"format": FORMAT, "version": VERSION, "id": str(view.public_id)}
    answer = JsonResponse(told | view.printed, json_dumps_params={"ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="{view.number}.json"'
    return answer


@require_POST
@private_page
def gather(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Put this sheet's sessions and others on one sheet; the same ones again show it again."""
    actor, now = actor_of(request), timezone.now()
    signatures = Signatures(
        person="signed_by_person" in request.POST,
        psychologist="signed_by_psychologist" in request.POST,
        cannot_sign="cannot_sign" in request.POST,
    )
    try:
        issued = issue_one_sheet(
            actor=actor,
            session_ids=_session_ids(request.POST.getlist("session")),
            signatures=signatures,
            at=now,
        )
    except Refusal as refusal:
        if refusal.code in {"not_allowed", "not_found"}:
            raise
        view = open_care_sheet(actor=actor, care_sheet_id=public_id, at=now)
        return _sheet_page(request, view, refusal=refusal)
    messages.success(request, _("Une seule feuille pour ces séances : elle remplace les autres."))
    return redirect("sheet", issued.public_id)


def _session_ids(told: list[str]) -> list[UUID]:
    try:
        return [UUID(one) for one in told]
    except ValueError as error:
        raise Refusal("not_found") from error


@require_POST
@private_page
def send(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send the sheet to the fund; sent twice, it answers with the same claim."""
    actor, now = actor_of(request), timezone.now()
    try:
        send_care_sheet(
            actor=actor, care_sheet_id=public_id, received_on=timezone.localdate(now), at=now
        )
    except Refusal as refusal:
        if refusal.code in {"not_allowed", "not_found"}:
            raise
        view = open_care_sheet(actor=actor, care_sheet_id=public_id, at=now)
        return _sheet_page(request, view, refusal=refusal)
    messages.success(request, _("Feuille envoyée à la caisse."))
    return redirect("sheet", public_id)
