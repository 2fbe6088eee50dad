"""Addresses of the pages of rights."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.rights import check_views, fund_views, own_views

urlpatterns = [
    path("mes-droits", own_views.own, name="own_rights"),
    path("caisse/droits", fund_views.search, name="fund_rights"),
    path("caisse/droits/nouvelle-personne", fund_views.admit, name="fund_admit"),
    path(
        "caisse/droits/declarations/<uuid:public_id>",
        fund_views.declaration,
        name="fund_declaration",
    ),
    path(
        "caisse/droits/declarations/<uuid:public_id>/attestation",
        fund_views.certificate,
        name="fund_certificate",
    ),
    path("caisse/droits/reponses", check_views.checks, name="fund_checks"),
    path("caisse/droits/reponses/<uuid:public_id>", check_views.check, name="fund_check"),
    path("caisse/droits/<uuid:public_id>/interroger", check_views.ask, name="fund_ask_rights"),
    path("caisse/droits/<uuid:public_id>", fund_views.person, name="fund_person_rights"),
    path("caisse/droits/<uuid:public_id>/<uuid:right_id>", fund_views.right, name="fund_right"),
]
