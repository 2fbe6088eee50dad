"""One's papers: added, removed, given back as a file; read by the psychologist of a visit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.scanner import scanned
from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.documents import content
from soutien.doors.web.documents.forms import KINDS, DocumentForm
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.writings.words import shown as written
from soutien.registers.documents.models import MOST_BYTES
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.papers import (
    MOST_PAPERS,
    Paper,
    add_document,
    list_documents,
    list_visit_documents,
    open_document,
    remove_document,
)
from soutien.steps.write import list_writings

UNCLEAR, KILOBYTE = 422, 1_024
# A word of ours, whatever the file was called where it comes from.
ENDINGS = {content.PDF: "pdf", content.JPEG: "jpg", content.PNG: "png"}
# The former name that some browsers still give.
FORMER_NAMES = {"image/jpg": content.JPEG}


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper in a list, in words."""

    public_id: UUID
    title: str
    what: str


def shown(paper: Paper) -> Shown:
    """« Courrier du médecin », « PDF, 120 Ko, ajouté le 3 mars 2026 »."""
    told = {
        "ending": ENDINGS[paper.content_type].upper(),
        "size": max(1, paper.size_bytes // KILOBYTE),
        "day": plain_day(timezone.localtime(paper.added_at).date()),
    }
    return Shown(
        paper.public_id,
        str(KINDS[paper.kind]),
        _("%(ending)s, %(size)s Ko, ajouté le %(day)s") % told,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def own_documents(request: HttpRequest) -> HttpResponse:
    """The papers that one's psychologists can read; add one, remove one."""
    actor = actor_of(request)
    if request.method != "POST":
        return _page(request, actor, DocumentForm())
    if "remove" in request.POST:
        remove_document(
            actor=actor, document_id=read_uuid(request.POST["remove"]), at=timezone.now()
        )
        messages.success(request, _("Le document est retiré, et son contenu effacé."))
        return redirect("own_documents")
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            _add(actor, form.cleaned_data["kind"], form.cleaned_data["file"])
        except Refusal as refusal:
            if "fields" not in refusal.context:
                raise
            lang = "fr" if in_french() else "en"
            form.add_error("file", f"{refusal.sentence(lang)} {refusal.remedy(lang)}")
        else:
            messages.success(request, _("Le document est ajouté."))
            return redirect("own_documents")
    return _page(request, actor, form)


def taken_in(sent: UploadedFile) -> tuple[str, bytes]:
    """The type and the content of what came, checked and scanned. Raises Refusal."""
    if (sent.size or 0) > MOST_BYTES:
        raise Refusal("document_too_large", megabytes=MOST_BYTES // KILOBYTE**2, fields=("file",))
    told = sent.content_type or ""
    declared = FORMER_NAMES.get(told, told)
    came = sent.read()
    kept = content.checked(came, declared)
    scanned(came)
    return declared, kept


def _add(actor: Actor, kind: str, sent: UploadedFile) -> None:
    content_type, kept = taken_in(sent)
    add_document(
        actor=actor,
        person_id=_about(actor),
        kind=kind,
        content_type=content_type,
        content=kept,
        at=timezone.now(),
    )


def _page(request: HttpRequest, actor: Actor, form: DocumentForm) -> HttpResponse:
    papers = list_documents(actor=actor, person_id=_about(actor), at=timezone.now())
    writings = list_writings(actor=actor, person_id=_about(actor), at=timezone.now())
    told = {
        "writings": [written(line) for line in writings],
        "papers": [shown(paper) for paper in papers],
        "form": form,
        "full": len(papers) >= MOST_PAPERS,
        "for_oneself": actor.on_behalf_of is None,
    }
    status = UNCLEAR if form.errors else None
    return render(request, "soutien/documents/own.html", told, status=status)


@require_safe
@private_page
def visit_documents(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What somebody who has an appointment added for their psychologist."""
    papers = list_visit_documents(actor=actor_of(request), booking_id=public_id, at=timezone.now())
    told = {"papers": [shown(paper) for paper in papers], "visit": public_id}
    return render(request, "soutien/documents/visit.html", told)


@require_safe
@private_page
def document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One paper, as a file to keep: a browser never shows it here."""
    paper = open_document(actor=actor_of(request), document_id=public_id, at=timezone.now())
    return as_file(paper.content_type, paper.content)


def as_file(content_type: str, inside: bytes) -> HttpResponse:
    """What somebody sent, given back to keep: a browser draws nothing of it here."""
    name = f"document.{ENDINGS[content_type]}"
    return HttpResponse(
        inside,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _about(actor: Actor) -> int:
    if actor.about_person_id is None:
        raise Refusal("not_allowed")
    return actor.about_person_id


def read_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as wrong:
        raise Http404 from wrong
