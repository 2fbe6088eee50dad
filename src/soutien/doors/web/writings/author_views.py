"""A psychologist writes, signs and hands over; and says what became of it."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.web.actors import actor_of
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.sent_twice import done_once
from soutien.doors.web.writings.author_forms import (
    AnswerForm,
    HandOverForm,
    words_of,
    writing_form,
)
from soutien.doors.web.writings.blank_forms import CONSENT, ONE_HOLDER, blank_form
from soutien.doors.web.writings.doctor_views import pdf_answer
from soutien.doors.web.writings.forms import told_at_fields
from soutien.doors.web.writings.paper import on_paper
from soutien.doors.web.writings.prefill import words_known
from soutien.doors.web.writings.words import TITLES, address_of, passages_of
from soutien.steps.compose import (
    answer_follow_up,
    begin_writing,
    hand_over_writing,
    prepare_writing,
    rewrite_writing,
    sign_writing,
)
from soutien.steps.errors import Refusal
from soutien.steps.write import open_writing
from soutien.steps.written import ATTENDANCE, PURPOSES_OF, WORDS, Prepared

FORM_WRONG = 422
# In the address: the person said in the room that scores may leave the pair.
SCORES = "scores"


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def write(request: HttpRequest, public_id: UUID, kind: str) -> HttpResponse:
    """A new document about who has an appointment: a draft, or signed at once."""
    if kind not in WORDS:
        raise Http404
    actor, now = actor_of(request), timezone.now()
    prepared = prepare_writing(
        actor=actor,
        booking_id=public_id,
        at=now,
        kind=kind,
        with_scores=SCORES in request.GET,
    )
    form = writing_form(kind)(sent(request), initial=words_known(kind, prepared))
    if request.method == "POST" and form.is_valid():

        def begin() -> str:
            begun = begin_writing(
                actor=actor,
                booking_id=public_id,
                kind=kind,
                words=words_of(kind, form),
                signed=kind == ATTENDANCE or "sign" in request.POST,
                at=now,
            )
            return str(begun)

        try:
            return redirect(address_of(kind), UUID(done_once(request, begin, at=now)))
        except Refusal as refusal:
            told_at_fields(form, refusal)
    told = {
        "form": form,
        "title": TITLES[kind],
        "prepared": prepared,
        "visit": public_id,
        "attendance": kind == ATTENDANCE,
        "urgent": PURPOSES_OF.get(kind) == "reorientation",
        "scores": _of_scores(kind, prepared),
    }
    status = FORM_WRONG if form.errors else 200
    return render(request, "soutien/writings/write.html", told, status=status)


def _of_scores(kind: str, prepared: Prepared) -> str:
    """Whether scores may be filled in: ``asks``, ``refused`` or ``there``; empty without any."""
    if "scores" not in WORDS[kind] and "so_far" not in WORDS[kind]:
        return ""
    if prepared.curves:
        return "there"
    return {None: "asks", False: "refused", True: ""}[prepared.scores_agreed]


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def rewrite(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A draft: written again, then signed."""
    actor, now = actor_of(request), timezone.now()
    found = open_writing(actor=actor, writing_id=public_id, at=now)
    if found.kind not in WORDS or found.signed_at is not None:
        return redirect("writing", public_id)
    form: forms.Form = writing_form(found.kind)(sent(request), initial=dict(found.body))
    if request.method == "POST" and form.is_valid():
        words = words_of(found.kind, form)
        rewrite_writing(actor=actor, writing_id=public_id, words=words, at=now)
        if "sign" in request.POST:
            sign_writing(actor=actor, writing_id=public_id, at=now)
            messages.success(request, _("Le document est signé. La personne peut le lire."))
        else:
            messages.success(request, _("Le brouillon est enregistré."))
        return redirect("writing", public_id)
    told = {
        "form": form,
        "title": TITLES[found.kind],
        "draft": public_id,
        "urgent": PURPOSES_OF.get(found.kind) == "reorientation",
    }
    status = FORM_WRONG if form.errors else 200
    return render(request, "soutien/writings/write.html", told, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def hand_over(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """To whom a signed document goes, on whose word; later, whether the person was seen."""
    actor, now = actor_of(request), timezone.now()
    found = open_writing(actor=actor, writing_id=public_id, at=now)
    if found.kind not in PURPOSES_OF:
        raise Http404
    answering = "seen" in request.POST or "answer" in request.POST
    form = HandOverForm(None if answering else sent(request))
    answer = AnswerForm(request.POST if answering else None)
    if request.method == "POST" and (answer if answering else form).is_valid():
        try:
            if answering:
                answer_follow_up(
                    actor=actor, writing_id=public_id, seen=answer.cleaned_data["seen"], at=now
                )
                messages.success(request, _("C’est noté."))
            else:
                done_once(request, lambda: _handed(request, public_id, form), at=now)
                messages.success(request, _("C’est noté. Gardez une copie pour la personne."))
            return redirect("hand_over", public_id)
        except Refusal as refusal:
            told_at_fields(form, refusal)
    told = {
        "writing": found,
        "title": TITLES[found.kind],
        "passages": passages_of(found),
        "asks": any(not passage.seen or passage.seen == "not_yet" for passage in found.passages)
        and PURPOSES_OF[found.kind] == "reorientation",
        "form": form,
        "answer": answer,
    }
    status = FORM_WRONG if form.errors or answer.errors else 200
    return render(request, "soutien/writings/hand_over.html", told, status=status)


@require_safe
@private_page
def blank_form_pdf(request: HttpRequest, public_id: UUID, which: str) -> HttpResponse:
    """A form to sign for a child, with the names that are known; nothing is kept of it."""
    now = timezone.now()
    known = prepare_writing(actor=actor_of(request), booking_id=public_id, at=now)
    if which not in (CONSENT, ONE_HOLDER) or not known.minor:
        raise Http404
    on = timezone.localdate(now)
    paper = blank_form(which, known, on)
    made = on_paper([paper], title=paper.title, author=known.psychologist_name, day=on)
    return pdf_answer(made, "formulaire")


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form sent, even nothing at all; None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def _handed(request: HttpRequest, public_id: UUID, form: HandOverForm) -> str:
    told = form.cleaned_data
    hand_over_writing(
        actor=actor_of(request),
        writing_id=public_id,
        to=told["to"],
        agreed=told["agreed"],
        danger=told["danger"],
        at=timezone.now(),
    )
    return ""
