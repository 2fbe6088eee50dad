"""The second proof at sign-in: a code or a passkey; a passkey alone, which is both at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from soutien.doors.web.limits import address_of, forgive, spend, too_often
from soutien.doors.web.signing_in.complete import (
    account_actor,
    complete_sign_in,
    entering,
)
from soutien.doors.web.signing_in.forms import CodeForm
from soutien.doors.web.signing_in.rates import CODES, CODES_A_DAY, PASSKEYS_FROM
from soutien.doors.web.signing_in.views import METHODS, UNCLEAR, asked_for, page_language
from soutien.registers.accounts import factors
from soutien.registers.accounts.models import Account
from soutien.steps import codes
from soutien.steps.actor import ANONYMOUS
from soutien.steps.enter import refuse_sign_in
from soutien.steps.errors import Refusal
from soutien.steps.protect import check_code, check_passkey
from soutien.steps.webauthn import Site, asked_to_sign

STATE = "passkey_state"
# In the demo many people share an account: codes to come are taken, so that nobody waits.
DEMO_AHEAD = 20


@sensitive_post_parameters("code", "answer")
@never_cache
@require_http_methods(METHODS)
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second proof of somebody whose first one was right, a short while ago."""
    here = entering(request)
    if here is None:
        return redirect("sign_in")
    form = CodeForm(request.POST if "code" in request.POST else None)
    try:
        proof = proof_in(request, here.account, form)
    except Refusal as refusal:
        return too_often(request, refusal)
    if proof.right:
        return complete_sign_in(
            request, here.account, second_factor=True, how=here.how, then=here.then
        )
    context = {"form": form, "sentence": proof.sentence, **ways_of(request, here.account)}
    return render(
        request,
        "soutien/signing_in/second_factor.html",
        context,
        status=UNCLEAR if form.errors or proof.sentence else 200,
    )


@sensitive_post_parameters("answer")
@never_cache
@require_http_methods(METHODS)
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """A passkey that the device knows us by: it proves who, and that it is them."""
    sentence = ""
    if request.method == "POST":
        at = timezone.now()
        try:
            spend(PASSKEYS_FROM, address_of(request), at=at)
        except Refusal as refusal:
            return too_often(request, refusal)
        try:
            account = check_passkey(
                actor=ANONYMOUS,
                site=site_of(request),
                state=request.session.pop(STATE, {}),
                answer=request.POST.get("answer", ""),
                at=at,
            )
        except Refusal as refusal:
            refuse_sign_in(account=None, how="passkey", at=at)
            sentence = refusal.sentence(page_language())
        else:
            return complete_sign_in(
                request, account, second_factor=True, how="passkey", then=asked_for(request)
            )
    challenge = asked_to_sign(site_of(request), known=None)
    request.session[STATE] = challenge.state
    context = {"options": challenge.options, "sentence": sentence, "next": asked_for(request)}
    return render(
        request,
        "soutien/signing_in/passkey.html",
        context,
        status=UNCLEAR if sentence else 200,
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a second proof was given and right; a sentence when a passkey was not."""

    right: bool = False
    sentence: str = ""


def proof_in(request: HttpRequest, account: Account, form: CodeForm) -> Proof:
    """The second proof that the request gives; the form says what is wrong with a code.

    Raises Refusal(too_often).
    """
    given_passkey = "answer" in request.POST
    if request.method != "POST" or not (given_passkey or form.is_valid()):
        return Proof()
    at = timezone.now()
    spend(CODES, str(account.pk), at=at)
    spend(CODES_A_DAY, str(account.pk), at=at)
    if given_passkey:
        if not _signed(request, account):
            return Proof(sentence=Refusal("passkey_refused").sentence(page_language()))
    elif not _coded(account, form):
        form.add_error(
            "code", _("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant.")
        )
        return Proof()
    forgive(CODES, str(account.pk))
    return Proof(right=True)


def ways_of(request: HttpRequest, account: Account) -> dict[str, Any]:
    """What an account can give: the challenge for its passkeys, and the demo's code."""
    known = [bytes(passkey.credential) for passkey in factors.passkeys(account.pk)]
    options = ""
    if known:
        challenge = asked_to_sign(site_of(request), known=known)
        request.session[STATE] = challenge.state
        options = challenge.options
    return {
        "options": options,
        "has_codes": factors.totp_key(account.pk) is not None,
        "demo_code": demo_code(account),
    }


def site_of(request: HttpRequest) -> Site:
    """Whom a passkey is for: this host."""
    return Site(
        request.get_host().rpartition(":")[0] or request.get_host(), settings.OPERATOR_NAME
    )


def demo_code(account: Account) -> str:
    """The next code of a made-up person's application, in the demo only."""
    key = factors.totp_key(account.pk) if settings.DEMO else None
    if key is None:
        return ""
    counter = max(codes.counter_at(timezone.now()), key.last_counter + 1)
    return codes.code_of(key.secret, counter)


def _coded(account: Account, form: CodeForm) -> bool:
    ahead = DEMO_AHEAD if settings.DEMO else codes.NEAR
    actor, at = account_actor(account), timezone.now()
    return bool(check_code(actor=actor, code=form.cleaned_data["code"], ahead=ahead, at=at))


def _signed(request: HttpRequest, account: Account) -> bool:
    try:
        check_passkey(
            actor=account_actor(account),
            site=site_of(request),
            state=request.session.pop(STATE, {}),
            answer=request.POST.get("answer", ""),
            at=timezone.now(),
        )
    except Refusal:
        return False
    return True
