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
    "openredress.ledger",
    "openredress.lawbook",
    "openredress.people",
    "openredress.identity",
    "openredress.documents",
    "openredress.notices",
    "openredress.jobs",
    "openredress.cases",
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "openredress.config.urls"
AUTH_USER_MODEL = "people.Staff"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

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
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": _SQLITE},
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(f"OPENREDRESS_DATABASE_URL: {parts.scheme}:// 不认识；请用 postgresql://用户@主机/库")
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
