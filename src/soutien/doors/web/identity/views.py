"""Signing in with an identity elsewhere: the way out, the way back, and one's own links."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from soutien.doors.days import PARIS, local
from soutien.doors.identity_providers import AGENT, CITIZEN, PROFESSIONAL, Provider
from soutien.doors.web.actors import actor_of
from soutien.doors.web.identity import asking
from soutien.doors.web.identity.addresses import back_address
from soutien.doors.web.identity.answers import code_of, state_of, told
from soutien.doors.web.identity.browser import (
    browser_of,
    held_key,
    keep_farewell,
    keep_held,
    known_browser,
)
from soutien.doors.web.identity.clients import published_by
from soutien.doors.web.identity.farewell import farewell_of, farewell_page
from soutien.doors.web.identity.named import provider_named, providers
from soutien.doors.web.identity.reading import presented
from soutien.doors.web.identity.wrong import WrongAnswer
from soutien.doors.web.limits import Limit, limited
from soutien.doors.web.security.pages import account_of, account_page, recently_proved
from soutien.doors.web.signing_in import views as signing_in
from soutien.doors.web.signing_in.complete import complete_sign_in, safe_path, start_page
from soutien.registers.accounts.models import Account
from soutien.steps import identify, link
from soutien.steps.actor import ANONYMOUS
from soutien.steps.errors import Refusal
from soutien.steps.presented import AGENT as AN_AGENT
from soutien.steps.presented import PERSON, PSYCHOLOGIST, ROLES_OF, Presented

SHAPE_OF = {PERSON: CITIZEN, PSYCHOLOGIST: PROFESSIONAL, AN_AGENT: AGENT}
LONGEST_PATH = 300
# From one place, which many may share: each question is a row, each answer asks somebody else.
# A whole office may come in the same quarter of an hour.
# What a browser says of a link followed from another site.
FROM_ELSEWHERE = {"cross-site", "same-site"}
QUESTIONS_FROM = Limit("identity.asked", 300, timedelta(minutes=15))
ANSWERS_FROM = Limit("identity.answered", 300, timedelta(minutes=15))
# Says that the browser was sent to our own address already.
HERE = "ici"


@dataclass(frozen=True, slots=True)
class OwnLink:
    """One of an account's links, as the page lists it."""

    public_id: uuid.UUID
    label: str
    linked_at: Any


@never_cache
@require_safe
@limited(QUESTIONS_FROM)
def start(request: HttpRequest, name: str) -> HttpResponse:
    """To the provider, with a question of our own."""
    provider = provider_named(name)
    if isinstance(request.user, Account):
        return redirect(start_page(request.user))
    if request.headers.get("Sec-Fetch-Site", "") in FROM_ELSEWHERE:
        # A page of somebody else's signs nobody in: people choose it on ours.
        return redirect("sign_in")
    then = safe_path(request, request.GET.get("next", "")[:LONGEST_PATH])
    return _sent(request, provider, purpose="sign_in", then=then)


@require_safe
@account_page
@recently_proved
@limited(QUESTIONS_FROM)
def start_link(request: HttpRequest, name: str) -> HttpResponse:
    """To the provider, to link what it answers to the account that is signed in."""
    account = account_of(request)
    return _sent(request, provider_named(name), purpose="link", account_id=account.pk)


@never_cache
@require_safe
@limited(ANSWERS_FROM)
def answer(request: HttpRequest, name: str) -> HttpResponse:
    """Back from the provider: believed when every part of it holds, else a kind page."""
    provider = provider_named(name)
    try:
        question = _question(request, provider)
        published = published_by(provider)
        code = code_of(request.GET, provider, published)
        found = told(code, question, published, now=time.time())
        who = presented(found, provider)
        if question.purpose == "link":
            return _held_for_link(request, question, who)
        return _entered(request, provider, question, who, found.id_token)
    except WrongAnswer as wrong:
        return _not_believed(request, provider, wrong)
    except Refusal as refusal:
        _leave_line(request, provider, refusal.code)
        return _told_gently(request, refusal, provider)


@never_cache
@require_POST
def open_account(request: HttpRequest) -> HttpResponse:
    """A new account with the identity that waits in this browser."""
    try:
        who = _waiting(request)
        opened = identify.open_account_with_identity(
            actor=actor_of(request),
            key=held_key(request),
            browser=known_browser(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _told_gently(request, refusal)
    account = Account.objects.get(pk=opened)
    return complete_sign_in(request, account, second_factor=who.second_factor)


@account_page
def confirm_link(request: HttpRequest) -> HttpResponse:
    """Whose identity it is, and the button that links it to the account."""
    try:
        who = _waiting(request)
        if request.method == "POST":
            link.link_identity(
                actor=actor_of(request),
                key=held_key(request),
                browser=known_browser(request),
                at=timezone.now(),
            )
            return redirect("identities")
    except Refusal as refusal:
        return _told_gently(request, refusal)
    return render(
        request,
        "soutien/identity/confirm.html",
        {"who": _described(who), "label": provider_named(who.provider).label},
    )


@require_safe
@account_page
def identities(request: HttpRequest) -> HttpResponse:
    """One's own links, to add and to take back."""
    return _own_links(request, account_of(request))


@require_POST
@account_page
@recently_proved
def unlink(request: HttpRequest, identity: uuid.UUID) -> HttpResponse:
    """Take a link back."""
    try:
        link.unlink_identity(actor=actor_of(request), identity=identity, at=timezone.now())
    except Refusal as refusal:
        return _told_gently(request, refusal)
    return redirect("identities")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Signed out here, then at the provider too for whoever came by one."""
    farewell = farewell_of(request)
    gone = signing_in.sign_out(request)
    return farewell_page(request, farewell) if farewell else gone


@never_cache
@require_safe
def farewell_back(request: HttpRequest, name: str) -> HttpResponse:
    """Back from signing out at the provider: there is nothing left to do."""
    provider_named(name)
    return redirect("home")


def _sent(
    request: HttpRequest,
    provider: Provider,
    *,
    purpose: str,
    then: str = "",
    account_id: int | None = None,
) -> HttpResponse:
    """The browser on its way, its question kept on our side."""
    ours = urlsplit(settings.ADDRESS)
    if request.get_host() != ours.netloc and HERE not in request.GET:
        # The answer comes back to our own address: the browser must be known there. Once only:
        # a proxy may not tell us the host that people see.
        query = request.GET.copy()
        query[HERE] = "1"
        return redirect(f"{settings.ADDRESS}{request.path}?{query.urlencode()}")
    try:
        endpoint = published_by(provider).endpoint("authorization_endpoint")
    except WrongAnswer as wrong:
        return _not_believed(request, provider, wrong)
    question = asking.asked(
        provider,
        purpose=purpose,
        redirect_uri=back_address(provider),
        language=translation.get_language() or "fr",
        then=then,
        account_id=account_id,
    )
    state = asking.random_token()
    identify.ask_provider(
        actor=actor_of(request),
        state=state,
        browser=browser_of(request),
        question=question.kept(),
        at=timezone.now(),
    )
    return redirect(asking.address_of(question, provider, endpoint, state))


def _question(request: HttpRequest, provider: Provider) -> asking.Question:
    """Our own question to this provider, taken once. Raises WrongAnswer or Refusal."""
    state = state_of(request.GET)
    kept = identify.take_answer(
        actor=actor_of(request), state=state, browser=known_browser(request), at=timezone.now()
    )
    question = asking.Question(**kept)
    translation.activate(question.language)
    if (question.provider, question.issuer) != (provider.name, provider.issuer):
        raise WrongAnswer("mixed_up")
    return question


def _entered(
    request: HttpRequest,
    provider: Provider,
    question: asking.Question,
    who: Presented,
    id_token: str,
) -> HttpResponse:
    """Signed in; or, for a person nobody knows yet, the two ways to go on."""
    at = timezone.now()
    try:
        opened = identify.sign_in_with_identity(
            actor=ANONYMOUS, presented=who, on=local(at, PARIS).date(), at=at
        )
    except Refusal as refusal:
        if refusal.code != "identity_not_known" or who.kind != PERSON:
            raise
        _leave_line(request, provider, refusal.code)
        link.hold_identity(
            actor=actor_of(request),
            presented=who,
            key=keep_held(request),
            browser=known_browser(request),
            at=at,
        )
        keep_farewell(request, provider, id_token)
        return render(
            request,
            "soutien/identity/not_known.html",
            {"who": _described(who), "label": provider.label},
        )
    account = Account.objects.get(pk=opened)
    entered = complete_sign_in(
        request, account, second_factor=who.second_factor, then=question.then
    )
    keep_farewell(request, provider, id_token)
    return entered


def _held_for_link(
    request: HttpRequest, question: asking.Question, who: Presented
) -> HttpResponse:
    """Nothing is linked before its owner says so on a page of ours."""
    if not isinstance(request.user, Account) or request.user.pk != question.account_id:
        raise Refusal("identity_answer_old")
    link.hold_identity(
        actor=actor_of(request),
        presented=who,
        key=keep_held(request),
        browser=known_browser(request),
        at=timezone.now(),
    )
    return redirect("identity_confirm")


def _waiting(request: HttpRequest) -> Presented:
    return link.open_held_identity(
        actor=actor_of(request),
        key=held_key(request),
        browser=known_browser(request),
        at=timezone.now(),
    )


def _own_links(request: HttpRequest, account: Account) -> HttpResponse:
    known = {provider.issuer: provider for provider in providers()}
    own = link.open_identities(actor=actor_of(request), at=timezone.now())
    linked = {row.issuer for row in own}
    kinds = [kind for kind, roles in ROLES_OF.items() if account.role in roles]
    shapes = {SHAPE_OF[kind] for kind in kinds}
    context = {
        "links": [
            OwnLink(
                row.public_id,
                known[row.issuer].label if row.issuer in known else row.provider,
                row.linked_at,
            )
            for row in own
        ],
        "choices": [
            provider
            for provider in providers()
            if provider.shape in shapes and provider.issuer not in linked
        ],
    }
    return render(request, "soutien/identity/identities.html", context)


def _described(who: Presented) -> str:
    """Whom the provider names, in the reader's words; never more than they know themselves."""
    if who.traits is not None:
        name = who.usual_name or who.traits.family_name
        return f"{' '.join(who.traits.given_names[:1])} {name}".strip()
    if who.rpps:
        return _("le numéro RPPS %(rpps)s") % {"rpps": who.rpps}
    return who.email


def _not_believed(request: HttpRequest, provider: Provider, wrong: WrongAnswer) -> HttpResponse:
    _leave_line(request, provider, wrong.code)
    if wrong.silent:
        code = "identity_provider_silent"
    elif wrong.code == "declined":
        code = "identity_declined"
    else:
        code = "identity_answer_wrong"
    return _told_gently(request, Refusal(code, provider=provider.label), provider)


def _leave_line(request: HttpRequest, provider: Provider, reason: str) -> None:
    identify.refuse_answer(
        actor=actor_of(request), provider=provider.name, reason=reason, at=timezone.now()
    )


def _told_gently(
    request: HttpRequest, refusal: Refusal, provider: Provider | None = None
) -> HttpResponse:
    language = translation.get_language() or "fr"
    context = {
        "sentence": refusal.sentence(language),
        "remedy": refusal.remedy(language),
        "reference": refusal.reference,
        "again": provider,
        "signed_in": request.user.is_authenticated,
    }
    page = render(request, "soutien/identity/refused.html", context, status=refusal.http_status)
    # The address of an answer holds a code, used by now; nobody else is told it.
    page["Referrer-Policy"] = "no-referrer"
    return page
