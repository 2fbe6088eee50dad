"""Addresses of signing in with an identity elsewhere, and of the demo's own providers."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.identity import views
from soutien.doors.web.identity.pretend import pages

urlpatterns = [
    # Signing out here may lead to signing out elsewhere.
    path("deconnexion", views.sign_out, name="sign_out"),
    path("compte/avec-identite", views.open_account, name="identity_open_account"),
    path("identite/<slug:name>", views.start, name="identity_start"),
    path("identite/<slug:name>/retour", views.answer, name="identity_answer"),
    path("identite/<slug:name>/au-revoir", views.farewell_back, name="identity_farewell"),
    path("securite/identites", views.identities, name="identities"),
    path("securite/identites/relier", views.confirm_link, name="identity_confirm"),
    path("securite/identites/<uuid:identity>/retirer", views.unlink, name="identity_unlink"),
    path("securite/identites/<slug:name>", views.start_link, name="identity_link"),
    path("dev/fournisseur/<slug:name>/authorize", pages.authorize, name="pretend_authorize"),
    path("dev/fournisseur/<slug:name>/logout", pages.logout, name="pretend_logout"),
]
