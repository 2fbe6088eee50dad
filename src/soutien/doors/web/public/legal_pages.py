"""What people agree to by using the site, by version, and when we declared what."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

# The day of the declaration of accessibility: changed with what it says.
DECLARED_ON = date(2026, 11, 22)


class Version(NamedTuple):
    """One version of the terms of use: since when, and what changed."""

    number: int
    since: date
    change: str | Promise


# Newest first; a version is never rewritten, a new one is added.
VERSIONS = (Version(1, date(2026, 11, 22), gettext_lazy("Première version.")),)


@require_safe
def terms_of_use(request: HttpRequest) -> HttpResponse:
    """What the site promises, what it asks, and the versions of that."""
    context = {"current": VERSIONS[0], "versions": VERSIONS}
    return render(request, "soutien/public/terms_of_use.html", context)
