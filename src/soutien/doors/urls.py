"""All addresses. French without a prefix, English under /en/; machines have one language."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("soutien.doors.api.urls")),
    path("", include("soutien.doors.web.machine_urls")),
    *i18n_patterns(path("", include("soutien.doors.web.urls")), prefix_default_language=False),
]
# Django takes these by name: pages of ours for what goes wrong.
handler400 = "soutien.doors.web.failures.bad_request"
handler403 = "soutien.doors.web.failures.forbidden"
handler404 = "soutien.doors.web.failures.missing"
handler500 = "soutien.doors.web.failures.broken"
