"""A document: as a page, on paper and as data; and those of an appointment, with the code."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.sent_twice import done_once
from soutien.doors.web.writings.doctor_views import pdf_answer
from soutien.doors.web.writings.forms import CodeForm, told_at_fields
from soutien.doors.web.writings.paper import on_paper
from soutien.doors.web.writings.parts import author_of, paper_of
from soutien.doors.web.writings.words import TITLES, address_of, passages_of, shown
from soutien.registers.accounts.models import Role
from soutien.steps.errors import Refusal
from soutien.steps.refer import receive_letter
from soutien.steps.show import hide_writing, open_showing, show_writing
from soutien.steps.write import list_visit_writings, open_letter, open_writing
from soutien.steps.written import PURPOSES_OF, WORDS, OpenWriting

FORMAT, VERSION = "soutien.writing", 1


@require_safe
@private_page
def letter(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A document without a word on care."""
    return _page(request, _letter(request, public_id))


@require_safe
@private_page
def letter_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same on paper."""
    return _pdf(_letter(request, public_id))


@require_safe
@private_page
def letter_json(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same as data."""
    return _data(_letter(request, public_id))


@require_safe
@private_page
def writing(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A document of the pair."""
    return _page(request, _writing(request, public_id))


@require_safe
@private_page
def writing_pdf(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same on paper."""
    return _pdf(_writing(request, public_id))


@require_safe
@private_page
def writing_json(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The same as data."""
    return _data(_writing(request, public_id))


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def parents(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """To whom of those who act for a young child a signed document is shown."""
    actor, now = actor_of(request), timezone.now()
    found = open_showing(actor=actor, writing_id=public_id, at=now)
    if request.method == "POST":
        hide = "hide" in request.POST
        asked = request.POST.get("hide" if hide else "show")
        for parent in found:
            if asked == str(parent.guardianship_id):
                step = hide_writing if hide else show_writing
                whom = parent.guardianship_id
                step(actor=actor, writing_id=public_id, guardianship_id=whom, at=now)
                messages.success(request, _("C’est noté."))
        return redirect("writing_parents", public_id)
    told = {"parents": found, "writing": public_id}
    return render(request, "soutien/writings/parents.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def visit_writings(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was written or received about who comes; a doctor's letters are fetched here."""
    form, now = CodeForm(request.POST or None), timezone.now()
    if request.method == "POST" and form.is_valid():

        def receive() -> str:
            received = receive_letter(
                actor=actor_of(request),
                booking_id=public_id,
                code=form.cleaned_data["code"],
                sure=form.cleaned_data["sure"],
                at=now,
            )
            return str(received)

        try:
            done_once(request, receive, at=now)
        except Refusal as refusal:
            told_at_fields(form, refusal)
        else:
            messages.success(request, _("Le courrier est là. Son code ne sert plus."))
            return redirect("visit_writings", public_id)
    listed = list_visit_writings(actor=actor_of(request), booking_id=public_id, at=now)
    told = {
        "writings": [shown(line) for line in listed.lines],
        "visit": public_id,
        "child": listed.child,
        "person_name": listed.person_name,
        "kinds": [(kind, TITLES[kind]) for kind in WORDS],
        "form": form,
        "asks_sure": "sure" in form.errors,
    }
    status = 422 if form.errors else None
    return render(request, "soutien/writings/visit.html", told, status=status)


def _letter(request: HttpRequest, public_id: UUID) -> OpenWriting:
    return open_letter(actor=actor_of(request), writing_id=public_id, at=timezone.now())


def _writing(request: HttpRequest, public_id: UUID) -> OpenWriting:
    return open_writing(actor=actor_of(request), writing_id=public_id, at=timezone.now())


def _page(request: HttpRequest, found: OpenWriting) -> HttpResponse:
    told = {
        "writing": found,
        "title": TITLES[found.kind],
        "paper": paper_of(found),
        "pdf": address_of(found.kind, "_pdf"),
        "data": address_of(found.kind, "_json"),
        "passages": passages_of(found),
        "mine": actor_of(request).role == Role.PSYCHOLOGIST and found.kind in PURPOSES_OF,
    }
    return render(request, "soutien/writings/writing.html", told)


def _pdf(found: OpenWriting) -> HttpResponse:
    paper = paper_of(found)
    made = on_paper([paper], title=paper.title, author=author_of(found), day=found.written_on)
    return pdf_answer(made, "document")


def _data(found: OpenWriting) -> HttpResponse:
    """What is kept of it, by the names of docs/writings.md."""
    told = {
        "format": FORMAT,
        "version": VERSION,
        "id": str(found.public_id),
        "kind": found.kind,
        "written_on": found.written_on.isoformat(),
        "valid_before": found.valid_before.isoformat() if found.valid_before else None,
        "signed_at": found.signed_at.isoformat() if found.signed_at else None,
        "body": dict(found.body),
    }
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="document.json"'
    return answer
