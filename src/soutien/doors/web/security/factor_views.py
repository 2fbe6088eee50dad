"""Second factors of one's own account: an application, passkeys, codes on paper."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soutien.doors.web.limits import spend, too_often
from soutien.doors.web.security.forms import NewPasskeyForm, PasskeyForm
from soutien.doors.web.security.pages import account_of, account_page, recently_proved
from soutien.doors.web.signing_in.complete import account_actor, renew
from soutien.doors.web.signing_in.factor_views import site_of
from soutien.doors.web.signing_in.forms import CodeForm
from soutien.doors.web.signing_in.rates import CODES
from soutien.doors.web.signing_in.views import METHODS, UNCLEAR, page_language
from soutien.registers.accounts import factors
from soutien.registers.accounts.models import Account
from soutien.steps import protect
from soutien.steps.codes import matching_digest
from soutien.steps.errors import Refusal
from soutien.steps.permissions import NEEDS_SECOND_FACTOR
from soutien.steps.webauthn import asked_to_register

NEW_PASSKEY = "new_passkey_state"
KEY_GROUP = 4
QR_SCALE = 5


@require_safe
@account_page
def start(request: HttpRequest) -> HttpResponse:
    """Why a second proof, and the two ways to have one."""
    account = account_of(request)
    if factors.has_any(account.pk):
        return redirect("security")
    return render(
        request, "soutien/security/start.html", {"needed": account.role in NEEDS_SECOND_FACTOR}
    )


@sensitive_post_parameters("code")
@require_http_methods(METHODS)
@account_page
@recently_proved
def totp(request: HttpRequest) -> HttpResponse:
    """An application that shows codes: its key as a square and as text, then its first code."""
    account, at = account_of(request), timezone.now()
    actor = account_actor(account)
    if request.method == "POST" and "remove" in request.POST:
        return _removed(request, lambda: protect.remove_totp(actor=actor, at=at))
    if factors.totp_key(account.pk) is not None:
        return redirect("security")
    form = CodeForm(request.POST or None)
    form.fields["code"].help_text = _("Les six chiffres que votre application montre maintenant.")
    if request.method == "POST" and form.is_valid():
        try:
            spend(CODES, str(account.pk), at=at)
        except Refusal as refusal:
            return too_often(request, refusal)
        try:
            protect.confirm_totp(actor=actor, code=form.cleaned_data["code"], at=at)
        except Refusal as refusal:
            form.add_error("code", refusal.sentence(page_language()))
        else:
            return _added(request, account)
    secret = protect.prepare_totp(actor=actor, at=at)
    context = {
        "form": form,
        "square": square_of(account, secret),
        "key": grouped(secret),
        "address": account.email,
    }
    return render(
        request, "soutien/security/totp.html", context, status=UNCLEAR if form.errors else 200
    )


@sensitive_post_parameters("answer")
@require_http_methods(METHODS)
@account_page
@recently_proved
def passkeys(request: HttpRequest) -> HttpResponse:
    """Add a passkey: the phone's lock, a security key."""
    account, at = account_of(request), timezone.now()
    form = NewPasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            protect.add_passkey(
                actor=account_actor(account),
                site=site_of(request),
                state=request.session.pop(NEW_PASSKEY, {}),
                answer=form.cleaned_data["answer"],
                name=form.cleaned_data["name"],
                at=at,
            )
        except Refusal as refusal:
            form.add_error(None, refusal.sentence(page_language()))
        else:
            return _added(request, account)
    challenge = asked_to_register(
        site_of(request),
        handle=account.public_id.bytes,
        name=account.email,
        known=[bytes(passkey.credential) for passkey in factors.passkeys(account.pk)],
    )
    request.session[NEW_PASSKEY] = challenge.state
    return render(
        request,
        "soutien/security/passkeys.html",
        {"form": form, "options": challenge.options},
        status=UNCLEAR if form.errors else 200,
    )


@require_http_methods(METHODS)
@account_page
@recently_proved
def passkey(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One passkey: call it otherwise, or take it away."""
    account, at = account_of(request), timezone.now()
    actor = account_actor(account)
    kept = factors.passkey(account.pk, public_id)
    if kept is None:
        raise Refusal("not_found")
    if request.method == "POST" and "remove" in request.POST:
        return _removed(
            request, lambda: protect.remove_passkey(actor=actor, public_id=public_id, at=at)
        )
    form = PasskeyForm(request.POST or None, initial={"name": kept.name})
    if request.method == "POST" and form.is_valid():
        protect.rename_passkey(
            actor=actor, public_id=public_id, name=form.cleaned_data["name"], at=at
        )
        return redirect("security")
    return render(
        request,
        "soutien/security/passkey.html",
        {"form": form, "passkey": kept},
        status=UNCLEAR if form.errors else 200,
    )


@require_http_methods(METHODS)
@account_page
@recently_proved
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Codes on paper: how many are left, or new ones, shown this once."""
    account = account_of(request)
    context: dict[str, Any] = {"left": factors.codes_left(account.pk)}
    if request.method == "POST":
        try:
            context["codes"] = protect.make_recovery_codes(
                actor=account_actor(account), at=timezone.now()
            )
        except Refusal:
            return redirect("security_start")
    elif not factors.has_any(account.pk):
        return redirect("security_start")
    return render(request, "soutien/security/codes.html", context)


@sensitive_post_parameters("codes")
@require_POST
@account_page
def recovery_codes_file(request: HttpRequest) -> HttpResponse:
    """The codes just shown, as a file; nothing else can be asked back."""
    account = account_of(request)
    digests = [kept.digest for kept in factors.unused_codes(account.pk)]
    asked = request.POST.get("codes", "").split()[: len(digests)]
    codes = [code for code in asked if matching_digest(code, digests) is not None]
    if not codes:
        raise Refusal("not_found")
    lines = [f"{settings.OPERATOR_NAME} · {account.email}", "", *codes, ""]
    return HttpResponse(
        "\r\n".join(lines),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="codes.txt"'},
    )


def square_of(account: Account, secret: str) -> SafeString:
    """The key as a square to look at with a telephone: SVG of our own page, nothing fetched."""
    issuer = str(settings.OPERATOR_NAME)
    name = quote(f"{issuer}:{account.email}")
    address = f"otpauth://totp/{name}?{urlencode({'secret': secret, 'issuer': issuer})}"
    drawn = segno.make(address, error="m", micro=False)
    svg = drawn.svg_inline(
        scale=QR_SCALE, border=4, dark="#000", light="#fff", svgclass="square", lineclass=None
    )
    return mark_safe(svg)


def grouped(secret: str) -> str:
    """The key in groups of four, to copy by hand."""
    return " ".join(
        secret[start : start + KEY_GROUP] for start in range(0, len(secret), KEY_GROUP)
    )


def _added(request: HttpRequest, account: Account) -> HttpResponse:
    """A second factor was just shown to work: the session has it now."""
    renew(request, account, second_factor=True, at=timezone.now())
    if factors.codes_left(account.pk):
        messages.success(request, _("C’est ajouté à votre protection."))
        return redirect("security")
    messages.success(
        request, _("C’est ajouté. Gardez maintenant des codes de secours, au cas où.")
    )
    return redirect("security_codes")


def _removed(request: HttpRequest, remove: Any) -> HttpResponse:
    try:
        remove()
    except Refusal as refusal:
        if refusal.code != "last_factor":
            raise
        lang = page_language()
        messages.warning(request, f"{refusal.sentence(lang)} {refusal.remedy(lang)}")
    else:
        messages.success(request, _("C’est retiré."))
    return redirect("security")
