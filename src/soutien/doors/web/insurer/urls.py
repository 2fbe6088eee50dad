"""Addresses of the insurer's pages."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.insurer import contracts, members, parts

urlpatterns = [
    path("complementaire", parts.parts, name="insurer_parts"),
    path("complementaire/retours.csv", parts.returns, name="insurer_returns"),
    path("complementaire/demandes/<uuid:public_id>", parts.part, name="insurer_part"),
    path("complementaire/adherents", members.members, name="insurer_members"),
    path("complementaire/contrats", contracts.contracts, name="insurer_contracts"),
]
