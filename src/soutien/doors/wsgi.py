"""The WSGI application, for granian."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soutien.doors.settings")
application = get_wsgi_application()


def start() -> None:
    """Models are there only once the application is."""
    from django.conf import settings

    from soutien.doors.warming import start_warming

    start_warming(settings.WARM_SECONDS)


start()
