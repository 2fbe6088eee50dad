"""Addresses of one's own data."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.own_data import access, changes, consents, pages, requests

urlpatterns = [
    path("mes-donnees", pages.overview, name="own_data"),
    path("mes-donnees/acces", access.accesses, name="own_accesses"),
    path("mes-donnees/accords", consents.consents, name="own_consents"),
    path("mes-donnees/coordonnees", changes.contact, name="own_contact"),
    path("mes-donnees/identite", changes.identity, name="own_identity"),
    path("mes-donnees/identite/demande", requests.correction, name="own_correction"),
    path("mes-donnees/effacer", changes.erase, name="own_erase"),
    path("mes-donnees/tout.json", pages.everything_as_json, name="own_data_json"),
    path("mes-donnees/tout.pdf", pages.everything_on_paper, name="own_data_pdf"),
    path("mes-donnees/tout.zip", pages.everything_together, name="own_data_zip"),
]
