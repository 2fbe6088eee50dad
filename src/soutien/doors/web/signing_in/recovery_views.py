"""When every code and key is lost: a link begins it, a while passes, another link ends it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from soutien.doors.sign_in_links import FINISH, STOP, link_id_of
from soutien.doors.web.actors import actor_of
from soutien.doors.web.signing_in.complete import complete_sign_in
from soutien.doors.web.signing_in.forms import NewPasswordForm
from soutien.doors.web.signing_in.link_views import ask_by_mail, form_page, link_is_over
from soutien.doors.web.signing_in.views import METHODS, page_language
from soutien.registers.accounts import mail_links, recoveries
from soutien.registers.accounts.models import LinkKind, Recovery
from soutien.steps.errors import Refusal
from soutien.steps.link_times import RECOVERY_WAITS
from soutien.steps.recover import begin_recovery, finish_recovery, stop_recovery


@never_cache
@require_http_methods(METHODS)
def recover(request: HttpRequest) -> HttpResponse:
    """Where to send the link that begins it; the same answer for every address."""
    context = {"days": RECOVERY_WAITS["mail"].days}
    return ask_by_mail(request, LinkKind.RECOVER, "soutien/signing_in/recover.html", context)


@never_cache
@require_http_methods(METHODS)
def open_recovery(request: HttpRequest, token: str) -> HttpResponse:
    """What will happen, and when; its button begins it."""
    public_id = link_id_of(LinkKind.RECOVER, token)
    at = timezone.now()
    link = None if public_id is None else mail_links.good(public_id, LinkKind.RECOVER, at=at)
    if link is None or link.account is None or public_id is None:
        return link_is_over(request)
    context: dict[str, object] = {"days": RECOVERY_WAITS["mail"].days}
    if request.method != "POST":
        return render(request, "soutien/signing_in/recovery_begin.html", context)
    try:
        begun = begin_recovery(actor=actor_of(request), public_id=public_id, at=at)
    except Refusal as refusal:
        if refusal.code == "link_over":
            return link_is_over(request)
        lang = page_language()
        context |= {"sentence": refusal.sentence(lang), "remedy": refusal.remedy(lang)}
        return render(
            request,
            "soutien/signing_in/recovery_begin.html",
            context,
            status=refusal.http_status,
        )
    day = timezone.localdate(begun.ready_at)
    return render(request, "soutien/signing_in/recovery_begun.html", {"day": day})


@never_cache
@require_http_methods(METHODS)
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """« It was not me »: its button stops it."""
    recovery = _recovery(STOP, token)
    if recovery is None or recovery.state not in recoveries.OPEN:
        return link_is_over(request)
    if request.method == "POST":
        stop_recovery(actor=actor_of(request), public_id=recovery.public_id, at=timezone.now())
        return render(request, "soutien/signing_in/recovery_stopped.html")
    return render(request, "soutien/signing_in/recovery_stop.html")


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(METHODS)
def finish(request: HttpRequest, token: str) -> HttpResponse:
    """Another password, once the time to object is over; then the account is open."""
    recovery, at = _recovery(FINISH, token), timezone.now()
    if recovery is None or not recoveries.ready(recovery, at=at):
        return link_is_over(request)
    form = NewPasswordForm(request.POST or None, account=recovery.account)
    if request.method == "POST" and form.is_valid():
        try:
            account = finish_recovery(
                actor=actor_of(request),
                public_id=recovery.public_id,
                password=form.cleaned_data["password"],
                at=at,
            )
        except Refusal:
            return link_is_over(request)
        messages.success(
            request,
            _("Votre compte est récupéré. Vos anciens codes, clés et appareils n’ouvrent plus."),
        )
        return complete_sign_in(request, account, second_factor=False, how="recovery")
    context = {"form": form, "email": recovery.account.email}
    return form_page(request, "soutien/signing_in/recovery_finish.html", form, context)


def _recovery(what: str, token: str) -> Recovery | None:
    public_id = link_id_of(what, token)
    return None if public_id is None else recoveries.by_public_id(public_id)
