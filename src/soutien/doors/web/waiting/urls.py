"""Addresses of the waiting list, of requests, and of the psychologist's inbox."""

from __future__ import annotations

from django.urls import path

from soutien.doors.waiting_links import OFFER, REQUEST, WAIT
from soutien.doors.web.waiting import inbox_views, join_views, offer_views, request_views

urlpatterns = [
    path("attendre", join_views.join_around, name="join_around"),
    path("attendre/<uuid:public_id>", join_views.join_for_one, name="join_for_one"),
    path("attente/<str:token>", join_views.place, name=WAIT),
    path("offre/<str:token>", offer_views.offer, name=OFFER),
    path("rappel/<uuid:public_id>", request_views.call_back, name="call_back"),
    path("demande/<str:token>", request_views.request_state, name=REQUEST),
    path("cabinet/demandes", inbox_views.inbox, name="inbox"),
    path("cabinet/demandes/<uuid:public_id>", inbox_views.line, name="inbox_line"),
]
