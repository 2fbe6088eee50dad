"""Public pages."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "soutien/public/home.html")


understand = pay = find = help_now = legal = privacy = accessibility = law = home


def psychologist(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return home(request)
