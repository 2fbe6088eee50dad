"""Addresses of the care itself. None says who it is about, nor why."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.care_path import hand_over_views, note_views, own_views, views

urlpatterns = [
    path("cabinet/personnes", views.patients, name="patients"),
    path("cabinet/personnes/<uuid:public_id>", views.care, name="care"),
    path("cabinet/personnes/<uuid:public_id>/notes", note_views.notes, name="notes"),
    path("cabinet/personnes/<uuid:public_id>/notes.pdf", note_views.as_pdf, name="notes_pdf"),
    path("cabinet/personnes/<uuid:public_id>/notes.txt", note_views.as_text, name="notes_text"),
    path("cabinet/notes/<uuid:public_id>", note_views.note, name="note"),
    path("mon-parcours/relais/<uuid:public_id>", hand_over_views.hand_over, name="pass_on"),
    path("mon-parcours", own_views.own_care, name="own_care"),
]
