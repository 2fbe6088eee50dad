"""Addresses of a child's consents. None says what the appointment is about."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.guardians import booking_views, link_views, space_views, visit_views

urlpatterns = [
    path("rendez-vous/<str:token>/accords", booking_views.consents, name="booking_consents"),
    path("accord/<str:token>", link_views.asked, name="consent_link"),
    path("accord/<str:token>/<uuid:public_id>.pdf", link_views.paper, name="consent_paper"),
    path(
        "cabinet/rendez-vous/<uuid:public_id>/accords",
        visit_views.consents,
        name="visit_consents",
    ),
    path("cabinet/personnes/<uuid:public_id>/espace", space_views.offer, name="patient_space"),
    path("compte/espace/<str:token>", space_views.take, name="open_own_space"),
    path("cabinet/accords/<uuid:public_id>/papier", visit_views.holder_paper, name="holder_paper"),
    path("cabinet/accords/<uuid:public_id>.pdf", visit_views.signature, name="visit_signature"),
]
