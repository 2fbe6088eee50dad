"""Addresses of the person's pages. None says what the appointment is about."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.person import (
    appointment_views,
    booking_views,
    claim_views,
    move_views,
    plan_views,
    year_views,
)

urlpatterns = [
    path("reserver/<uuid:public_id>", booking_views.slot, name="book_slot"),
    path("reserver/<uuid:public_id>/vous", booking_views.who, name="book_who"),
    path("reserver/<uuid:public_id>/verifier", booking_views.check, name="book_check"),
    path("rendez-vous/<str:token>.ics", appointment_views.calendar, name="booking_calendar"),
    path("rendez-vous/<str:token>", appointment_views.booking, name="booking"),
    path("rendez-vous/<str:token>/annuler", appointment_views.cancel, name="booking_cancel"),
    path("rendez-vous/<str:token>/deplacer", move_views.move, name="booking_move"),
    path("mon-annee", year_views.year, name="year"),
    path("mon-annee/avec/<uuid:public_id>", year_views.follow_up, name="book_follow_up"),
    path("mon-annee/plan/<uuid:public_id>", plan_views.plan_sessions, name="plan"),
    path("mes-demandes/<uuid:public_id>", claim_views.claim, name="claim_person"),
    path("mes-demandes/<uuid:public_id>/contester", claim_views.contest, name="claim_contest"),
]
