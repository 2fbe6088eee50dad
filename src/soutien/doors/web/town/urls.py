"""Addresses of towns' portals, and of their newsrooms."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.town import block_views, desk_views, views

urlpatterns = [
    path("bloc", block_views.block, name="block"),
    path("bloc.css", block_views.block_colours, name="block_colours"),
    path("bloc.js", block_views.block_script, name="block_script"),
    path("portail", views.town_list, name="town_list"),
    path("portail/<slug:town>", views.town_home, name="town_home"),
    path("portail/<slug:town>/recherche", views.town_search, name="town_search"),
    path("portail/<slug:town>/flux.xml", views.town_feed, name="town_feed"),
    path("portail/<slug:town>/couleurs.css", views.town_colours, name="town_colours"),
    path("portail/<slug:town>/<slug:address>.ics", views.town_event, name="town_event"),
    path("portail/<slug:town>/<slug:address>", views.town_page, name="town_page"),
    path("redaction", desk_views.desk, name="desk"),
    path("redaction/corbeille", desk_views.desk_trash, name="desk_trash"),
    path("redaction/portail", desk_views.desk_town, name="desk_town"),
    path("redaction/apercu", desk_views.desk_shown, name="desk_shown"),
    path("redaction/nouveau/<slug:kind>", desk_views.desk_new, name="desk_new"),
    path("redaction/<uuid:public_id>", desk_views.desk_write, name="desk_write"),
    path("redaction/<uuid:public_id>/apercu", desk_views.desk_preview, name="desk_preview"),
    path("redaction/<uuid:public_id>/publier", desk_views.desk_publish, name="desk_publish"),
    path("redaction/<uuid:public_id>/versions", desk_views.desk_versions, name="desk_versions"),
]
