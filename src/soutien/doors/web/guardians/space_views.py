"""A young person's own space: offered by their psychologist, opened by a link of their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from soutien.doors.sign_in_links import link_id_of
from soutien.doors.web.actors import actor_of
from soutien.doors.web.person.words import language
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.sent_twice import done_once
from soutien.doors.web.signing_in.complete import complete_sign_in
from soutien.doors.web.signing_in.forms import AddressForm, JoinForm
from soutien.doors.web.signing_in.link_views import form_page, link_is_over
from soutien.registers.accounts import mail_links
from soutien.registers.accounts.models import Account, LinkKind
from soutien.steps.errors import Refusal
from soutien.steps.own_space import offer_own_space, open_space_offer, take_own_space
from soutien.steps.standing import Reads, who_reads

METHODS = ["GET", "HEAD", "POST"]


class OfferForm(AddressForm):
    """The address that the young person gives, who is there."""

    in_person = forms.BooleanField(
        label=gettext_lazy(
            "La personne est avec moi, elle a lu ce qui précède et veut cet espace"
        ),
        error_messages={
            "required": gettext_lazy("Cochez la case quand la personne est là et a dit oui.")
        },
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["email"].label = gettext_lazy("Son adresse, qu’elle est seule à lire")
        self.fields["email"].widget.attrs["autocomplete"] = "off"


@require_http_methods(METHODS)
@private_page
def offer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What parents see, read together; then a link to the young person's own mailbox."""
    actor, now = actor_of(request), timezone.now()
    space = open_space_offer(actor=actor, patient_id=public_id, at=now)
    form = OfferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _send(request, public_id, form)
        except Refusal as refusal:
            if refusal.code in ("not_found", "not_allowed"):
                raise
            named = [name for name in refusal.context.get("fields", ()) if name in form.fields]
            told = f"{refusal.sentence(language())} {refusal.remedy(language())}"
            form.add_error(named[0] if named else None, told)
        else:
            messages.success(
                request, _("Le lien est parti. Il sert une fois, pendant sept jours.")
            )
            return redirect("patient_space", public_id)
    context = {"space": space, "form": form, "age": settings.OWN_SPACE_AGE_YEARS}
    return form_page(
        request, "soutien/guardians/offer_space.html", form, context | _seen(space.reads)
    )


def _send(request: HttpRequest, public_id: UUID, form: OfferForm) -> None:
    """Once, however often the form is sent."""
    now = timezone.now()

    def send() -> str:
        offer_own_space(
            actor=actor_of(request),
            patient_id=public_id,
            email=form.cleaned_data["email"],
            in_person=form.cleaned_data["in_person"],
            language=language(),
            at=now,
        )
        return "sent"

    done_once(request, send, at=now)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(METHODS)
def take(request: HttpRequest, token: str) -> HttpResponse:
    """Who sees what is said first; then the account opens over one's own file."""
    public_id, now = link_id_of(LinkKind.OWN_SPACE, token), timezone.now()
    link = mail_links.good(public_id, LinkKind.OWN_SPACE, at=now) if public_id else None
    if link is None or link.person is None:
        return link_is_over(request)
    form = JoinForm(request.POST or None, known=True, account=Account(email=link.email))
    if request.method == "POST" and form.is_valid():
        try:
            account = take_own_space(
                actor=actor_of(request),
                public_id=link.public_id,
                password=form.cleaned_data["password"],
                at=now,
            )
        except Refusal:
            return link_is_over(request)
        messages.success(request, _("Votre espace est ouvert."))
        return complete_sign_in(request, account, second_factor=False, how="link")
    reads = who_reads(link.person, timezone.localdate(now))
    context = {"form": form, "email": link.email} | _seen(reads)
    return form_page(request, "soutien/guardians/take_space.html", form, context)


def _seen(reads: Reads) -> dict[str, bool]:
    return {"of_age": reads is Reads.NOTHING}
