"""Signing in by a link, opening an account, choosing a new password: all start from a mailbox.

What is asked answers the same for every address: whether it has an account is told by mail only.
A link opens a page with a button, so that whatever reads mails before their owner uses none up.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from soutien.doors.sign_in_links import link_id_of
from soutien.doors.web.actors import VISITOR_PERSON, actor_of, is_visitor
from soutien.doors.web.limits import address_of, spend, too_often
from soutien.doors.web.signing_in.complete import complete_sign_in
from soutien.doors.web.signing_in.forms import (
    AddressAndPasswordForm,
    AddressForm,
    JoinForm,
    NewPasswordForm,
)
from soutien.doors.web.signing_in.rates import ELSEWHERE, LINKS_FROM, LINKS_TO
from soutien.doors.web.signing_in.views import METHODS, UNCLEAR, asked_for, page_language
from soutien.registers.accounts import mail_links
from soutien.registers.accounts import queries as accounts
from soutien.registers.accounts.models import Account, LinkKind, MailLink
from soutien.steps.booked_before import booked_person
from soutien.steps.enter import Newcomer, ask_for_link, follow_link
from soutien.steps.enter import open_account as open_account_step
from soutien.steps.errors import Refusal
from soutien.steps.link_of_a_request import Asked, same_browser
from soutien.steps.protect import confirm_new_email, replace_password

BROWSER = "link_browser"


@never_cache
@require_http_methods(METHODS)
def ask_link(request: HttpRequest) -> HttpResponse:
    """A link to sign in, without any password."""
    return ask_by_mail(request, LinkKind.SIGN_IN, "soutien/signing_in/ask_link.html")


@never_cache
@require_http_methods(METHODS)
def forgot_password(request: HttpRequest) -> HttpResponse:
    """A link to choose another password."""
    return ask_by_mail(request, LinkKind.PASSWORD, "soutien/signing_in/forgot.html")


@never_cache
@require_http_methods(METHODS)
def join(request: HttpRequest) -> HttpResponse:
    """A link to open an account."""
    context = {"booked_here": is_visitor(request)}
    return ask_by_mail(request, LinkKind.JOIN, "soutien/signing_in/join.html", context)


@never_cache
@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    """The same page whatever was asked, and for whom."""
    return render(request, "soutien/signing_in/link_sent.html")


@never_cache
@require_http_methods(METHODS)
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """A link that signs in: its button uses it."""
    link = _good(LinkKind.SIGN_IN, token)
    if link is None or link.account is None:
        return link_is_over(request)
    form = _where_it_was_asked(request, link)
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            _count_guess(link, form)
            account, then = follow_link(
                actor=actor_of(request),
                public_id=link.public_id,
                asked=_asked(request, form),
                at=timezone.now(),
            )
        except Refusal as refusal:
            answer = _told(request, refusal, form)
            if answer is not None:
                return answer
        else:
            return complete_sign_in(request, account, second_factor=False, how="link", then=then)
    context = {"form": form, "email": "" if form else link.email}
    if form is None:
        return render(request, "soutien/signing_in/open_link.html", context)
    return form_page(request, "soutien/signing_in/open_link.html", form, context)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(METHODS)
def join_finish(request: HttpRequest, token: str) -> HttpResponse:
    """Open an account on an address whose mailbox was opened."""
    link = _good(LinkKind.JOIN, token)
    if link is None or link.account_id is not None:
        return link_is_over(request)
    booked = booked_person(link, _browser_digest(request))
    form = JoinForm(
        request.POST or None, known=booked is not None, account=Account(email=link.email)
    )
    if request.method == "POST" and form.is_valid():
        try:
            account = open_account_step(
                actor=actor_of(request),
                public_id=link.public_id,
                password=form.cleaned_data["password"],
                newcomer=None if booked else _newcomer(form),
                browser=_browser_digest(request),
                at=timezone.now(),
            )
        except Refusal:
            return link_is_over(request)
        messages.success(request, _("Votre compte est ouvert."))
        return complete_sign_in(request, account, second_factor=False, how="link")
    context = {
        "form": form,
        "email": link.email,
        "keeps_bookings": booked is not None,
        "booked_elsewhere": link.person_id is not None and booked is None,
    }
    return form_page(request, "soutien/signing_in/join_finish.html", form, context)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(METHODS)
def reset_password(request: HttpRequest, token: str) -> HttpResponse:
    """Choose another password; every other browser is signed out."""
    link = _good(LinkKind.PASSWORD, token)
    if link is None or link.account is None:
        return link_is_over(request)
    here = same_browser(link, _browser_digest(request))
    form_class = NewPasswordForm if here else AddressAndPasswordForm
    form = form_class(request.POST or None, account=link.account)
    if request.method == "POST" and form.is_valid():
        try:
            _count_guess(link, None if here else form)
            account = replace_password(
                actor=actor_of(request),
                public_id=link.public_id,
                asked=_asked(request, form),
                password=form.cleaned_data["password"],
                at=timezone.now(),
            )
        except Refusal as refusal:
            answer = _told(request, refusal, form)
            if answer is not None:
                return answer
        else:
            messages.success(request, _("Votre mot de passe est changé."))
            return complete_sign_in(request, account, second_factor=False, how="link")
    context = {"form": form, "email": link.email if here else "", "elsewhere": not here}
    return form_page(request, "soutien/signing_in/reset.html", form, context)


@never_cache
@require_http_methods(METHODS)
def confirm_email(request: HttpRequest, token: str) -> HttpResponse:
    """The new address of an account: its button confirms it."""
    link = _good(LinkKind.EMAIL, token)
    if link is None or accounts.by_email(link.email) is not None:
        return link_is_over(request)
    if request.method == "POST":
        try:
            confirm_new_email(actor=actor_of(request), public_id=link.public_id, at=timezone.now())
        except Refusal:
            return link_is_over(request)
        messages.success(request, _("Votre adresse est changée : elle sert à vous connecter."))
        return redirect("security" if isinstance(request.user, Account) else "sign_in")
    return render(request, "soutien/signing_in/confirm_email.html", {"email": link.email})


def ask_by_mail(
    request: HttpRequest, kind: LinkKind, template: str, more: dict[str, Any] | None = None
) -> HttpResponse:
    """The form that sends a link, and the same answer for every address."""
    form = AddressForm(request.POST or None)
    then = asked_for(request)
    if request.method == "POST" and form.is_valid():
        email, at = form.cleaned_data["email"], timezone.now()
        try:
            spend(LINKS_FROM, address_of(request), at=at)
            spend(LINKS_TO, email, at=at)
        except Refusal as refusal:
            return too_often(request, refusal)
        visitor = request.session.get(VISITOR_PERSON) if kind == LinkKind.JOIN else None
        request.session.setdefault(BROWSER, secrets.token_urlsafe())
        ask_for_link(
            actor=actor_of(request),
            email=email,
            kind=kind,
            language=page_language(),
            browser=_browser_digest(request),
            visitor_person_id=visitor,
            then=then,
            at=at,
        )
        return redirect("link_sent")
    return form_page(request, template, form, {"form": form, "next": then, **(more or {})})


def form_page(
    request: HttpRequest, template: str, form: Any, context: dict[str, Any]
) -> HttpResponse:
    """A page with a form, and the status of what is missing in it."""
    return render(request, template, context, status=UNCLEAR if form.errors else 200)


def _good(kind: LinkKind, token: str) -> MailLink | None:
    public_id: UUID | None = link_id_of(kind, token)
    if public_id is None:
        return None
    return mail_links.good(public_id, kind, at=timezone.now())


def link_is_over(request: HttpRequest) -> HttpResponse:
    """One page for a link that was used, is too old, or never was."""
    refusal = Refusal("link_over")
    lang = page_language()
    context = {"sentence": refusal.sentence(lang), "remedy": refusal.remedy(lang)}
    return render(
        request, "soutien/signing_in/link_over.html", context, status=refusal.http_status
    )


def _where_it_was_asked(request: HttpRequest, link: MailLink) -> AddressForm | None:
    """Nothing more to say in the browser that asked; elsewhere, the address once more."""
    if same_browser(link, _browser_digest(request)):
        return None
    return AddressForm(request.POST or None)


def _count_guess(link: MailLink, form: Form | None) -> None:
    """An address typed to use a link is counted. Refuses ``too_often``."""
    if form is not None:
        spend(ELSEWHERE, str(link.public_id), at=timezone.now())


def _asked(request: HttpRequest, form: Form | None) -> Asked:
    email = form.cleaned_data.get("email", "") if form is not None else ""
    return Asked(browser=_browser_digest(request), email=email)


def _told(request: HttpRequest, refusal: Refusal, form: Form | None) -> HttpResponse | None:
    """The page of a refusal, or nothing once the form says it."""
    if refusal.code == "too_often":
        return too_often(request, refusal)
    if refusal.code != "link_elsewhere" or form is None:
        return link_is_over(request)
    lang = page_language()
    form.add_error("email", f"{refusal.sentence(lang)} {refusal.remedy(lang)}")
    return None


def _newcomer(form: JoinForm) -> Newcomer:
    told = form.cleaned_data
    return Newcomer(
        given_name=" ".join(told["given_name"].split()),
        family_name=" ".join(told["family_name"].split()),
        birth_date=told["birth_date"],
        language=page_language(),
    )


def _browser_digest(request: HttpRequest) -> str:
    """This browser as a link remembers it; empty when it never asked for one."""
    key = request.session.get(BROWSER, "")
    return hashlib.sha256(key.encode()).hexdigest() if key else ""
