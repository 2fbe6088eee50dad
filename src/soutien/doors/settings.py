"""Settings, all from the environment, safe by default. Documented in docs/settings.md."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from soutien.doors.environment import SettingError as SettingError
from soutien.doors.environment import (
    database,
    law_dates,
    made_directory,
    mail_server,
    names,
    sealing_keys,
    secret,
    sqlite_address,
    switch,
    whole_number,
)
from soutien.doors.identity_providers import identity_providers, pretend_providers

PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = switch("SOUTIEN_DEBUG")
DEMO = switch("SOUTIEN_DEMO")
HOME = Path(os.environ.get("SOUTIEN_HOME", ".demo" if DEMO else "soutien-data")).resolve()

SECRET_KEY = secret("SOUTIEN_SECRET_KEY", home=HOME, made_on_first_run=DEMO)
# The first secret seals. The others still open what they sealed, until it is sealed again.
_KEYS = sealing_keys(home=HOME, made_on_first_run=DEMO)
SEALING_KEY, SEALING_KEYS_OLD, SEALING_KEY_FILE = _KEYS.current, _KEYS.old, _KEYS.file
# What chains the journal, unless it has a secret of its own; former ones prove its older lines.
JOURNAL_KEY = os.environ.get("SOUTIEN_JOURNAL_KEY", "").strip() or SEALING_KEY
JOURNAL_KEYS_OLD = [
    *names("SOUTIEN_JOURNAL_KEYS_OLD"),
    *_KEYS.retired,
    *SEALING_KEYS_OLD,
    SEALING_KEY,
]
# What signs where the journal ends, and the file that is added to every day, to be kept elsewhere.
JOURNAL_SIGNING_KEY = os.environ.get("SOUTIEN_JOURNAL_SIGNING_KEY") or str(
    HOME / "journal-signing.pem"
)
JOURNAL_HEADS = os.environ.get("SOUTIEN_JOURNAL_HEADS") or str(HOME / "journal-heads.jsonl")
ALLOWED_HOSTS = names("SOUTIEN_HOSTS", default="localhost,127.0.0.1,[::1]")
DATABASES = {
    "default": database(
        os.environ.get("DATABASE_URL") or sqlite_address(made_directory(HOME) / "soutien.sqlite3")
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "soutien.registers.accounts",
    "soutien.registers.limits",
    "soutien.registers.people",
    "soutien.registers.psychologists",
    "soutien.registers.agenda",
    "soutien.registers.care",
    "soutien.registers.claims",
    "soutien.registers.audit",
    "soutien.registers.outbox",
    "soutien.registers.calendars",
    "soutien.registers.waiting",
    "soutien.registers.identities",
    "soutien.registers.idempotency",
    "soutien.registers.api_keys",
    "soutien.doors.couriers",
    "soutien.doors.web",
]
AUTH_USER_MODEL = "accounts.Account"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "soutien.doors.web.session_guard.SessionGuard",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "soutien.doors.web.journal.JournalMiddleware",
    "soutien.doors.web.access.DeclaredOnly",
]
ROOT_URLCONF = "soutien.doors.urls"
WSGI_APPLICATION = "soutien.doors.wsgi.application"
# How long each web process that starts may read agendas ahead, for the first searches.
WARM_SECONDS = whole_number("SOUTIEN_WARM_SECONDS", default=60, least=0)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "doors" / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("SOUTIEN_STATIC_ROOT", HOME / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = switch("SOUTIEN_HTTPS", default=not DEMO and not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
# A load balancer asks for health inside the machine, without HTTPS.
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if switch("SOUTIEN_PROXY") else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "soutien.doors.web.digested_sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "soutien"
# How long a session lasts and may rest: shorter for those who see other people's data.
SESSION_LASTS = timedelta(hours=whole_number("SOUTIEN_SESSION_HOURS", default=12))
SESSION_RESTS = timedelta(minutes=whole_number("SOUTIEN_SESSION_IDLE_MINUTES", default=120))
SESSION_LASTS_WORKING = timedelta(hours=whole_number("SOUTIEN_WORKING_SESSION_HOURS", default=10))
SESSION_RESTS_WORKING = timedelta(
    minutes=whole_number("SOUTIEN_WORKING_SESSION_IDLE_MINUTES", default=60)
)
# What changes the protection of an account asks for the proof again after this.
PROOF_LASTS = timedelta(minutes=whole_number("SOUTIEN_PROOF_MINUTES", default=10))
SESSION_COOKIE_AGE = int(max(SESSION_LASTS, SESSION_LASTS_WORKING).total_seconds())
# scrypt asks for memory as well as time; PBKDF2 opens what was kept before.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "soutien.doors.web.signing_in.passwords.LongEnough"},
    {"NAME": "soutien.doors.web.signing_in.passwords.NotCommon"},
    {"NAME": "soutien.doors.web.signing_in.passwords.NotOnesOwnName"},
]
BEHIND_PROXY = switch("SOUTIEN_PROXY")
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
# The address people open, for what is read outside a browser: mails, texts, calendars.
ADDRESS = os.environ.get("SOUTIEN_ADDRESS", "").rstrip("/") or (
    f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0]}"
)
MAIL_SERVER = mail_server()
vars().update(MAIL_SERVER)
EMAIL_BACKEND = os.environ.get(
    "SOUTIEN_EMAIL_BACKEND",
    f"django.core.mail.backends.{'smtp' if MAIL_SERVER else 'console'}.EmailBackend",
)
MAIL_FROM = os.environ.get("SOUTIEN_MAIL_FROM") or f"rendez-vous@{urlsplit(ADDRESS).hostname}"
# What stands in the mailbox of somebody who shares it.
MAIL_FROM_DISCREET = os.environ.get("SOUTIEN_MAIL_FROM_DISCREET") or MAIL_FROM
# Who takes messages out, by channel; a channel without anybody is not used.
COURIERS = {
    "mail": os.environ.get("SOUTIEN_MAIL_COURIER", "soutien.doors.couriers.mail.MailCourier")
    if MAIL_SERVER or "SOUTIEN_EMAIL_BACKEND" in os.environ
    else os.environ.get("SOUTIEN_MAIL_COURIER", ""),
    "text": os.environ.get("SOUTIEN_TEXT_COURIER", ""),
}
if DEMO:
    COURIERS = dict.fromkeys(COURIERS, "soutien.doors.couriers.mailbox.LocalMailbox")
# An outside calendar may be read over plain http from this machine only, by whoever develops.
LOCAL_CALENDARS = DEBUG
# Who may answer for somebody's identity (docs/identity.md); in the demo, three that pretend to.
IDENTITY_PROVIDERS = identity_providers(local=DEBUG)
if DEMO:
    IDENTITY_PROVIDERS |= pretend_providers(address=ADDRESS, secret=SECRET_KEY)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SOUTIEN_LOG_LEVEL", "WARNING")},
}

# Days an operator may move, as JSON {"amo_third_party_from": "2026-10-01"} (see docs/settings.md).
LAW_DATES = law_dates()
OPERATOR_NAME = os.environ.get("SOUTIEN_OPERATOR", "Soutien")
