"""Addresses of the fund's pages."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.fund import anomalies, corrections, views, work

urlpatterns = [
    path("caisse", views.claims, name="fund_claims"),
    path("caisse/travail", work.work, name="fund_work"),
    path("caisse/travail/suivante", work.following, name="fund_next"),
    path("caisse/verifier", anomalies.listed, name="fund_anomalies"),
    path("caisse/corrections", corrections.corrections, name="fund_corrections"),
    path("caisse/corrections/<uuid:public_id>", corrections.correction, name="fund_correction"),
    path("caisse/demandes/<uuid:public_id>", views.claim, name="fund_claim"),
]
