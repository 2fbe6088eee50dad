"""Addresses of signing in, and of what starts from a mailbox; of signing out, see identity."""

from __future__ import annotations

from django.urls import path

from . import factor_views, link_views, recovery_views, views

urlpatterns = [
    path("connexion", views.sign_in, name="sign_in"),
    path("connexion/code", factor_views.second_factor, name="second_factor"),
    path("connexion/cle", factor_views.passkey_sign_in, name="passkey_sign_in"),
    path("connexion/lien", link_views.ask_link, name="ask_link"),
    path("connexion/lien-envoye", link_views.link_sent, name="link_sent"),
    path("connexion/lien/<str:token>", link_views.open_link, name="open_link"),
    path("connexion/perdu", recovery_views.recover, name="recover"),
    path("connexion/perdu/<str:token>", recovery_views.open_recovery, name="open_recovery"),
    path("connexion/arreter/<str:token>", recovery_views.stop, name="stop_recovery"),
    path("connexion/retrouver/<str:token>", recovery_views.finish, name="finish_recovery"),
    path("compte/ouvrir", link_views.join, name="join"),
    path("compte/ouvrir/<str:token>", link_views.join_finish, name="join_finish"),
    path("compte/adresse/<str:token>", link_views.confirm_email, name="confirm_email"),
    path("mot-de-passe", link_views.forgot_password, name="forgot_password"),
    path("mot-de-passe/<str:token>", link_views.reset_password, name="reset_password"),
]
