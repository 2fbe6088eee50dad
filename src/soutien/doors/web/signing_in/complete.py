"""The one way in: whoever proved who they are, and by whatever means, ends here.

A password, a link from a mail, a passkey and an identity provider all call ``complete_sign_in``.
It asks for a second factor where there is one to give, gives the browser a new session under a
new key, and writes it down where its owner can see and end it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from soutien.doors.web.actors import SECOND_FACTOR_AT, VISITOR_PERSON, act_for
from soutien.doors.web.signing_in import known_browsers
from soutien.doors.web.signing_in.devices import device_of
from soutien.registers.accounts import factors
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account
from soutien.steps import enter
from soutien.steps.actor import Actor
from soutien.steps.permissions import NEEDS_SECOND_FACTOR

START_PAGES = {
    "person": "year",
    "guardian": "year",
    "psychologist": "day",
    "replacement": "day",
    "doctor": "own_letters",
    "fund_agent": "fund_claims",
    "fund_supervisor": "fund_claims",
    "town_editor": "desk",
    "town_author": "desk",
}
# Session keys. Moments are ISO texts in UTC.
PROVED_AT = "proved_at"
ENTERING = "entering"
BACKEND = "django.contrib.auth.backends.ModelBackend"
# None of our own addresses is as long.
LONGEST_PATH = 200
# How long the first proof waits for the second one.
ENTERING_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Entering:
    """Somebody who gave the first proof, and not yet the second one."""

    account: Account
    how: str
    then: str


def start_page(account: Account) -> str:
    """The path where a role starts; the home page for roles without one."""
    try:
        return reverse(START_PAGES.get(account.role, "home"))
    except NoReverseMatch:
        # A deployment may switch off one reader's pages.
        return reverse("home")


def safe_path(request: HttpRequest, then: str) -> str:
    """The page asked for when it is ours and reads like an address, else nothing."""
    if len(then) > LONGEST_PATH or not then.isprintable():
        return ""
    ours = url_has_allowed_host_and_scheme(
        then, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # What does not begin with a slash is the name of a view to Django, and of none of ours.
    return then if ours and then.startswith("/") else ""


def account_actor(account: Account) -> Actor:
    """The actor of an account about to sign in: for what concerns the account itself."""
    return Actor(account.role, account_id=account.pk, person_id=account.person_id)


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
    one; else whoever has one is asked for it first, and a role that needs one and has none is led
    to set one up. ``how``: password, link, passkey or identity. Raises ValueError for a closed
    account.
    """
    if not account.is_active:
        raise ValueError("A closed account does not sign in: refuse it before.")
    at = timezone.now()
    if not second_factor and factors.has_any(account.pk):
        request.session.cycle_key()
        request.session[ENTERING] = {
            "account": account.pk,
            "how": how,
            "then": safe_path(request, then),
            "at": at.isoformat(),
        }
        return redirect("second_factor")
    open_session(request, account, how=how, second_factor=second_factor, at=at)
    if not second_factor and account.role in NEEDS_SECOND_FACTOR:
        answer = redirect("security_start")
    else:
        answer = redirect(safe_path(request, then) or start_page(account))
    known_browsers.remember(answer, account)
    return answer


def entering(request: HttpRequest) -> Entering | None:
    """Who gave the first proof in this browser a short while ago, and is still to give another."""
    kept: dict[str, Any] | None = request.session.get(ENTERING)
    if kept is None or timezone.now() > moment(kept["at"]) + ENTERING_LASTS:
        return None
    account = accounts.by_id(int(kept["account"]))
    if account is None or not account.is_active:
        return None
    return Entering(account, str(kept["how"]), str(kept["then"]))


def open_session(
    request: HttpRequest, account: Account, *, how: str, second_factor: bool, at: datetime
) -> None:
    """A new session under a new key, written down. What a visitor did here before is let go."""
    request.session.pop(VISITOR_PERSON, None)
    request.session.pop(ENTERING, None)
    act_for(request, None)
    login(request, account, backend=BACKEND)
    request.session[PROVED_AT] = at.isoformat()
    request.session.pop(SECOND_FACTOR_AT, None)
    if second_factor:
        request.session[SECOND_FACTOR_AT] = at.isoformat()
    if request.session.session_key is None:
        request.session.create()
    enter.begin_session(
        actor=account_actor(account),
        session_key=str(request.session.session_key),
        device=device_of(request),
        how=how,
        second_factor=second_factor,
        ends_at=at + lasts(account),
        at=at,
    )


def renew(request: HttpRequest, account: Account, *, second_factor: bool, at: datetime) -> None:
    """The same session under a new key, once more was proved."""
    former = str(request.session.session_key)
    request.session.cycle_key()
    # The password may just have changed: Django compares this at every page.
    request.session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    request.session[PROVED_AT] = at.isoformat()
    if second_factor:
        request.session[SECOND_FACTOR_AT] = at.isoformat()
    enter.renew_session(
        actor=account_actor(account),
        former_key=former,
        session_key=str(request.session.session_key),
        second_factor=SECOND_FACTOR_AT in request.session,
        at=at,
    )


def lasts(account: Account) -> timedelta:
    """How long a session lasts, however busy: shorter where other people's data is seen."""
    working = account.role in NEEDS_SECOND_FACTOR
    return settings.SESSION_LASTS_WORKING if working else settings.SESSION_LASTS


def may_rest(account: Account) -> timedelta:
    """How long a session may stay without a page."""
    working = account.role in NEEDS_SECOND_FACTOR
    return settings.SESSION_RESTS_WORKING if working else settings.SESSION_RESTS


def seconds_left(request: HttpRequest, at: datetime) -> int:
    """How long the browser's session holds if no page is asked for; 0 when nobody signed in."""
    session = getattr(request, "open_session", None)
    if session is None or not isinstance(request.user, Account):
        return 0
    ends = min(session.ends_at, session.last_seen_at + may_rest(request.user))
    return max(0, math.ceil((ends - at).total_seconds()))


def moment(text: str) -> datetime:
    """A moment kept in a session."""
    return datetime.fromisoformat(text).astimezone(UTC)
