"""Addresses of the care sheet."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.sheets import views
from soutien.doors.web.sheets.accounts import own_accounts

urlpatterns = [
    path("feuilles/comptes.csv", own_accounts, name="own_accounts"),
    path("feuilles/<uuid:public_id>", views.sheet, name="sheet"),
    path("feuilles/<uuid:public_id>.pdf", views.sheet_pdf, name="sheet_pdf"),
    path("feuilles/<uuid:public_id>.json", views.sheet_json, name="sheet_json"),
    path("feuilles/<uuid:public_id>/reunir", views.gather, name="gather_sheet"),
    path("feuilles/<uuid:public_id>/envoyer", views.send, name="send_sheet"),
]
