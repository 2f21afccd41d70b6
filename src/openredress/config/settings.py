"""Django settings, from the environment alone. Policy lives in packs, never here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

HOME = Path(os.environ.get("OPENREDRESS_HOME", "var")).resolve()
DEBUG = os.environ.get("OPENREDRESS_DEBUG", "") == "1"
ALLOWED_HOSTS = os.environ.get("OPENREDRESS_HOSTS", "localhost 127.0.0.1 [::1]").split()


def _secret() -> str:
    """The cookie and form key, kept beside the other keys; made by `openredress init` or `up`."""
    path = HOME / "keys" / "secret"
    return path.read_text().strip() if path.is_file() else "unsaved-" + "0" * 48


SECRET_KEY = _secret()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "openredress.ledger",
    "openredress.lawbook",
    "openredress.people",
    "openredress.identity",
    "openredress.documents",
    "openredress.notices",
    "openredress.jobs",
    "openredress.cases",
    "openredress.oversight",
    "openredress.web",
    "openredress.api",
]
MIDDLEWARE = [
    "openredress.web.metrics.Lines",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "openredress.web.middleware.Frame",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "openredress.config.urls"
WSGI_APPLICATION = "openredress.config.wsgi.application"

AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/signin"
LOGIN_REDIRECT_URL = "/desk/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # who came from where is not kept beside petitions
SILENCED_SYSTEM_CHECKS = ["axes.W003"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "openredress.web.logs.JsonLine"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "openredress": {"level": os.environ.get("OPENREDRESS_LOG_LEVEL", "WARNING")},
        "django.request": {"level": "ERROR"},  # its warnings name addresses
        "django.server": {"handlers": [], "propagate": False},
        "axes": {"level": "CRITICAL"},  # its warnings name who and from where
    },
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [str(Path(__file__).resolve().parents[1] / "web" / "templates")],
        "OPTIONS": {
            "environment": "openredress.web.frame.environment",
            "trim_blocks": True,
            "lstrip_blocks": True,
        },
    }
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 86400

SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE = os.environ.get("OPENREDRESS_HTTPS", "") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer makes browsers say Origin: null on our own forms
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
CSRF_FAILURE_VIEW = "openredress.web.errors.csrf_failure"
MAIL_URL = os.environ.get("OPENREDRESS_MAIL_URL", "")  # smtp://…; empty: files under outbox/
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LANGUAGE_CODE = {"zh": "zh-hans", "en": "en"}[os.environ.get("OPENREDRESS_LANGUAGE", "zh")]
TIME_ZONE = os.environ.get("OPENREDRESS_ZONE", "Asia/Shanghai")
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# FULL: an acknowledged petition survives a power cut. recursive_triggers: REPLACE meets the triggers too.
_SQLITE = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA recursive_triggers=ON; PRAGMA secure_delete=ON; "
    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY"
)


def database(url: str) -> dict[str, Any]:
    """The Django database entry for a URL; an empty one is SQLite in the home."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(HOME / "openredress.sqlite3"),
            "ATOMIC_REQUESTS": False,
            "CONN_MAX_AGE": None,  # closing the last connection empties the WAL: 9 ms a request
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": _SQLITE},
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(
            f"OPENREDRESS_DATABASE_URL: {parts.scheme}:// 不认识；请用 postgresql://用户@主机/库"
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or query.pop("host", "")),
        "PORT": str(parts.port or ""),
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 600,
        "OPTIONS": query,
    }


DATABASES = {"default": database(os.environ.get("OPENREDRESS_DATABASE_URL", ""))}
