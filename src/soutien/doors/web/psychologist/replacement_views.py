"""A psychologist says who does their daily work on some days, and ends it earlier."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import plain_day
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.arrange_hours import ComingDayField, from_today
from soutien.doors.web.psychologist.arrange_views import FORM_WRONG, tell
from soutien.doors.web.psychologist.views import own_id
from soutien.doors.web.sent_twice import done_once
from soutien.registers.psychologists import replacements
from soutien.registers.psychologists.models import Psychologist, Replacement
from soutien.steps.errors import Refusal
from soutien.steps.shown import name_of
from soutien.steps.stand_in import end_replacement, list_replacements, record_replacement

ONE_DAY = timedelta(days=1)
LONGEST_NUMBER = 20
_UNKNOWN = gettext_lazy("Personne n’a ce numéro ici. Vérifiez les onze chiffres.")


class ReplacementForm(forms.Form):
    """Who, and which days. The name is shown before anything is opened to them."""

    rpps = forms.CharField(
        label=gettext_lazy("Son numéro RPPS"),
        help_text=gettext_lazy("Onze chiffres. Nous vous montrons son nom avant d’ouvrir."),
        max_length=LONGEST_NUMBER,
        error_messages={"required": gettext_lazy("Il manque son numéro RPPS.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    first_day = ComingDayField(
        label=gettext_lazy("Premier jour"),
        required_words=gettext_lazy("Indiquez le premier jour."),
    )
    last_day = ComingDayField(
        label=gettext_lazy("Dernier jour"),
        required_words=gettext_lazy("Indiquez le dernier jour."),
    )
    sure = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        from_today(self, today)
        self.found: Psychologist | None = None

    def clean_rpps(self) -> str:
        number = "".join(str(self.cleaned_data["rpps"]).split())
        self.found = replacements.by_rpps(number) if number else None
        if self.found is None:
            raise forms.ValidationError(_UNKNOWN, "unknown")
        return number

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        first, last = told.get("first_day"), told.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("Le dernier jour vient avant le premier."))
        return told

    @property
    def confirmed(self) -> bool:
        """Whether the name of the very person was shown, and agreed to."""
        return self.found is not None and self.cleaned_data.get("sure") == self.found.public_id


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def replacements_page(request: HttpRequest) -> HttpResponse:
    """Who stands in, one more after their name was shown, or one less."""
    actor, now, today = actor_of(request), timezone.now(), timezone.localdate()
    if "end" in request.POST:
        end_replacement(actor=actor, replacement_id=_ended(request), ends_on=today, at=now)
        messages.success(request, _("C’est terminé : cette personne n’ouvre plus votre agenda."))
        return redirect("replacements")
    form = ReplacementForm(request.POST if request.method == "POST" else None, today=today)
    asks = None
    if form.is_bound and form.is_valid():
        if form.confirmed:
            try:
                done_once(request, lambda: _recorded(request, form), at=now)
            except Refusal as refusal:
                tell(form, refusal)
            else:
                messages.success(request, _("C’est enregistré. Rien d’autre n’est à faire."))
                return redirect("replacements")
        else:
            asks = form.found
    found = list_replacements(actor=actor, psychologist_id=own_id(request), on=today, at=now)
    told = {
        "form": form,
        "asks": asks and {"name": name_of(asks), "sure": asks.public_id},
        "lines": [_line(row) for row in found],
    }
    status = FORM_WRONG if form.errors else 200
    return render(request, "soutien/psychologist/replacements.html", told, status=status)


def _recorded(request: HttpRequest, form: ReplacementForm) -> str:
    assert form.found is not None
    row = record_replacement(
        actor=actor_of(request),
        replaced_id=own_id(request),
        replacing_id=form.found.pk,
        valid_from=form.cleaned_data["first_day"],
        valid_before=form.cleaned_data["last_day"] + ONE_DAY,
        at=timezone.now(),
    )
    return str(row.public_id)


def _ended(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST["end"])
    except ValueError as wrong:
        raise Http404 from wrong


def _line(row: Replacement) -> dict[str, Any]:
    days = {
        "first": plain_day(row.valid_from),
        "last": plain_day(row.valid_before - ONE_DAY),
    }
    return {
        "id": row.public_id,
        "name": name_of(row.replacing),
        "when": _("du %(first)s au %(last)s") % days,
    }
