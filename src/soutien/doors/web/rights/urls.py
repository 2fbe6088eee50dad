"""Addresses of the pages of rights."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.rights import fund_views, own_views

urlpatterns = [
    path("mes-droits", own_views.own, name="own_rights"),
    path("caisse/droits", fund_views.search, name="fund_rights"),
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
    path("caisse/droits/<uuid:public_id>", fund_views.person, name="fund_person_rights"),
    path("caisse/droits/<uuid:public_id>/<uuid:right_id>", fund_views.right, name="fund_right"),
]
