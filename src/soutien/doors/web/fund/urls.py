"""Addresses of the fund's pages."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.fund import views

urlpatterns = [
    path("caisse", views.claims, name="fund_claims"),
    path("caisse/demandes/<uuid:public_id>", views.claim, name="fund_claim"),
]
