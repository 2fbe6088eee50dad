"""Every page asks whether the session still holds: ended elsewhere, idle, too old, or half open.

A session ended on one page is over at once in every process: the register is asked each time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from soutien.doors.web.actors import SECOND_FACTOR_AT
from soutien.doors.web.signing_in.complete import may_rest
from soutien.registers.accounts import factors, open_sessions
from soutien.registers.accounts.models import Account, OpenSession
from soutien.steps.enter import expire_session
from soutien.steps.permissions import NEEDS_SECOND_FACTOR

# How exact "last seen" is: not every page is worth a writing.
SEEN_EVERY = timedelta(minutes=1)
# What somebody who still has to set up a second factor may open: that, the way out, and help.
OPEN_WITHOUT = frozenset(
    {
        *("security_start", "security_totp", "security_passkeys", "security_codes"),
        *("security_codes_file", "security_prove", "sign_in", "sign_out", "second_factor"),
        "session_left",
        *("self_check", "self_check_answer", "self_check_easy", "self_check_easy_answer"),
        *("help", "legal", "privacy", "terms_of_use", "accessibility"),
    }
)


class SessionGuard:
    """Ends what does not hold any more, before any page is made."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            self._check(request, timezone.now())
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Without the second factor that a role needs, no page opens but those to give it."""
        if SESSION_KEY not in request.session:
            return None
        account = request.user
        if not isinstance(account, Account) or account.role not in NEEDS_SECOND_FACTOR:
            return None
        if SECOND_FACTOR_AT in request.session:
            return None
        if request.resolver_match and request.resolver_match.url_name in OPEN_WITHOUT:
            return None
        return redirect("security_prove" if factors.has_any(account.pk) else "security_start")

    def _check(self, request: HttpRequest, at: datetime) -> None:
        account = request.user
        if not isinstance(account, Account):
            # Closed meanwhile, or another password: Django let it go already.
            request.session.flush()
            return
        session = open_sessions.by_key(str(request.session.session_key))
        why = _why_over(session, account, at)
        if not why:
            assert session is not None
            # A page left open asks by itself: that is not somebody who is there.
            waiting = request.path == reverse("session_left")
            if session.last_seen_at + SEEN_EVERY <= at and not waiting:
                open_sessions.seen(session.pk, at=at)
            request.open_session = session  # type: ignore[attr-defined]
            return
        if session is not None and session.ended_at is None:
            expire_session(session=session, person_id=account.person_id, why=why, at=at)
        logout(request)
        messages.info(request, _said(why))


def _why_over(session: OpenSession | None, account: Account, at: datetime) -> str:
    """Why a session does not hold; nothing when it does."""
    if session is None or session.account_id != account.pk:
        return "unknown"
    if session.ended_at is not None:
        return "ended"
    if session.ends_at <= at:
        return "too_old"
    if session.last_seen_at + may_rest(account) <= at:
        return "idle"
    return ""


def _said(why: str) -> str:
    if why == "idle":
        return _("Vous étiez absent un moment : pour votre sécurité, la page s’est refermée.")
    return _("Votre session est terminée. Connectez-vous pour continuer.")
