"""One page: the keys of the account, a new one (shown once), and the end of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from soutien.doors.days import in_french
from soutien.doors.web.actors import SECOND_FACTOR_AT
from soutien.doors.web.security.pages import account_of, account_page, recently_proved
from soutien.doors.web.sent_twice import done_once
from soutien.doors.web.signing_in.complete import account_actor
from soutien.registers.api_keys import queries as api_keys
from soutien.steps.actor import Actor
from soutien.steps.entrust import make_api_key, revoke_api_key
from soutien.steps.errors import Refusal

PAGE = "soutien/api_keys/keys.html"
LONGEST_NAME = 60
FORM_WRONG = 422
RIGHTS = {
    "read": gettext_lazy("lire mon année et mes demandes"),
    "book": gettext_lazy("prendre, déplacer et annuler des rendez-vous"),
    "claim": gettext_lazy("envoyer des feuilles de soins"),
}
DAYS = {
    "30": gettext_lazy("30 jours"),
    "90": gettext_lazy("90 jours"),
    "365": gettext_lazy("un an"),
}


class KeyForm(forms.Form):
    """What the program is called, what it may do, for how long."""

    name = forms.CharField(
        label=gettext_lazy("Nom du programme"),
        help_text=gettext_lazy("Pour reconnaître cette clé plus tard : « logiciel du cabinet »."),
        max_length=LONGEST_NAME,
        error_messages={
            "required": gettext_lazy("Donnez un nom à cette clé."),
            "max_length": gettext_lazy("Ce nom est trop long : raccourcissez-le."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Ce qu’il peut faire"),
        help_text=gettext_lazy("Jamais plus que votre compte."),
        choices=list(RIGHTS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choisissez au moins un droit.")},
    )
    days = forms.ChoiceField(label=gettext_lazy("Pendant"), choices=list(DAYS.items()))


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key, in words."""

    public_id: UUID
    name: str
    rights: str
    valid_before: datetime
    last_used_on: date | None


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
@recently_proved
def keys(request: HttpRequest) -> HttpResponse:
    """The keys for programs; a new one is shown once, here and never again."""
    at, status, text = timezone.now(), 200, ""
    form = KeyForm(request.POST if "make" in request.POST else None)
    if request.method == "POST" and "end" in request.POST:
        return _ended(request, at)
    if request.method == "POST":
        status = FORM_WRONG
        if form.is_valid():
            try:
                text, status = _made(request, form, at), 200
                form = KeyForm()
            except Refusal as refusal:
                lang = "fr" if in_french() else "en"
                form.add_error(None, f"{refusal.sentence(lang)} {refusal.remedy(lang)}")
                status = refusal.http_status
    context = {"form": form, "lines": _lines(request, at), "text": text}
    return render(request, PAGE, context, status=status)


def _actor(request: HttpRequest) -> Actor:
    return replace(
        account_actor(account_of(request)), second_factor=SECOND_FACTOR_AT in request.session
    )


def _made(request: HttpRequest, form: KeyForm, at: datetime) -> str:
    """The text of a new key; none when the very form made one already."""
    told: dict[str, Any] = form.cleaned_data
    shown: list[str] = []

    def make() -> str:
        row, text = make_api_key(
            actor=_actor(request),
            account_id=account_of(request).pk,
            name=told["name"],
            scopes=told["scopes"],
            valid_before=at + timedelta(days=int(told["days"])),
            at=at,
        )
        shown.append(text)
        return str(row.public_id)

    done_once(request, make, at=at)
    if not shown:
        messages.info(
            request,
            _("Cette clé est déjà créée, et ne se montre qu’une fois. Au besoin, remplacez-la."),
        )
    return "".join(shown)


def _ended(request: HttpRequest, at: datetime) -> HttpResponse:
    try:
        public_id = UUID(request.POST["end"])
    except ValueError:
        raise Refusal("not_found") from None
    row = revoke_api_key(actor=_actor(request), key_id=public_id, at=at)
    messages.success(request, _("La clé « %(name)s » n’ouvre plus rien.") % {"name": row.name})
    return redirect("security_api_keys")


def _lines(request: HttpRequest, at: datetime) -> list[KeyLine]:
    return [
        KeyLine(
            row.public_id,
            row.name,
            ", ".join(str(words) for scope, words in RIGHTS.items() if scope in row.opens),
            row.valid_before,
            row.last_used_on,
        )
        for row in api_keys.of_account(account_of(request).pk, at=at)
    ]
