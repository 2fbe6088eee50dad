"""Settings, all from the environment, safe by default. Documented in docs/settings.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PACKAGE = Path(__file__).resolve().parent.parent


class SettingError(Exception):
    """A setting is missing or wrong: the message says which, and what to write."""


def _on(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes"}


def _database(url: str) -> dict[str, Any]:
    """Django's form of a database address: ``sqlite:///path`` or ``postgresql://…``."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]) or ":memory:",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        query = dict(item.split("=", 1) for item in parts.query.split("&") if "=" in item)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(query.get("host", parts.hostname or "")),
            "PORT": str(query.get("port", parts.port or "")),
            "CONN_MAX_AGE": 60,
        }
    raise SettingError(
        f"DATABASE_URL starts with {parts.scheme!r}: write sqlite:///FILE or "
        "postgresql://USER:PASSWORD@HOST/NAME."
    )


DEBUG = _on("SOUTIEN_DEBUG")
DEMO = _on("SOUTIEN_DEMO")
HOME = Path(os.environ.get("SOUTIEN_HOME", ".demo")).resolve()


def _secret(name: str) -> str:
    """A secret from the environment; the demo makes its own on first run and keeps it."""
    value = os.environ.get(name, "")
    if value:
        return value
    if not DEMO:
        raise SettingError(
            f"{name} is not set. Give a long random text, for example the output of "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    path = HOME / name.lower()
    if not path.exists():
        import secrets

        HOME.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


SECRET_KEY = _secret("SOUTIEN_SECRET_KEY")
SEALING_KEY = _secret("SOUTIEN_SEALING_KEY")
ALLOWED_HOSTS = [
    host
    for host in os.environ.get("SOUTIEN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if host
]
DATABASES = {
    "default": _database(os.environ.get("DATABASE_URL", f"sqlite:///{HOME / 'soutien.sqlite3'}"))
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
    "soutien.registers.people",
    "soutien.registers.psychologists",
    "soutien.registers.agenda",
    "soutien.registers.care",
    "soutien.registers.claims",
    "soutien.registers.audit",
    "soutien.registers.outbox",
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
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "soutien.doors.urls"
WSGI_APPLICATION = "soutien.doors.wsgi.application"
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
HTTPS = _on("SOUTIEN_HTTPS", default=not DEMO and not DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _on("SOUTIEN_PROXY") else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "soutien"
SESSION_COOKIE_AGE = 12 * 60 * 60
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
EMAIL_BACKEND = os.environ.get(
    "SOUTIEN_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SOUTIEN_LOG_LEVEL", "WARNING")},
}

# Days an operator may move, as JSON {"amo_third_party_from": "2026-10-01"} (see docs/settings.md).
LAW_DATES = os.environ.get("SOUTIEN_LAW_DATES", "")
OPERATOR_NAME = os.environ.get("SOUTIEN_OPERATOR", "Soutien")
