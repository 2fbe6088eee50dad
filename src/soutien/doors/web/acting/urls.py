"""The address where one chooses for whom to act."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.acting import views

urlpatterns = [path("agir-pour", views.acting, name="acting")]
