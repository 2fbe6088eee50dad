"""« Ma sécurité »: the page that gathers all, the password, the address, the sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soutien.doors.web.actors import SECOND_FACTOR_AT
from soutien.doors.web.limits import spend, too_often
from soutien.doors.web.security.forms import NewAddressForm
from soutien.doors.web.security.pages import account_of, account_page, recently_proved
from soutien.doors.web.signing_in import devices
from soutien.doors.web.signing_in.complete import (
    account_actor,
    renew,
    safe_path,
)
from soutien.doors.web.signing_in.factor_views import Proof, proof_in, ways_of
from soutien.doors.web.signing_in.forms import CodeForm, NewPasswordForm, PasswordForm
from soutien.doors.web.signing_in.rates import LINKS_TO, PASSWORDS
from soutien.doors.web.signing_in.views import METHODS, UNCLEAR, asked_for, page_language
from soutien.registers.accounts import factors, open_sessions
from soutien.registers.accounts.models import Account, OpenSession
from soutien.registers.api_keys import queries as api_keys
from soutien.steps.enter import end_other_sessions, end_session, refuse_sign_in
from soutien.steps.errors import Refusal
from soutien.steps.permissions import NEEDS_SECOND_FACTOR
from soutien.steps.protect import ask_for_new_email, change_password


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One browser that is signed in, in words."""

    public_id: UUID
    device: str
    began_at: datetime
    last_seen_at: datetime
    is_this_one: bool


@require_safe
@account_page
def overview(request: HttpRequest) -> HttpResponse:
    """Everything that protects the account, on one page."""
    account = account_of(request)
    context = {
        "account": account,
        "totp": factors.totp_key(account.pk),
        "passkeys": list(factors.passkeys(account.pk)),
        "codes_left": factors.codes_left(account.pk),
        "protected": factors.has_any(account.pk),
        "needed": account.role in NEEDS_SECOND_FACTOR,
        "has_password": account.has_usable_password(),
        "sessions": sessions_of(request, account),
    }
    return render(request, "soutien/security/overview.html", context)


@sensitive_post_parameters("password")
@require_http_methods(METHODS)
@account_page
@recently_proved
def password(request: HttpRequest) -> HttpResponse:
    """Another password; the other browsers are signed out."""
    account = account_of(request)
    form = NewPasswordForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        changed = change_password(
            actor=account_actor(account),
            password=form.cleaned_data["password"],
            keep=this_session(request),
            end_keys="end_keys" in request.POST,
            at=at,
        )
        renew(request, changed, second_factor=SECOND_FACTOR_AT in request.session, at=at)
        messages.success(
            request, _("Votre mot de passe est changé. Vos autres appareils sont déconnectés.")
        )
        return redirect("security")
    context = {
        "form": form,
        "has_password": account.has_usable_password(),
        "keys": len(api_keys.of_account(account.pk, at=timezone.now())),
    }
    return render(
        request,
        "soutien/security/password.html",
        context,
        status=UNCLEAR if form.errors else 200,
    )


@require_http_methods(METHODS)
@account_page
@recently_proved
def email(request: HttpRequest) -> HttpResponse:
    """Another address: a link goes there, and nothing changes until it is followed."""
    account = account_of(request)
    form = NewAddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            spend(LINKS_TO, f"from {account.pk}", at=at)
        except Refusal as refusal:
            return too_often(request, refusal)
        ask_for_new_email(
            actor=account_actor(account),
            email=form.cleaned_data["email"],
            language=page_language(),
            at=at,
        )
        return redirect("link_sent")
    return render(
        request,
        "soutien/security/email.html",
        {"form": form, "email": account.email},
        status=UNCLEAR if form.errors else 200,
    )


@require_POST
@account_page
@recently_proved
def end_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Sign one of one's own browsers out."""
    account = account_of(request)
    session = open_sessions.by_public_id(public_id)
    if session is None:
        raise Refusal("not_found")
    if end_session(actor=account_actor(account), session=session, at=timezone.now(), why="ended"):
        messages.success(request, _("Cet appareil est déconnecté."))
    return redirect("security")


@require_POST
@account_page
@recently_proved
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign every other browser out."""
    account = account_of(request)
    ended = end_other_sessions(
        actor=account_actor(account), keep=this_session(request), at=timezone.now()
    )
    messages.success(
        request,
        ngettext(
            "%(n)s autre appareil est déconnecté.",
            "%(n)s autres appareils sont déconnectés.",
            ended,
        )
        % {"n": ended},
    )
    return redirect("security")


@sensitive_post_parameters("password", "code", "answer")
@require_http_methods(METHODS)
@account_page
def prove(request: HttpRequest) -> HttpResponse:
    """Give the proof once more before something sensitive: the second factor, or the password."""
    account = account_of(request)
    then = safe_path(request, asked_for(request))
    protected = factors.has_any(account.pk)
    at = timezone.now()
    form: CodeForm | PasswordForm
    try:
        if protected:
            form = CodeForm(request.POST if "code" in request.POST else None)
            proof = proof_in(request, account, form)
        else:
            form = PasswordForm(request.POST or None)
            proof = Proof(right=_password_is_right(request, account, form))
    except Refusal as refusal:
        return too_often(request, refusal)
    if proof.right:
        renew(request, account, second_factor=protected, at=at)
        return redirect(then or "security")
    context = {
        "form": form,
        "next": then,
        "sentence": proof.sentence,
        "protected": protected,
        "has_password": account.has_usable_password(),
        **(ways_of(request, account) if protected else {}),
    }
    return render(
        request,
        "soutien/security/prove.html",
        context,
        status=UNCLEAR if form.errors or proof.sentence else 200,
    )


def this_session(request: HttpRequest) -> OpenSession | None:
    """The session of this very browser."""
    found: OpenSession | None = getattr(request, "open_session", None)
    return found


def sessions_of(request: HttpRequest, account: Account) -> list[SessionLine]:
    """Where the account is signed in, this browser first."""
    here = this_session(request)
    lines = [
        SessionLine(
            public_id=session.public_id,
            device=devices.in_words(session.device),
            began_at=session.began_at,
            last_seen_at=session.last_seen_at,
            is_this_one=here is not None and session.pk == here.pk,
        )
        for session in open_sessions.going_on(account.pk, at=timezone.now())
    ]
    return sorted(lines, key=lambda line: not line.is_this_one)


def _password_is_right(request: HttpRequest, account: Account, form: PasswordForm) -> bool:
    if request.method != "POST" or not form.is_valid():
        return False
    at = timezone.now()
    spend(PASSWORDS, f"again {account.pk}", at=at)
    if account.check_password(form.cleaned_data["password"]):
        return True
    refuse_sign_in(account=account, how="password", at=at)
    form.add_error("password", _("Ce mot de passe n’est pas le bon."))
    return False
