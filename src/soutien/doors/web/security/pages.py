"""Pages of one's own account, in whatever role, and the proof that some of them ask again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from soutien.doors.web.signing_in.complete import PROVED_AT, moment
from soutien.registers.accounts.models import Account
from soutien.steps.errors import Refusal

View = Callable[..., HttpResponse]


def account_page(view: View) -> View:
    """A page for whoever signed in; never kept by a browser."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, Account):
            answer: HttpResponse = redirect_to_login(reverse("security"))
        else:
            try:
                answer = view(request, *args, **kwargs)
            except Refusal as refusal:
                if refusal.code in {"not_allowed", "not_found"}:
                    raise Http404 from refusal
                raise
        add_never_cache_headers(answer)
        return answer

    return guarded


def recently_proved(view: View) -> View:
    """Ask for the proof again when it is a while ago: a phone left on a table changes nothing."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        proved = request.session.get(PROVED_AT)
        if proved is None or moment(proved) + settings.PROOF_LASTS <= timezone.now():
            then = request.path if request.method in {"GET", "HEAD"} else reverse("security")
            return redirect(f"{reverse('security_prove')}?{urlencode({'next': then})}")
        return view(request, *args, **kwargs)

    return guarded


def account_of(request: HttpRequest) -> Account:
    """The account of an account page."""
    assert isinstance(request.user, Account)
    return request.user
