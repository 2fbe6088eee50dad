"""Addresses of papers."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.documents import views

urlpatterns = [
    path("mes-documents", views.own_documents, name="own_documents"),
    path("documents/<uuid:public_id>", views.document, name="document"),
    path(
        "cabinet/rendez-vous/<uuid:public_id>/documents",
        views.visit_documents,
        name="visit_documents",
    ),
]
