"""The product's settings, made quick and quiet for tests.

SOUTIEN_TEST_DATABASE is the address of a PostgreSQL server (``python -m tests.postgres`` sets it);
without it the tests use a SQLite file in a directory of their own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["SOUTIEN_SECRET_KEY"] = "a secret for tests only, long enough to please Django"
os.environ["SOUTIEN_SEALING_KEY"] = "a sealing key for tests only"
os.environ["SOUTIEN_DEMO"] = "0"
os.environ["SOUTIEN_DEBUG"] = "0"
os.environ["SOUTIEN_HTTPS"] = "0"

_address = os.environ.get("SOUTIEN_TEST_DATABASE", "")
os.environ["DATABASE_URL"] = _address or "sqlite://"

from soutien.doors.settings import *  # noqa: E402, F403
from soutien.doors.settings import DATABASES, MIDDLEWARE  # noqa: E402

# Other programs read these settings too (types, migrations) and leave without a farewell.
if not _address and "pytest" in sys.modules:
    # A file, not memory: a live server's threads then have connections of their own, as in life.
    _directory = tempfile.mkdtemp(prefix="soutien-tests-")
    atexit.register(shutil.rmtree, _directory, ignore_errors=True)
    DATABASES["default"]["NAME"] = str(Path(_directory) / "untouched.sqlite3")
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_directory) / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
# A page compressed for each test costs time and proves nothing.
MIDDLEWARE = [name for name in MIDDLEWARE if "GZip" not in name]
# One address asks for everything here; tests of the rates set them again.
RATES_TIMES = 0
if "pytest" in sys.modules:
    COUNTERS = Path(tempfile.mkdtemp(prefix="soutien-counters-"))
    atexit.register(shutil.rmtree, COUNTERS, ignore_errors=True)
