"""Settings, all from the environment, safe by default. Documented in docs/settings.md."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from soutien.doors.environment import (
    NO_SCANNER,
    certificate,
    database,
    law_dates,
    made_directory,
    mail_server,
    names,
    networks,
    one_of,
    scales_folder,
    scanner,
    sealing_keys,
    secret,
    secrets_from_a_vault,
    sqlite_address,
    switch,
    whole_number,
)
from soutien.doors.environment import SettingError as SettingError
from soutien.doors.identity_providers import identity_providers, pretend_providers
from soutien.doors.logs import logging_settings

PACKAGE = Path(__file__).resolve().parent.parent

secrets_from_a_vault()
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
    "soutien.registers.rights",
    "soutien.registers.insurance",
    "soutien.registers.agenda",
    "soutien.registers.care",
    "soutien.registers.claims",
    "soutien.registers.ledger",
    "soutien.registers.payments",
    "soutien.registers.audit",
    "soutien.registers.outbox",
    "soutien.registers.calendars",
    "soutien.registers.waiting",
    "soutien.registers.identities",
    "soutien.registers.consents",
    "soutien.registers.corrections",
    "soutien.registers.idempotency",
    "soutien.registers.jobs",
    "soutien.registers.documents",
    "soutien.registers.contents",
    "soutien.registers.writings",
    "soutien.registers.measures",
    "soutien.registers.guardians",
    "soutien.registers.api_keys",
    "soutien.doors.couriers",
    "soutien.doors.web",
]
AUTH_USER_MODEL = "accounts.Account"
# « The name one signs in by is unique »: it is sealed, and unique by its blind index.
SILENCED_SYSTEM_CHECKS = ["auth.E003"]

MIDDLEWARE = [
    "soutien.doors.web.request_log.RequestLog",
    "soutien.doors.web.headers.Headers",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "soutien.doors.web.bodies.BodyLimit",
    "soutien.doors.web.failures.Failures",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "soutien.doors.web.rates.Rates",
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

CONTENT_SECURITY_POLICY: dict[str, dict[str, list[str] | bool]] = {
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
if HTTPS:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True
SECURE_REDIRECT_EXEMPT = [
    # Machines inside ask without HTTPS: a load balancer, a monitor.
    r"^(health|ready|metrics)$",
    # Programs that speak in clear are refused by their doors (in_clear.py), not led on.
    r"^(api/v1|calendriers)/",
]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = switch("SOUTIEN_HSTS_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = switch("SOUTIEN_HSTS_PRELOAD")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if switch("SOUTIEN_PROXY") else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "soutien.doors.web.digested_sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Under HTTPS no other host of the domain can set them, nor read them.
SESSION_COOKIE_NAME = "__Host-soutien" if HTTPS else "soutien"
CSRF_COOKIE_NAME = "__Host-soutien-form" if HTTPS else "soutien-form"
CSRF_COOKIE_HTTPONLY = True
# A confirmation to show once is kept beside the session, not in a cookie of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "soutien.doors.web.failures.csrf_failure"
# What may be sent: a form's words, or files with them.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILES_MOST_BYTES = 11 * 1_048_576
# What is sent stands in memory until it is sealed: never in clear on a disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = FILES_MOST_BYTES
# How long a session lasts and may rest: shorter for those who see other people's data.
SESSION_LASTS = timedelta(hours=whole_number("SOUTIEN_SESSION_HOURS", default=12))
SESSION_RESTS = timedelta(minutes=whole_number("SOUTIEN_SESSION_IDLE_MINUTES", default=120))
SESSION_LASTS_WORKING = timedelta(hours=whole_number("SOUTIEN_WORKING_SESSION_HOURS", default=10))
SESSION_RESTS_WORKING = timedelta(
    minutes=whole_number("SOUTIEN_WORKING_SESSION_IDLE_MINUTES", default=60)
)
# How long a psychologist may fetch a doctor's letters by the code printed on them.
LETTER_CODE_LASTS = timedelta(days=whole_number("SOUTIEN_LETTER_CODE_DAYS", default=90))
# What changes the protection of an account asks for the proof again after this.
PROOF_LASTS = timedelta(minutes=whole_number("SOUTIEN_PROOF_MINUTES", default=10))
# How many days the time of a child's first session is kept while a consent is missing, and how
# many a holder's own link may be answered.
CONSENT_DAYS = whole_number("SOUTIEN_CONSENT_DAYS", default=10)
CONSENT_LINK_DAYS = whole_number("SOUTIEN_CONSENT_LINK_DAYS", default=30)
OWN_SPACE_AGE_YEARS = whole_number("SOUTIEN_OWN_SPACE_AGE_YEARS", default=15)
# How long some kinds of data are kept, in months: rules/retention.toml has the others, and why.
RETENTION_MONTHS = {
    "visitors": whole_number("SOUTIEN_KEEP_VISITORS_MONTHS", default=12),
    "accounts": whole_number("SOUTIEN_KEEP_ACCOUNTS_MONTHS", default=36),
    "care_records": whole_number("SOUTIEN_KEEP_CARE_MONTHS", default=240, least=27),
}
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
# The proxies whose word is taken for where a request comes from; any, when none is named.
PROXIES = networks("SOUTIEN_PROXY_ADDRESSES")
# What ``soutien serve`` speaks HTTPS with, to proxies on other machines; in clear without.
CERTIFICATE, CERTIFICATE_KEY = ("", "") if DEMO else certificate()
# How many times the usual one place may ask for pages and send forms; 0: as often as it likes.
RATES_TIMES = whole_number("SOUTIEN_RATES", default=1, least=0)
# Who may read the measures: whoever gives the token, or asks from these networks. Nobody else.
METRICS_TOKEN = os.environ.get("SOUTIEN_METRICS_TOKEN", "").strip()
METRICS_FROM = networks("SOUTIEN_METRICS_FROM")
COUNTERS = HOME / "counters"
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
# Who looks for viruses in papers before they are kept; nobody when it is not set.
SCANNER = NO_SCANNER if DEMO else scanner()
# Who is asked about people's rights before a session; in the demo, one that pretends to know.
RIGHTS_SERVICE = os.environ.get("SOUTIEN_RIGHTS_SERVICE", "") or (
    "soutien.doors.rights_service.simulated.Simulated" if DEMO else ""
)
# An outside calendar may be read over plain http from this machine only, by whoever develops.
LOCAL_CALENDARS = DEBUG
# The hosts that outside calendars may be at, and names under them; any public one when empty.
CALENDAR_HOSTS = [host.lower() for host in names("SOUTIEN_CALENDAR_HOSTS")]
# Who may answer for somebody's identity (docs/identity.md); in the demo, three that pretend to.
IDENTITY_PROVIDERS = identity_providers(local=DEBUG)
if DEMO:
    IDENTITY_PROVIDERS |= pretend_providers(address=ADDRESS, secret=SECRET_KEY)
LOGGING = logging_settings(
    shape=one_of("SOUTIEN_LOG", ("text", "json")),
    level=os.environ.get("SOUTIEN_LOG_LEVEL", "WARNING"),
    stream=sys.stderr,
    debug=DEBUG,
)
# Nothing of an error leaves by mail: it would carry what the page held.
ADMINS: list[str] = []

# Days an operator may move, as JSON {"amo_third_party_from": "2026-10-01"} (see docs/settings.md).
LAW_DATES = law_dates()
# Questionnaires beside ours, by an operator who holds their licence (docs/questionnaires.md).
SCALES_DIR = scales_folder()
OPERATOR_NAME = os.environ.get("SOUTIEN_OPERATOR", "Soutien")
# What the law asks a site to say of whoever runs it; a page says what was not filled in.
OPERATOR = {
    "address": os.environ.get("SOUTIEN_OPERATOR_ADDRESS", "").strip(),
    "contact": os.environ.get("SOUTIEN_OPERATOR_CONTACT", "").strip(),
    "publisher": os.environ.get("SOUTIEN_OPERATOR_PUBLISHER", "").strip(),
    "host": os.environ.get("SOUTIEN_OPERATOR_HOST", "").strip(),
    "data_protection": os.environ.get("SOUTIEN_OPERATOR_DATA_PROTECTION", "").strip(),
}
# Whom to tell of a weakness: a mailbox or an https address, and the page that says how.
SECURITY_CONTACT = os.environ.get("SOUTIEN_SECURITY_CONTACT", "").strip()
SECURITY_POLICY = os.environ.get("SOUTIEN_SECURITY_POLICY", "").strip()
