"""A child's consents as the psychologist sees them: papers seen, links, the time kept."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.documents.views import as_file
from soutien.doors.web.guardians.booking_views import acted, named, page, tell
from soutien.doors.web.guardians.forms import LONGEST_PROOF, HolderForm, PaperForm
from soutien.doors.web.guardians.paper import signed_paper
from soutien.doors.web.person.words import language
from soutien.doors.web.private_pages import private_page
from soutien.rules.consent import State
from soutien.steps.actor import Actor
from soutien.steps.consent import open_child_consents
from soutien.steps.errors import Refusal
from soutien.steps.look import open_booking
from soutien.steps.prove import open_paper
from soutien.steps.sign import open_signature
from soutien.steps.witness import keep_time, record_paper, record_proof

FORM_WRONG = 422


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def consents(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Who agreed and how; write down a paper, name somebody, keep the time."""
    actor, now = actor_of(request), timezone.now()
    found = open_child_consents(actor=actor, booking_id=public_id, at=now)
    if found.state is State.NOT_NEEDED:
        return redirect("close", public_id)
    first = not found.holders
    today = timezone.localdate(now)
    form = HolderForm(seen=True, first=first)
    paper = PaperForm(holders=found.holders, on=today)
    if request.method == "POST":
        if "name" in request.POST:
            form = HolderForm(request.POST, seen=True, first=first)
        elif "paper" in request.POST:
            paper = PaperForm(request.POST, holders=found.holders, on=today)
        if _done(request, actor, public_id, form, paper):
            return redirect("visit_consents", public_id)
    view = open_booking(actor=actor, public_id=public_id, at=now)
    context = {
        **page(found, view, form),
        "paper": paper,
        "longest_proof": LONGEST_PROOF,
        "can_keep": found.kept_until is not None and found.kept_until < view.starts_at,
    }
    status = FORM_WRONG if form.errors or paper.errors else 200
    return render(request, "soutien/guardians/visit.html", context, status=status)


def _done(
    request: HttpRequest, actor: Actor, public_id: UUID, form: HolderForm, paper: PaperForm
) -> bool:
    """Take what was sent; false when something in it is to be mended."""
    now = timezone.now()
    try:
        if "name" in request.POST:
            if not form.is_valid():
                return False
            named(request, actor, public_id, form)
            messages.success(request, _("C’est noté."))
        elif "paper" in request.POST:
            if not paper.is_valid():
                return False
            _written_down(actor, public_id, paper)
            messages.success(request, _("Le papier est noté."))
        elif "proved" in request.POST:
            holder = _holder(request.POST["proved"])
            record_proof(
                actor=actor,
                booking_id=public_id,
                holder_id=holder,
                proof=request.POST.get("proof", "")[:LONGEST_PROOF],
                at=now,
            )
            messages.success(request, _("Le papier est noté."))
        elif "keep" in request.POST:
            keep_time(actor=actor, booking_id=public_id, at=now)
            messages.success(request, _("L’heure est gardée jusqu’à la séance."))
        elif "again" in request.POST or "remove" in request.POST:
            acted(request, actor, public_id)
        else:
            return False
    except Refusal as refusal:
        if refusal.code in ("not_found", "not_allowed"):
            raise
        if "name" in request.POST:
            tell(form, refusal)
            return False
        if "paper" in request.POST:
            told = f"{refusal.sentence(language())} {refusal.remedy(language())}"
            fields = [name for name in refusal.context.get("fields", ()) if name in paper.fields]
            paper.add_error(fields[0] if fields else None, told)
            return False
        messages.error(request, f"{refusal.sentence(language())} {refusal.remedy(language())}")
    return True


def _written_down(actor: Actor, public_id: UUID, paper: PaperForm) -> None:
    told = paper.cleaned_data
    record_paper(
        actor=actor,
        booking_id=public_id,
        holder_id=_holder(told["holder"]),
        matter=paper.matter,
        given=paper.given,
        signed_on=told["signed_on"],
        original_seen=told["original_seen"],
        at=timezone.now(),
    )


@require_safe
@private_page
def signature(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What a holder signed, as a PDF for the file."""
    return signed_paper(
        open_signature(actor=actor_of(request), signature_id=public_id, at=timezone.now())
    )


@require_safe
@private_page
def holder_paper(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What a holder sent to show who they are, as a file: never drawn here."""
    sent = open_paper(actor=actor_of(request), paper_id=public_id, at=timezone.now())
    return as_file(sent.content_type, sent.content)


def _holder(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refusal("not_found") from None
