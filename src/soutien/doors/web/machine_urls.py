"""Addresses read by machines: no language, no session."""

from __future__ import annotations

from django.urls import path

from soutien.doors.web.calendars.feeds import feed
from soutien.doors.web.health import health
from soutien.doors.web.identity.pretend.pages import machine

urlpatterns = [
    path("health", health, name="health"),
    path("calendriers/<str:token>.ics", feed, name="calendar_feed"),
    *(
        path(f"dev/fournisseur/<slug:name>/{what}", machine, name="pretend_machine")
        for what in (".well-known/openid-configuration", "jwks", "token", "userinfo")
    ),
]
