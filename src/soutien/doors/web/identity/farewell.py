"""Signing out at the provider too, when somebody signed in with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from soutien.doors.web.identity.addresses import farewell_back_address
from soutien.doors.web.identity.asking import farewell_address, random_token
from soutien.doors.web.identity.browser import take_farewell
from soutien.doors.web.identity.clients import published_by
from soutien.doors.web.identity.wrong import WrongAnswer


@dataclass(frozen=True, slots=True)
class Farewell:
    """Where the browser goes to end its session at a provider."""

    label: str
    address: str


def farewell_of(request: HttpRequest) -> Farewell | None:
    """What is left to do elsewhere; ask before the session here is forgotten.

    None when nobody signed in with a provider, or when it cannot be asked: signing out here
    never waits for somebody else.
    """
    name, id_token = take_farewell(request)
    provider = settings.IDENTITY_PROVIDERS.get(name)
    if provider is None or not id_token:
        return None
    try:
        endpoint = published_by(provider).endpoint("end_session_endpoint")
    except WrongAnswer:
        return None
    address = farewell_address(
        provider,
        endpoint,
        id_token=id_token,
        back_to=farewell_back_address(provider),
        state=random_token(),
    )
    return Farewell(provider.label, address)


def farewell_page(request: HttpRequest, farewell: Farewell) -> HttpResponse:
    """Signed out here; the browser goes on to the provider by itself, or by the link.

    A page and not a redirect: a form of ours never leads to another host (form-action).
    """
    answer = render(request, "soutien/identity/farewell.html", {"farewell": farewell})
    answer["Refresh"] = f"0; url={farewell.address}"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
