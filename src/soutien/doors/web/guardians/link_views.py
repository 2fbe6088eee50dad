"""A holder's own page: reads what it is, says yes or no, may take it back. No account."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.days import full_day, plain_day
from soutien.doors.waiting_links import CONSENT, public_id_of
from soutien.doors.web.documents.views import taken_in
from soutien.doors.web.guardians.forms import SentPaperForm, SignatureForm
from soutien.doors.web.guardians.paper import signed_paper
from soutien.doors.web.person.booking_views import person_or_nobody
from soutien.doors.web.person.refused import told_gently
from soutien.doors.web.person.words import language
from soutien.rules.consent import ALONE, CARE, Word, text_of
from soutien.steps.actor import Actor
from soutien.steps.errors import Refusal
from soutien.steps.guard import claim_guardianship
from soutien.steps.prove import send_paper
from soutien.steps.sign import Asked, open_consent_link, open_signature, sign_consent

FORM_WRONG = 422
VERSION_DIGITS = 4
# What each button of the page says: on which text, and whether it is a yes.
SAID = {"yes": (CARE, True), "no": (CARE, False), "alone": (ALONE, True)}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@told_gently
def asked(request: HttpRequest, token: str) -> HttpResponse:
    """What it is, then yes or no under one's name. Opening it changes nothing."""
    link_id = _link_id(token)
    actor, now = person_or_nobody(request), timezone.now()
    form, sent = SignatureForm(), SentPaperForm()
    if request.method == "POST" and "paper" in request.POST:
        sent = SentPaperForm(request.POST, request.FILES)
        if sent.is_valid() and _sent(actor, link_id, sent, now):
            messages.success(request, _("Le papier est envoyé. Le psychologue le lira."))
            return redirect(request.path)
    elif request.method == "POST" and "act" in request.POST:
        claim_guardianship(actor=actor, link_id=link_id, on=timezone.localdate(now), at=now)
        messages.success(request, _("C’est fait : vous pouvez agir pour l’enfant."))
        return redirect("acting")
    elif request.method == "POST":
        button = next((name for name in SAID if name in request.POST), "yes")
        form = SignatureForm(request.POST)
        matter, given = SAID[button]
        # A no needs no name: it stops something, it engages nobody.
        if form.is_valid() or not given:
            try:
                sign_consent(
                    actor=actor,
                    link_id=link_id,
                    matter=matter,
                    given=given,
                    name=form.cleaned_data.get("name", ""),
                    text_version=_version(request.POST.get("version", "")),
                    at=now,
                )
            except Refusal as refusal:
                if refusal.code != "text_changed":
                    raise
                form.add_error(None, refusal.sentence(language()))
            else:
                messages.success(request, _("C’est noté. Merci."))
                return redirect(request.path)
    view = open_consent_link(actor=actor, link_id=link_id, at=now)
    signed_in = actor.account_id is not None and actor.on_behalf_of is None
    may_act = signed_in and view.holder.word is Word.YES
    context = {**_page(view), "form": form, "sent": sent, "token": token, "may_act": may_act}
    status = FORM_WRONG if form.errors or sent.errors else 200
    return render(request, "soutien/guardians/asked.html", context, status=status)


@never_cache
@require_safe
@told_gently
def paper(request: HttpRequest, token: str, public_id: UUID) -> HttpResponse:
    """What one signed, as a PDF to keep."""
    signed = open_signature(
        actor=person_or_nobody(request),
        signature_id=public_id,
        link_id=_link_id(token),
        at=timezone.now(),
    )
    return signed_paper(signed)


def _sent(actor: Actor, link_id: UUID, form: SentPaperForm, at: datetime) -> bool:
    """Keep the paper; false when its field says what is wrong with it."""
    try:
        content_type, content = taken_in(form.cleaned_data["file"])
        send_paper(actor=actor, link_id=link_id, content_type=content_type, content=content, at=at)
    except Refusal as refusal:
        if "fields" not in refusal.context:
            raise
        told = f"{refusal.sentence(language())} {refusal.remedy(language())}"
        form.add_error("file", told)
        return False
    return True


def _link_id(token: str) -> UUID:
    link_id = public_id_of(CONSENT, token)
    if link_id is None:
        raise Refusal("not_found")
    return link_id


def _page(view: Asked) -> dict[str, object]:
    lang, holder = language(), view.holder
    care, alone = text_of(CARE), text_of(ALONE)
    until = holder.link_until
    return {
        "asked": view,
        "title": care.title[lang],
        "says": care.says[lang],
        "version": care.version,
        "alone_title": alone.title[lang],
        "alone_says": alone.says[lang],
        "alone_version": alone.version,
        "agreed": holder.word is Word.YES,
        "refused": holder.word is Word.NO,
        "signed_on": plain_day(holder.signed_on) if holder.signed_on else "",
        "statement_on": plain_day(holder.statement_on) if holder.statement_on else "",
        "own_space_age": settings.OWN_SPACE_AGE_YEARS,
        "last_day": full_day(timezone.localdate(until - timedelta(minutes=1))) if until else "",
    }


def _version(text: str) -> int:
    known = text.isascii() and text.isdecimal() and len(text) <= VERSION_DIGITS
    return int(text) if known else 0
