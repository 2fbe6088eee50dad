"""Every component on one page, for those who build pages. Only where DEBUG is on."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate

from soutien.doors.web.components.beads import beads_of_year
from soutien.doors.web.components.icons import ICONS
from soutien.doors.web.components.parts import Cell, Column, Event, Figure, Table


class SampleForm(forms.Form):
    """One field of each kind."""

    place = forms.CharField(label="Où êtes-vous ?", help_text="Une ville ou un code postal.")
    born = forms.DateField(
        label="Votre jour de naissance",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Il manque le jour de naissance."},
    )
    scheme = forms.ChoiceField(
        label="Votre caisse", choices=[("cpam", "CPAM"), ("msa", "MSA")], required=False
    )
    how = forms.ChoiceField(
        label="Comment préférez-vous venir ?",
        widget=forms.RadioSelect,
        choices=[("in_person", "Au cabinet"), ("remote", "En visio")],
        error_messages={"required": "Choisissez une façon de venir."},
    )
    languages = forms.MultipleChoiceField(
        label="Langues",
        widget=forms.CheckboxSelectMultiple,
        choices=[("fr", "français"), ("ar", "arabe"), ("lsf", "langue des signes")],
        required=False,
    )
    discreet = forms.BooleanField(
        label="Messages discrets",
        help_text="Nos messages ne disent pas de quoi il s’agit.",
        required=False,
    )
    note = forms.CharField(
        label="Un mot", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )


def gallery(request: HttpRequest) -> HttpResponse:
    """The components in both rhythms: ``?work=1`` shows the dense one."""
    year = localdate().year
    return render(
        request,
        "soutien/gallery.html",
        {
            "work": "work" in request.GET,
            "form": SampleForm(),
            "wrong": SampleForm({"place": "Craponne"}, prefix="wrong"),
            "years": [
                beads_of_year(civil_year=year, cap=12, used=4, booked=2, refused=1),
                beads_of_year(civil_year=year, cap=12, used=0, booked=0),
                beads_of_year(civil_year=year, cap=12, used=12, booked=0),
                beads_of_year(civil_year=year, cap=20, used=14, booked=1, refused=2),
                beads_of_year(civil_year=year, cap=8, used=2, booked=1, evaluation_taken=False),
                beads_of_year(civil_year=year, cap=None, used=15, booked=2),
            ],
            "figures": [
                Figure("Prix de la séance", "50 €", "Le même partout en France."),
                Figure("À payer sur place", "20 €", "Votre caisse paie le reste."),
                Figure("À la fin, pour vous", "0 €", "Votre mutuelle rend ces 20 €."),
            ],
            "table": Table(
                "Demandes reçues",
                (Column("Reçue le"), Column("Demande"), Column("État"), Column("Montant", True)),
                (
                    (
                        Cell("3 novembre 2026"),
                        Cell("A1B2", href="#"),
                        Cell("acceptée", tag="ok"),
                        Cell("30 €"),
                    ),
                    (
                        Cell("5 novembre 2026"),
                        Cell("C3D4", href="#"),
                        Cell("refusée", tag="danger"),
                        Cell("0 €"),
                    ),
                ),
            ),
            "events": [
                Event("3 novembre, 9:00", "Séance tenue", "Au cabinet.", "done"),
                Event("4 novembre, 14:12", "Demande reçue par la caisse", "", "done"),
                Event("Sous sept jours", "Paiement"),
            ],
            "icons": sorted(ICONS),
        },
    )
