"""Addresses read by machines: no language, no session."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.health import health

urlpatterns = [path("health", health, name="health")]
