"""Addresses of the psychologist's pages."""

from __future__ import annotations

from datetime import date

from django.urls import path, register_converter

from soutien.doors.web.psychologist import (
    arrange_views,
    arrange_visit,
    correct,
    replacement_views,
    views,
)


class DayConverter:
    """A day of this century in an address: 2026-11-24. Days that do not exist are no address."""

    regex = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


register_converter(DayConverter, "day")

urlpatterns = [
    path("cabinet", views.day, name="day"),
    path("cabinet/semaine", arrange_views.week, name="week"),
    path("cabinet/absences", arrange_views.days_that_differ, name="days_that_differ"),
    path("cabinet/remplacements", replacement_views.replacements_page, name="replacements"),
    path("cabinet/<day:day>", views.day, name="day_of"),
    path("cabinet/<day:day>/ajouter", arrange_visit.add_visit, name="add_visit"),
    path("cabinet/rendez-vous/<uuid:public_id>", views.close, name="close"),
    path("cabinet/rendez-vous/<uuid:public_id>/corriger", correct.correct, name="correct_visit"),
    path("cabinet/rendez-vous/<uuid:public_id>/annuler", views.cancel, name="cancel_visit"),
]
