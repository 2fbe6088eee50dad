"""The members that an insurer told us of, and its files with what each changed."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from soutien.doors.files.members_file import NoMembers
from soutien.doors.members_import import import_members
from soutien.doors.web.actors import actor_of
from soutien.doors.web.components.days import in_french, plain_day
from soutien.doors.web.components.parts import Cell, Column, Table
from soutien.doors.web.private_pages import private_page
from soutien.registers.insurance import queries as insurance
from soutien.registers.insurance.models import Member, MembersFile
from soutien.steps.errors import Refusal
from soutien.steps.gather import last_day
from soutien.steps.insure import LINES_A_PAGE, list_members

UNCLEAR = 422
REASONS = {
    "unreadable": gettext_lazy("illisible"),
    "day": gettext_lazy("un jour n’en est pas un"),
    "period": gettext_lazy("la fin vient avant le début"),
    "nir": gettext_lazy("le numéro de sécurité sociale est faux"),
}


class MembersForm(forms.Form):
    """A file of members."""

    file = forms.FileField(
        label=gettext_lazy("Le fichier"),
        help_text=gettext_lazy(
            "CSV en UTF-8. Colonnes : numero, nom, prenom, naissance, nir, contrat, debut, fin. "
            "Au-delà de 5 Mo, demandez à l’opérateur du site."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": gettext_lazy("Il manque le fichier."),
            "empty": gettext_lazy("Il manque le fichier."),
        },
    )
    whole = forms.BooleanField(
        label=gettext_lazy("Il contient tous vos adhérents : les autres ne le sont plus"),
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def members(request: HttpRequest) -> HttpResponse:
    """The list as the last files say it; one more file."""
    actor, at = actor_of(request), timezone.now()
    form = MembersForm()
    status = 200
    if request.method == "POST":
        form = MembersForm(request.POST, request.FILES)
        status = UNCLEAR
        if form.is_valid():
            came: UploadedFile = form.cleaned_data["file"]
            digest = hashlib.sha256()
            for piece in came.chunks():
                digest.update(piece)
            came.seek(0)
            try:
                import_members(
                    came,
                    actor=actor,
                    insurer_code=actor.insurer_code,
                    digest=digest.hexdigest(),
                    whole=form.cleaned_data["whole"],
                    as_of=timezone.localtime(at).date(),
                    at=at,
                )
            except NoMembers:
                refusal = Refusal("members_file_wrong")
                lang = "fr" if in_french() else "en"
                form.add_error("file", f"{refusal.sentence(lang)} {refusal.remedy(lang)}")
            else:
                messages.success(request, _("Le fichier est lu : voyez ce qu’il a changé."))
                return redirect("insurer_members")
    asked = request.GET.get("page", "")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < len("1000000") else 1
    total, found = list_members(actor=actor, at=at, page=page)
    context: dict[str, Any] = {
        "form": form,
        "table": _table(found),
        "files": _files(list(insurance.files_of(actor.insurer_code)[:10])),
        "refused": _refused(actor.insurer_code),
        "total": total,
        "page": page,
        "pages": max(1, -(-total // LINES_A_PAGE)),
    }
    return render(request, "soutien/insurer/members.html", context, status=status)


def _table(found: tuple[Member, ...]) -> Table:
    columns = (
        Column(_("Numéro d’adhérent")),
        Column(_("Nom")),
        Column(_("Contrat")),
        Column(_("Depuis")),
        Column(_("Jusqu’au")),
    )
    rows = tuple(
        (
            Cell(member.member_number),
            Cell(f"{member.family_name} {member.given_name}".strip()),
            Cell(member.contract_code),
            Cell(plain_day(member.valid_from)),
            Cell(plain_day(until) if (until := last_day(member.valid_before)) else "—"),
        )
        for member in found
    )
    return Table(_("Vos adhérents"), columns, rows, _("Aucun adhérent n’est connu encore."))


def _files(found: list[MembersFile]) -> Table:
    columns = (
        Column(_("Lu le")),
        Column(_("Lignes"), number=True),
        Column(_("Nouveaux"), number=True),
        Column(_("Changés"), number=True),
        Column(_("Partis"), number=True),
        Column(_("Refusées"), number=True),
    )
    rows = tuple(
        (
            Cell(plain_day(timezone.localtime(one.begun_at).date())),
            Cell(str(one.lines)),
            Cell(str(one.added)),
            Cell(str(one.changed)),
            Cell(str(one.gone)),
            Cell(str(one.refused)),
        )
        for one in found
    )
    return Table(_("Fichiers lus"), columns, rows, _("Aucun fichier pour le moment."))


def _refused(insurer_code: str) -> list[str]:
    last = insurance.files_of(insurer_code).first()
    lines = last.refused_lines.order_by("number")[:50] if last else ()
    missing = _("une colonne est vide")
    return [
        _("Ligne %(number)s : %(why)s")
        % {"number": line.number, "why": REASONS.get(line.reason, missing)}
        for line in lines
    ]
