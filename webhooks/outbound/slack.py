"""A chat message: JSON for Slack's incoming webhooks (Mattermost and Rocket.Chat accept the same)."""

import ipaddress
import json
from typing import Any

from ..errors import Permanent
from . import allowed_addresses, http_post
from .allowed_addresses import Target


def post(url: str, text: str, blocks: list[dict[str, Any]] | None = None) -> None:
    """One POST. Raises NotSent, Retryable, Permanent or Unknown; none of them contains the URL, which is a secret."""
    body = {"text": text} | ({"blocks": blocks} if blocks else {})
    headers = {"Content-Type": "application/json"}
    http_post.post(target(url), body=json.dumps(body).encode(), headers=headers)


def target(url: str) -> Target:
    """The checked target: https, or an internal host that is allowed. Raises Permanent or NotSent."""
    where = allowed_addresses.target(url)
    if where.scheme != "https" and allowed_addresses.is_public(ipaddress.ip_address(where.address)):
        raise Permanent(f"{where.host} must use https: anyone who sees the URL can post there.")
    return where


def plain(text: str) -> str:
    """Text that Slack shows as it is, without links, mentions or channel notifications."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
