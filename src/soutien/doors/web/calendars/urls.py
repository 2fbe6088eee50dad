"""Addresses of the calendar pages. What calendars read has no language: machine_urls.py."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.calendars import views

urlpatterns = [
    path("mon-annee/calendrier", views.own_calendar, name="own_calendar"),
    path("cabinet/calendriers", views.calendars_of_practice, name="calendars_of_practice"),
]
