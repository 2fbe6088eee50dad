"""The WSGI application, for granian."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "soutien.doors.settings")
application = get_wsgi_application()

# Models are there only once the application is.
from django.conf import settings  # noqa: E402

from soutien.doors.warming import start_warming  # noqa: E402

start_warming(settings.WARM_SECONDS)
