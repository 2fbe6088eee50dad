"""The address of the keys for programs, beside « Ma sécurité »."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [path("securite/programmes", views.keys, name="security_api_keys")]
