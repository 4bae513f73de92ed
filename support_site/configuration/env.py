"""Reads the environment strictly: an invalid value stops the start and is named. Decides no Django setting."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]
# A test run must not be steered by the developer's own .env.
if os.environ.get("SUPPORT_SITE_DOTENV", "1") == "1" and (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Set it to 1 or 0.")
    return value in TRUE


def integer(name: str, *, default: int, least: int = 0) -> int:
    value = text(name) or str(default)
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from None
    if number < least:
        raise ImproperlyConfigured(f"{name}={number} is below {least}.")
    return number


def choice(name: str, values: tuple[str, ...]) -> str:
    value = text(name).lower()
    if value not in values:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(filter(None, values))}.")
    return value


def listing(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def pairs(name: str) -> dict[str, str]:
    """a=b,c=d"""
    found = {}
    for part in listing(name):
        key, separator, value = part.rpartition("=")
        if not (separator and key.strip() and value.strip()):
            raise ImproperlyConfigured(f"{name}: {part!r} is not a pair such as support-leads=Lead.")
        found[key.strip()] = value.strip()
    return found


def url(name: str, *, default: str = "", schemes: tuple[str, ...] = ("http", "https")) -> str:
    value = text(name) or default
    if value and not _is_url(value, schemes):
        raise ImproperlyConfigured(
            f"{name}={_shown(value)!r} is not a URL with the scheme {' or '.join(schemes)}."
        )
    return value.rstrip("/")


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises if it is not a number
    except ValueError:
        return False
    # A socket URL has a path and no host.
    return parts.scheme in schemes and bool(parts.path if parts.scheme == "unix" else parts.netloc)


def _shown(value: str) -> str:
    """Hides the password, because a failed start is logged."""
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:...@", value)


def database(default: str) -> dict:
    """The DATABASES entry for DATABASE_URL (postgres://... or sqlite:///...)."""
    value = text("DATABASE_URL") or default
    try:
        entry = environ.Env.db_url_config(value)
    except Exception as error:
        raise ImproperlyConfigured(f"DATABASE_URL={_shown(value)!r} cannot be read: {error}") from error
    if entry.get("ENGINE") not in ("django.db.backends.postgresql", "django.db.backends.sqlite3"):
        raise ImproperlyConfigured(f"DATABASE_URL={_shown(value)!r}: use PostgreSQL or SQLite.")
    return entry
