"""Addresses of the demo's mailbox."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.mailbox import views

urlpatterns = [
    path("dev/boite", views.mailbox, name="mailbox"),
    path("dev/boite/<uuid:key>.ics", views.mailbox_calendar, name="mailbox_calendar"),
]
