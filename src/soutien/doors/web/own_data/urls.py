"""Addresses of one's own data."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.own_data import access

urlpatterns = [path("mes-donnees/acces", access.accesses, name="own_accesses")]
