"""The pages' addresses, one file a kind of reader."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("soutien.doors.web.public.urls")),
    path("", include("soutien.doors.web.person.urls")),
    path("", include("soutien.doors.web.own_data.urls")),
    path("", include("soutien.doors.web.documents.urls")),
    path("", include("soutien.doors.web.writings.urls")),
    path("", include("soutien.doors.web.measures.urls")),
    path("", include("soutien.doors.web.psychologist.urls")),
    path("", include("soutien.doors.web.care_path.urls")),
    path("", include("soutien.doors.web.waiting.urls")),
    path("", include("soutien.doors.web.guardians.urls")),
    path("", include("soutien.doors.web.sheets.urls")),
    path("", include("soutien.doors.web.fund.urls")),
    path("", include("soutien.doors.web.papers.urls")),
    path("", include("soutien.doors.web.rights.urls")),
    path("", include("soutien.doors.web.money.urls")),
    path("", include("soutien.doors.web.insurer.urls")),
    path("", include("soutien.doors.web.directory_entry.urls")),
    path("", include("soutien.doors.web.acting.urls")),
    path("", include("soutien.doors.web.identity.urls")),
    path("", include("soutien.doors.web.signing_in.urls")),
    path("", include("soutien.doors.web.security.urls")),
    path("", include("soutien.doors.web.api_keys.urls")),
    path("", include("soutien.doors.web.calendars.urls")),
    path("", include("soutien.doors.web.town.urls")),
    path("", include("soutien.doors.web.mailbox.urls")),
]
