"""Forms that may be sent twice: a double click, a slow line, an answer that was lost.

The form carries a key made when it was shown (``{% form_key %}``). What the step made is kept
under it; sent again with the same words, the page is told the same and goes on as before. Steps
that answer the same by themselves need none of this.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest

from soutien.doors.repeats import Told, kept_answer, once, wish_of
from soutien.registers.accounts.models import Account
from soutien.registers.idempotency.queries import Wish
from soutien.steps.errors import Refusal

FIELD = "form_key"
NOT_WORDS = (FIELD, "csrfmiddlewaretoken")
LONGEST_KEY = 64
# A form waits for its twin; its reader would rather wait than be told to.
TRIES, PAUSE_SECONDS = 100, 0.1
DONE = 200


def done_once(request: HttpRequest, act: Callable[[], str], *, at: datetime) -> str:
    """What the act made, as a text: by this sending of the form or by an earlier one.

    A form without a key, sent by an old page, is done as it comes. What the act refuses is not
    kept: its form is shown again and may be sent again.
    """
    wish = _wish(request)
    if wish is None:
        return act()
    for left in reversed(range(TRIES)):
        try:
            return once(wish, lambda: Told(DONE, act()), at=at)[0].text
        except Refusal as refusal:
            if refusal.code != "still_running" or not left:
                raise
        time.sleep(PAUSE_SECONDS)
    raise AssertionError("the last try answers or refuses")


def done_before(request: HttpRequest, *, at: datetime) -> str | None:
    """What an earlier sending of the very form made; None when there was none."""
    wish = _wish(request) if request.method == "POST" else None
    return kept_answer(wish, at=at) if wish else None


def _wish(request: HttpRequest) -> Wish | None:
    key = request.POST.get(FIELD, "")
    if not 1 <= len(key) <= LONGEST_KEY:
        return None
    words = [(name, request.POST.getlist(name)) for name in sorted(request.POST)]
    body = json.dumps([word for word in words if word[0] not in NOT_WORDS]).encode()
    user = request.user
    return wish_of(
        owner=f"account {user.pk}" if isinstance(user, Account) else "a page of nobody's",
        # Going back and correcting something is another request, never an error.
        key=f"{key} {body!r}",
        what=f"form {request.path}",
        body=body,
    )
