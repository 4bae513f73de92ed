"""The webhook in Chatwoot that posts to a source: find, create or update it."""

from typing import Any

from ..models import Source
from . import chatwoot

# Typing events are left out: there are many, and nothing here uses them.
EVENTS = [
    "message_created", "message_updated", "conversation_created", "conversation_updated",
    "conversation_status_changed", "contact_created", "contact_updated", "inbox_updated",
]  # fmt: skip


def path(source: Source) -> str:
    """The path of the receiving URL, including the token of a source that accepts unsigned webhooks."""
    return source.path + (f"{source.unsigned_token}/" if source.unsigned_token else "")


def find(client: chatwoot.Client, source: Source, *, base: str) -> dict[str, Any] | None:
    """By its URL, or one that differs only by an unsigned source's token. base: this site's address. Raises DeliveryError."""
    plain, wanted = base.rstrip("/") + source.path, base.rstrip("/") + path(source)
    hooks = [hook for hook in client.webhooks() if str(hook.get("url") or "").startswith(plain)]
    return next((hook for hook in hooks if hook["url"] == wanted), hooks[0] if hooks else None)


def register(client: chatwoot.Client, source: Source, *, base: str) -> dict[str, Any]:
    """Creates or updates it. Looks first, since Chatwoot answers 422 for a URL it already has. Raises DeliveryError."""
    url = base.rstrip("/") + path(source)
    known = find(client, source, base=base)
    if known is None:
        return client.create_webhook(name=f"Support site ({source.slug})", url=url, subscriptions=EVENTS)
    subscribed = set(known.get("subscriptions") or [])
    if known["url"] == url and set(EVENTS) <= subscribed:
        return known
    return client.update_webhook(known["id"], url=url, subscriptions=sorted({*EVENTS, *subscribed})) or known
