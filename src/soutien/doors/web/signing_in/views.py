"""Signing in with a password, and out. Each role then starts on its own page."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, authenticate, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from soutien.doors.days import in_french
from soutien.doors.web.limits import address_of, forgive, spend, too_often
from soutien.doors.web.signing_in import known_browsers
from soutien.doors.web.signing_in.complete import (
    account_actor,
    complete_sign_in,
    safe_path,
    seconds_left,
    start_page,
)
from soutien.doors.web.signing_in.forms import SignInForm
from soutien.doors.web.signing_in.rates import PASSWORDS, PASSWORDS_FROM
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account
from soutien.steps.enter import end_session, refuse_sign_in
from soutien.steps.errors import Refusal

METHODS = ["GET", "HEAD", "POST"]
UNCLEAR = 422
# The demo's accounts belong to made-up people; its command line prints the same ones.
DEMO_PASSWORD = "soutien-demo"
DEMO_ACCOUNTS_SHOWN = 8


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(METHODS)
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password; the other ways in are a link away."""
    then = asked_for(request)
    if isinstance(request.user, Account):
        return redirect(then or start_page(request.user))
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            answer = _by_password(request, form, then)
        except Refusal as refusal:
            return too_often(request, refusal)
        if answer is not None:
            return answer
    context = {"form": form, "next": then, "demo_accounts": demo_accounts()}
    return render(
        request,
        "soutien/signing_in/sign_in.html",
        context,
        status=UNCLEAR if form.errors else 200,
    )


def _by_password(request: HttpRequest, form: SignInForm, then: str) -> HttpResponse | None:
    """The way in, or None with the form told that it was wrong.

    The same work is done for an address nobody has: one look, one hash, one line of the journal.
    """
    at = timezone.now()
    email = form.cleaned_data["username"]
    account = accounts.by_email(email)
    tries = known_browsers.counter_of(request, account, email)
    spend(PASSWORDS_FROM, address_of(request), at=at)
    spend(PASSWORDS, tries, at=at)
    found = authenticate(request, username=email, password=form.cleaned_data["password"])
    if not isinstance(found, Account):
        refuse_sign_in(account=account, how="password", at=at)
        form.add_error(
            None,
            _(
                "Cette adresse et ce mot de passe ne vont pas ensemble. Relisez-les, en faisant "
                "attention aux majuscules du mot de passe."
            ),
        )
        return None
    forgive(PASSWORDS, tries)
    return complete_sign_in(request, found, second_factor=False, how="password", then=then)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """By POST only; forgets everything this browser knew, a visitor's bookings too."""
    session = getattr(request, "open_session", None)
    if isinstance(request.user, Account) and session is not None:
        end_session(
            actor=account_actor(request.user),
            session=session,
            at=timezone.now(),
            why="signed_out",
        )
    logout(request)
    answer = redirect("home")
    # Where a browser kept a page all the same, going back shows nothing of it.
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@never_cache
@require_safe
def session_left(request: HttpRequest) -> HttpResponse:
    """For a page left open: how many seconds its session holds. To ask is not to be there."""
    return JsonResponse({"left": seconds_left(request, timezone.now())})


def asked_for(request: HttpRequest) -> str:
    """The page somebody wanted before they were asked to sign in, when it is ours."""
    said = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    return safe_path(request, said)


def page_language() -> str:
    """The language that letters are written in."""
    return "fr" if in_french() else "en"


@dataclass(frozen=True)
class DemoAccount:
    """An account anybody may use in the demo, with the form that signs in."""

    role: str
    name: str
    email: str
    password: str


def demo_accounts() -> list[DemoAccount]:
    """The accounts anybody may use in the demo; none anywhere else."""
    if not settings.DEMO:
        return []
    roles = {
        "person": _("Personne suivie"),
        "psychologist": _("Psychologue"),
        "fund_agent": _("Agent de caisse"),
        "doctor": _("Médecin"),
        "administrator": _("Administration"),
    }
    return [
        DemoAccount(roles[account.role], account.display_name, account.email, DEMO_PASSWORD)
        for account in accounts.oldest(DEMO_ACCOUNTS_SHOWN)
        if account.role in roles
    ]
