"""Addresses of « Ma sécurité »."""

from __future__ import annotations

from django.urls import path

from . import factor_views, views

urlpatterns = [
    path("securite", views.overview, name="security"),
    path("securite/confirmer", views.prove, name="security_prove"),
    path("securite/mot-de-passe", views.password, name="security_password"),
    path("securite/adresse", views.email, name="security_email"),
    path("securite/protection", factor_views.start, name="security_start"),
    path("securite/application", factor_views.totp, name="security_totp"),
    path("securite/cles", factor_views.passkeys, name="security_passkeys"),
    path("securite/cles/<uuid:public_id>", factor_views.passkey, name="security_passkey"),
    path("securite/codes", factor_views.recovery_codes, name="security_codes"),
    path("securite/codes.txt", factor_views.recovery_codes_file, name="security_codes_file"),
    path("securite/appareils", views.end_others, name="security_end_others"),
    path("securite/appareils/<uuid:public_id>", views.end_one, name="security_end_one"),
]
