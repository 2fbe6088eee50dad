"""The one way in: whoever proved who they are, and by whatever means, ends here.

A password, a link from a mail, a passkey and an identity provider all call ``complete_sign_in``.
It asks for a second factor where there is one to give, gives the browser a new session under a
new key, and writes it down where its owner can see and end it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from soutien.doors.web.actors import VISITOR_PERSON
from soutien.doors.web.signing_in.devices import device_of
from soutien.registers.accounts import open_sessions
from soutien.registers.accounts.models import Account

START_PAGES = {
    "person": "year",
    "guardian": "year",
    "psychologist": "day",
    "replacement": "day",
    "fund_agent": "fund_claims",
    "fund_supervisor": "fund_claims",
}
# Session keys. Moments are ISO texts in UTC.
SECOND_FACTOR_AT = "second_factor_at"
PROVED_AT = "proved_at"
BACKEND = "django.contrib.auth.backends.ModelBackend"
SESSION_LASTS = timedelta(seconds=settings.SESSION_COOKIE_AGE)


def start_page(account: Account) -> str:
    """The path where a role starts; the home page for roles without one."""
    try:
        return reverse(START_PAGES.get(account.role, "home"))
    except NoReverseMatch:
        # A deployment may switch off one reader's pages.
        return reverse("home")


def safe_path(request: HttpRequest, then: str) -> str:
    """The page asked for when it is ours, else nothing."""
    ours = url_has_allowed_host_and_scheme(
        then, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return then if ours else ""


def complete_sign_in(
    request: HttpRequest,
    account: Account,
    *,
    second_factor: bool,
    how: str = "identity",
    then: str = "",
) -> HttpResponse:
    """Sign an account in, and lead to ``then`` (one of our own paths) or to where its role starts.

    Call it once the proof is checked. ``second_factor`` says that the proof already held a second
    one. ``how``: password, link, passkey or identity. Raises ValueError for a closed account.
    """
    if not account.is_active:
        raise ValueError("A closed account does not sign in: refuse it before.")
    at = timezone.now()
    open_session(request, account, how=how, second_factor=second_factor, at=at)
    return redirect(safe_path(request, then) or start_page(account))


def open_session(
    request: HttpRequest, account: Account, *, how: str, second_factor: bool, at: datetime
) -> None:
    """A new session under a new key, written down. What a visitor did here before is let go."""
    request.session.pop(VISITOR_PERSON, None)
    login(request, account, backend=BACKEND)
    request.session[PROVED_AT] = at.isoformat()
    if second_factor:
        request.session[SECOND_FACTOR_AT] = at.isoformat()
    if request.session.session_key is None:
        request.session.create()
    open_sessions.begin(
        account_id=account.pk,
        session_key=str(request.session.session_key),
        device=device_of(request),
        how=how,
        second_factor=second_factor,
        at=at,
        ends_at=at + SESSION_LASTS,
    )
