"""Pages for people who signed in: never kept by a browser, and silent on what is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

from soutien.doors.web.access import needs_account, readers
from soutien.doors.web.actors import actor_of
from soutien.steps.errors import Refusal

View = Callable[..., HttpResponse]
# A page that is not theirs reads like one that does not exist: nothing can be learnt by trying.
SILENT = {"not_allowed", "not_found"}


def private_page(view: View) -> View:
    """Open a page to the roles that access.py names for its route, and keep it out of caches.

    Nobody signed in is sent to the sign-in page, and comes back. Any other role, and whoever
    asks for what belongs to somebody else, reads the same words as for an address that is not
    there.
    """
    if not callable(view):
        raise TypeError("Write @private_page alone, and the roles in doors/web/access.py.")

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        route = request.resolver_match.url_name if request.resolver_match else ""
        unproved = actor.account_id is None and needs_account(route or "")
        if actor.role == "anonymous" or unproved:
            answer: HttpResponse = redirect_to_login(request.get_full_path())
        elif actor.role not in readers(route or ""):
            raise Http404
        else:
            try:
                answer = view(request, *args, **kwargs)
            except Refusal as refusal:
                if refusal.code in SILENT:
                    raise Http404 from refusal
                raise
        add_never_cache_headers(answer)
        return answer

    return guarded
