"""Addresses of what is written in care."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.writings import author_views, doctor_views, views

urlpatterns = [
    path("medecins/courrier", doctor_views.doctor_letter, name="doctor_letter"),
    path("medecins/courrier.pdf", doctor_views.doctor_letter_pdf, name="doctor_letter_pdf"),
    path("medecin/courriers", doctor_views.own_letters, name="own_letters"),
    path(
        "medecin/courriers/<uuid:public_id>.pdf",
        doctor_views.own_letter_pdf,
        name="own_letter_pdf",
    ),
    path("courriers/<uuid:public_id>", views.letter, name="letter"),
    path("courriers/<uuid:public_id>.pdf", views.letter_pdf, name="letter_pdf"),
    path("courriers/<uuid:public_id>.json", views.letter_json, name="letter_json"),
    path("ecrits/<uuid:public_id>", views.writing, name="writing"),
    path("ecrits/<uuid:public_id>.pdf", views.writing_pdf, name="writing_pdf"),
    path("ecrits/<uuid:public_id>.json", views.writing_json, name="writing_json"),
    path("ecrits/<uuid:public_id>/corriger", author_views.rewrite, name="rewrite"),
    path("ecrits/<uuid:public_id>/parents", views.parents, name="writing_parents"),
    path("ecrits/<uuid:public_id>/remettre", author_views.hand_over, name="hand_over"),
    path(
        "cabinet/rendez-vous/<uuid:public_id>/formulaires/<slug:which>.pdf",
        author_views.blank_form_pdf,
        name="blank_form_pdf",
    ),
    path(
        "cabinet/rendez-vous/<uuid:public_id>/ecrits/<slug:kind>",
        author_views.write,
        name="write",
    ),
    path(
        "cabinet/rendez-vous/<uuid:public_id>/ecrits",
        views.visit_writings,
        name="visit_writings",
    ),
]
