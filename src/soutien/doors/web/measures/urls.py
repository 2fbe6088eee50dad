"""Addresses of questionnaires. None says which one, or what for."""

from __future__ import annotations

from django.urls import path

from soutien.doors.measure_links import QUESTIONS
from soutien.doors.web.measures import answering, own, practice

urlpatterns = [
    path("questions/<str:token>", answering.questionnaire, name=QUESTIONS),
    path("mes-questionnaires", own.own_measures, name="own_measures"),
    path("mes-questionnaires/<uuid:public_id>", own.outcome, name="outcome"),
    path("cabinet/questionnaires", practice.unread, name="unread"),
    path("cabinet/questionnaires/<uuid:public_id>", practice.review, name="review"),
    path(
        "cabinet/rendez-vous/<uuid:public_id>/questionnaires",
        practice.visit_measures,
        name="visit_measures",
    ),
    path(
        "cabinet/rendez-vous/<uuid:public_id>/questionnaires/papier",
        practice.paper,
        name="paper",
    ),
]
