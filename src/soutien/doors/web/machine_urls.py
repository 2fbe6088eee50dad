"""Addresses read by machines: no language, and no session but where one is asked about."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.calendars.feeds import feed
from soutien.doors.web.health import health, ready
from soutien.doors.web.identity.pretend.pages import machine
from soutien.doors.web.metrics import metrics
from soutien.doors.web.signing_in.views import session_left
from soutien.doors.web.town.views import sitemap
from soutien.doors.web.well_known import robots, security_txt

urlpatterns = [
    path("health", health, name="health"),
    path("ready", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("session", session_left, name="session_left"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("calendriers/<str:token>.ics", feed, name="calendar_feed"),
    *(
        path(f"dev/fournisseur/<slug:name>/{what}", machine, name="pretend_machine")
        for what in (".well-known/openid-configuration", "jwks", "token", "userinfo")
    ),
]
