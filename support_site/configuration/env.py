"""Reads the environment strictly: an invalid value stops the start and is named. Decides no Django setting."""

import ipaddress
import os
import re
import zoneinfo
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]
# A test run must not be steered by the developer's own .env.
if os.environ.get("SUPPORT_SITE_DOTENV", "1") == "1" and (BASE_DIR / ".env").is_file():
    environ.Env.read_env(BASE_DIR / ".env")

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """Set to nothing, or to spaces, is not set: files of variables list names that nobody filled in."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Set it to 1 or 0.")
    return value in TRUE


def integer(name: str, *, default: int, least: int = 0, most: int = 2**31 - 1) -> int:
    value = text(name) or str(default)
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a whole number. Set it to one such as {default}."
        ) from None
    if not least <= number <= most:
        raise ImproperlyConfigured(
            f"{name}={number} is not between {least} and {most}. Set it to one such as {default}."
        )
    return number


def choice(name: str, values: tuple[str, ...], default: str = "") -> str:
    value = text(name, default).lower()
    if value not in values:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(filter(None, values))}.")
    return value


def listing(name: str) -> list[str]:
    return [part.strip() for part in text(name).split(",") if part.strip()]


def hosts(name: str) -> list[str]:
    """As browsers send them: without a scheme, a path or a port."""
    for host in (found := listing(name)):
        if not re.fullmatch(r"\*|\.?[\w.-]+|\[[\da-f:.]+\]", host, re.IGNORECASE):
            raise ImproperlyConfigured(
                f"{name}={host!r} is not a host. List names without a scheme or port, such as support.example.com."
            )
    return found


def networks(name: str) -> list[str]:
    for network in (found := listing(name)):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name}={network!r} is not an IP address or network. List some such as 10.0.0.5 or 10.0.0.0/8."
            ) from None
    return found


def zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        zoneinfo.ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a time zone. Set it to a name such as Europe/Berlin."
        ) from None
    return value


def sender(name: str, default: str) -> str:
    value = text(name, default)
    local, _, domain = parseaddr(value)[1].rpartition("@")
    if not (local and domain) or not value.isprintable():
        raise ImproperlyConfigured(
            f"{name}={value!r} is not an email address. Set it to one such as Support <support@example.com>."
        )
    return value


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


def origin(name: str, *, default: str) -> str:
    """The address of a whole site, as browsers name it: https://support.example.com, nothing behind the host and port."""
    return _origin(name, text(name) or default)


def origins(name: str) -> list[str]:
    return [_origin(name, value) for value in listing(name)]


def _origin(name: str, value: str) -> str:
    if not _is_url(value, ("http", "https")) or not _is_origin(value):
        raise ImproperlyConfigured(
            f"{name}={_shown(value)!r} is not the address of a site, which answers at the root of its host. Set it to a"
            " scheme and a host such as https://support.example.com, without a path."
        )
    return value.rstrip("/")


def _is_origin(value: str) -> bool:
    parts = urlsplit(value)
    return parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)


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


def email(default: str) -> dict:
    """Django's EMAIL_ settings for EMAIL_URL."""
    value = text("EMAIL_URL", default)
    try:
        return dict(environ.Env.email_url_config(value))
    except Exception as error:
        raise ImproperlyConfigured(
            f"EMAIL_URL={_shown(value)!r} cannot be read: {error}. Set it to a URL such as smtp+tls://user:password@host:587."
        ) from error


def database(default: str) -> dict:
    """The DATABASES entry for DATABASE_URL (postgres://... or sqlite:///...)."""
    value = text("DATABASE_URL") or default
    try:
        entry = environ.Env.db_url_config(value)
    except Exception as error:
        raise ImproperlyConfigured(f"DATABASE_URL={_shown(value)!r} cannot be read: {error}") from error
    if entry.get("ENGINE") not in ("django.db.backends.postgresql", "django.db.backends.sqlite3"):
        raise ImproperlyConfigured(f"DATABASE_URL={_shown(value)!r}: use PostgreSQL or SQLite.")
    if entry["ENGINE"].endswith("sqlite3") and entry.get("NAME") in ("", ":memory:"):
        raise ImproperlyConfigured(
            f"DATABASE_URL={value!r} names no file, so nothing would be kept. Set it to sqlite:////path/to/support.sqlite3."
        )
    return entry
