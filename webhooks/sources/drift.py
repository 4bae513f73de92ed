"""Whether Chatwoot's webhook still sends what this site needs: a changed webhook is the most common cause of silence."""

import logging
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ..alerts import alerts
from ..errors import DeliveryError
from ..models import Source
from ..outbound import chatwoot, registration
from ..workers import host_monitor
from . import sources

logger = logging.getLogger(__name__)
DENIED = (401, 403)


def check(*, now: datetime) -> None:
    """Every few minutes: one read for each source."""
    for source in Source.objects.exclude(api_token="").filter(credentials_refused_at=None):
        client = chatwoot.client(source, any_installation=True)
        try:
            hooks = client.webhooks()
        except DeliveryError as error:
            _unread(source, error, now=now)
            continue
        compare(source, hooks, now=now)
        host_monitor.check_clock_of(source, client.answered_at, now=now)


def compare(source: Source, hooks: list[dict[str, Any]], *, now: datetime) -> None:
    """Open, update or close the source's alert. A new secret is stored without asking anyone."""
    hook, trouble = _find(source, hooks), ""
    if hook is None and source.webhook_id:
        trouble = f"webhook {source.webhook_id} no longer exists"
    elif hook is not None:
        trouble = difference(source, hook)
        _store_secret(source, hook, now=now)
    if trouble:
        fix = "Connect the source again with “register”; missed events are then recovered."
        text = f"The webhook of {source} was changed in Chatwoot: {trouble}. {fix}"
        alerts.update("subscription", key=key(source), text=text, now=now, source=source)
    else:
        alerts.close(key(source), now=now)


def _find(source: Source, hooks: list[dict[str, Any]]) -> dict[str, Any] | None:
    """By its ID, which stays when its URL is changed; one created by hand, by the path of its URL."""
    if source.webhook_id:
        return next((hook for hook in hooks if hook.get("id") == source.webhook_id), None)
    return next((hook for hook in hooks if _path(hook) == registration.path(source)), None)


def difference(source: Source, hook: dict[str, Any]) -> str:
    """What is wrong with the webhook, as text; empty if nothing is."""
    missing = [event for event in registration.EVENTS if event not in (hook.get("subscriptions") or [])]
    wanted, url = source.webhook_url, str(hook.get("url") or "")
    moved = url != wanted if wanted else _path(hook) != registration.path(source)
    parts = []
    if moved:
        parts.append(f"its URL is {_without_token(source, url)}")
    if missing:
        parts.append(f"it does not send {', '.join(missing)}")
    return ", and ".join(parts)


def _path(hook: dict[str, Any]) -> str:
    return urlsplit(str(hook.get("url") or "")).path


def _without_token(source: Source, url: str) -> str:
    shown = url.replace(source.unsigned_token, "…") if source.unsigned_token else url
    return shown[:150] or "empty"


def _store_secret(source: Source, hook: dict[str, Any], *, now: datetime) -> None:
    secret = hook.get("secret")
    if isinstance(secret, str) and sources.rotate_webhook_secret(
        source, secret, label="read from Chatwoot", now=now
    ):
        logger.warning("source.secret_renewed", extra={"source": source.slug})


def _unread(source: Source, error: DeliveryError, *, now: datetime) -> None:
    """An unavailable Chatwoot is not a changed webhook. If the token is refused, that raises its own alert."""
    logger.info("source.webhooks_unread", extra={"source": source.slug, "error": type(error).__name__})
    if error.http_status in DENIED:
        try:
            sources.check(source, now=now)
        except sources.CannotConnect:
            pass


def key(source: Source) -> str:
    return f"subscription:{source.pk}"
