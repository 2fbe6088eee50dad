"""The address of the page behind a confirmation mail."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.directory_entry import views

urlpatterns = [path("fiche/<str:token>", views.confirm_entry, name="confirm_entry")]
