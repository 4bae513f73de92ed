"""The dashboard app: a page of this site that Chatwoot frames beside a conversation. Where it is, and adding it there."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from ..errors import DeliveryError
from ..models import Source
from ..outbound import chatwoot
from .sources import CannotConnect

TITLE = "Support site"  # Chatwoot shows it to everybody
HOST = re.compile(r"[a-z0-9.-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?")


def path(slug: str) -> str:
    return f"/admin/inside/{slug}/"


def url(source: Source) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path(source.slug)


def origin(source: Source) -> str:
    """Who may frame it: scheme, host and port of the connected Chatwoot. Empty: nobody, while a move is not confirmed."""
    found = urlsplit(source.base_url)
    host = found.netloc.rpartition("@")[2].lower()
    if source.moved_from or found.scheme not in ("http", "https") or not HOST.fullmatch(host):
        return ""
    standard = {"http": ":80", "https": ":443"}[found.scheme]
    return f"{found.scheme}://{host.removesuffix(standard)}"


def add(source: Source) -> str:
    """Adds it to the account, unless it is there. Returns what was done, as text. Raises CannotConnect.

    Chatwoot lets administrators add one: POST /api/v1/accounts/{account}/dashboard_apps (its DashboardAppPolicy).
    """
    wanted = url(source)
    try:
        client = chatwoot.client(source, watched=True)
        if any(wanted in _urls(app) for app in client.dashboard_apps()):
            return _("Chatwoot already has this dashboard app.")
        client.create_dashboard_app(title=TITLE, url=wanted)
    except DeliveryError as error:
        raise CannotConnect(
            _("The dashboard app could not be added: %(error)s Add it by hand with the steps below.")
            % {"error": error}
        ) from error
    return _("Added. Open a conversation in Chatwoot: the app is a tab beside its messages.")


def _urls(app: dict) -> list[str]:
    content = app.get("content")
    return (
        [str(one.get("url")) for one in content if isinstance(one, dict)] if isinstance(content, list) else []
    )
