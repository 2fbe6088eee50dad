"""Addresses of paper sheets and receipts."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.papers import receipts, typing

urlpatterns = [
    path("caisse/feuilles", typing.papers, name="fund_papers"),
    path("caisse/feuilles/saisir", typing.begin, name="fund_paper_begin"),
    path("caisse/feuilles/<uuid:public_id>", typing.paper, name="fund_paper"),
    path("caisse/feuilles/<uuid:public_id>/corriger", typing.again, name="fund_paper_again"),
    path("recepisses", receipts.search, name="receipts"),
    path("recepisses/<uuid:public_id>", receipts.receipt, name="receipt"),
]
