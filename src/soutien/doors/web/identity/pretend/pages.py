"""The pages of the demo's providers: choose an identity, and what our client asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from soutien.doors.identity_providers import Provider
from soutien.doors.web.identity.named import provider_named
from soutien.doors.web.identity.pretend import inside
from soutien.doors.web.identity.pretend.people import identities_of
from soutien.doors.web.identity.pretend.provider import Refused

View = Callable[..., HttpResponse]
REFUSED = 400


def only_pretended(view: View) -> View:
    """Nothing here exists outside the demo, nor for a provider that is not pretended."""

    @wraps(view)
    def guarded(request: HttpRequest, name: str, *args: object) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        provider = provider_named(name)
        if not provider.pretend:
            raise Http404
        return view(request, provider, *args)

    return guarded


@never_cache
@only_pretended
def authorize(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Who do you want to be? By POST, the answer."""
    other_side = inside.of(provider)
    asked = request.POST if request.method == "POST" else request.GET
    try:
        wanted = other_side.checked_request({name: asked[name] for name in asked})
    except Refused as refused:
        return _wrong(request, provider, refused)
    people = identities_of(provider)
    if request.method == "POST":
        chosen = request.POST.get("identity", "")
        found = next((one for one in people if one.key == chosen), None)
        if found is None:
            return redirect(other_side.declined_address(wanted))
        return redirect(other_side.answer_address(wanted, found.claims, found.acr))
    context = {
        "provider": provider,
        "people": people,
        "asked": [(name, asked[name]) for name in asked],
    }
    return render(request, "soutien/identity/pretend.html", context)


@never_cache
@require_safe
@only_pretended
def logout(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Ends a session that was never there, and sends the browser back."""
    try:
        address = inside.of(provider).farewell_address(
            {name: request.GET[name] for name in request.GET}
        )
    except Refused as refused:
        return _wrong(request, provider, refused)
    return redirect(address)


@never_cache
@csrf_exempt
@only_pretended
def machine(request: HttpRequest, provider: Provider) -> HttpResponse:
    """What a client asks over HTTP; our own asks without leaving the process."""
    path = request.path.partition(f"/dev/fournisseur/{provider.name}")[2]
    reply = inside.of(provider).reply(str(request.method), path, {**request.headers}, request.body)
    return HttpResponse(reply.body, content_type=reply.kind, status=reply.status)


def _wrong(request: HttpRequest, provider: Provider, refused: Refused) -> HttpResponse:
    context = {"provider": provider, "code": str(refused)}
    return render(request, "soutien/identity/pretend_wrong.html", context, status=REFUSED)
