"""Addresses of signing in and out."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("connexion", views.SignIn.as_view(), name="sign_in"),
    path("deconnexion", views.SignOut.as_view(), name="sign_out"),
]
