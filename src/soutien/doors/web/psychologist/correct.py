"""Telling a closed session anew: a correction is one more entry, the former one stays."""

from __future__ import annotations

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
from soutien.doors.web.private_pages import private_page
from soutien.doors.web.psychologist.agenda import row_of
from soutien.doors.web.psychologist.forms import HELD, MISSED, CloseForm
from soutien.registers.claims import queries as claims
from soutien.steps.errors import Refusal
from soutien.steps.look import open_line
from soutien.steps.meet import correct_session
from soutien.steps.views import DayLine, DayView, SessionView

UNCLEAR = 422
WHY = {
    "attendance": gettext_lazy("la séance a eu lieu, ou non"),
    "modality": gettext_lazy("au cabinet ou en visio"),
    "duration": gettext_lazy("la durée"),
    "ground": gettext_lazy("ce à quoi elle est liée"),
    "other": gettext_lazy("autre chose"),
}
_CHOOSE = gettext_lazy("Dites ce que vous corrigez.")


class CorrectForm(CloseForm):
    """The form of closing, filled with what was told, and why it is told anew."""

    corrected_for = forms.ChoiceField(
        label=gettext_lazy("Ce que vous corrigez"),
        choices=[("", gettext_lazy("à choisir")), *WHY.items()],
        error_messages={"required": _CHOOSE, "invalid_choice": _CHOOSE},
    )

    def __init__(self, data: Any = None, *, view: DayView, session: SessionView) -> None:
        line = view.lines[0]
        super().__init__(data, line=line, usual_fund_code=view.usual_fund_code, asks_rights=False)
        self.sent = session.sheet_to_correct or session.claim_public_id is not None
        self.initial.update(
            {
                "outcome": HELD if session.performed else MISSED,
                "modality": session.modality,
                "missed_by": session.missed_by,
                "told_on": session.told_on,
                "linked_to": session.linked_to,
                "prescribed": session.prescribed,
            }
        )
        if session.performed:
            self.initial["minutes"] = session.duration_minutes
        if self.sent:
            # The fund has a sheet: it is not signed anew here.
            for name in ("signed_by_psychologist", "signed_by_person", "cannot_sign"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """As for closing; nothing is signed when the sheet is at the fund already."""
        return self.cleaned_data if self.sent else super().clean()


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def correct(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One closed session, to be told anew."""
    view = open_line(actor=actor_of(request), booking_id=public_id, at=timezone.now())
    line = view.lines[0]
    if line.session is None:
        raise Http404
    form = CorrectForm(
        request.POST if request.method == "POST" else None, view=view, session=line.session
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _corrected(request, line, form)
        except Refusal as refusal:
            form.tell(refusal)
    context = {"row": row_of(line, several_places=True), "line": line, "form": form}
    status = UNCLEAR if request.method == "POST" else 200
    return render(request, "soutien/psychologist/correct.html", context, status=status)


def _corrected(request: HttpRequest, line: DayLine, form: CorrectForm) -> HttpResponse:
    told = form.cleaned_data
    session = correct_session(
        actor=actor_of(request),
        booking_id=line.booking.public_id,
        corrected_for=told["corrected_for"],
        performed=form.held,
        modality=form.said_modality,
        signatures=form.signatures(),
        rights=form.rights() if form.held else None,
        nir=(told.get("nir") or None) if form.held else None,
        at=timezone.now(),
        linked_to=told.get("linked_to", ""),
        prescribed=bool(told.get("prescribed")),
        third_party_requested=bool(told.get("third_party_requested")),
        course=form.course(),
    )
    sheet = claims.sheet_of_session(session.pk)
    if form.sent:
        said = _(
            "C’est corrigé ici. La caisse a encore l’ancienne feuille : il lui en faut une autre."
        )
    elif sheet is None:
        said = _("C’est corrigé. L’ancienne feuille, s’il y en avait une, ne vaut plus.")
    else:
        said = _("C’est corrigé, et une nouvelle feuille de soins est établie.")
    messages.success(request, said)
    if sheet is not None:
        return redirect("sheet", sheet.public_id)
    return redirect("day_of", line.booking.civil_day)
