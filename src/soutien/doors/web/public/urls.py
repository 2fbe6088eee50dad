"""Addresses of the public pages."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from soutien.doors.web.public import (
    gallery,
    law_pages,
    legal_pages,
    money_pages,
    report_pages,
    search_pages,
    self_check,
    views,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("comprendre", views.understand, name="understand"),
    path("est-ce-pour-moi", self_check.questions, name="self_check"),
    path("est-ce-pour-moi/reponse", self_check.answer, name="self_check_answer"),
    path("est-ce-pour-moi/facile", self_check.questions, {"easy": True}, name="self_check_easy"),
    path(
        "est-ce-pour-moi/facile/reponse",
        self_check.answer,
        {"easy": True},
        name="self_check_easy_answer",
    ),
    path("combien", money_pages.pay, name="pay"),
    path("trouver", search_pages.find, name="find"),
    path("psychologues/<uuid:public_id>", search_pages.psychologist, name="psychologist"),
    path(
        "psychologues/<uuid:public_id>/signaler", report_pages.report, name="report_availability"
    ),
    path("aide", views.help_now, name="help"),
    path("mentions-legales", views.legal, name="legal"),
    path("donnees-personnelles", views.privacy, name="privacy"),
    path("conditions", legal_pages.terms_of_use, name="terms_of_use"),
    path("accessibilite", views.accessibility, name="accessibility"),
    path("la-loi", money_pages.law, name="law"),
    path("la-loi/changements", law_pages.law_changes, name="law_changes"),
]
if settings.DEBUG:
    urlpatterns.append(path("dev/composants", gallery.gallery, name="gallery"))
