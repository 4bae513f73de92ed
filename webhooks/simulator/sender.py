"""Posts each event once to every webhook that wants it, signed, and keeps a log.

No retry: what a receiver does not take within five seconds is lost, as with Chatwoot.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import uuid
from dataclasses import dataclass

import requests

from . import payloads
from .records import Json, Webhook
from .world import World

TIMEOUT_S = 5.0
_ESCAPED = {"&": "\\u0026", "<": "\\u003c", ">": "\\u003e", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True)
class Delivery:
    """One POST: `status` is None when no answer came, and `error` says why."""

    event: str
    url: str
    delivery_id: str
    status: int | None
    error: str | None
    body: bytes


def rails_json(payload: Json) -> bytes:
    """Compact, UTF-8 as it is, and the five characters Rails escapes."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    for character, escape in _ESCAPED.items():
        text = text.replace(character, escape)
    return text.encode()


def signed_headers(body: bytes, secret: str, delivery_id: str, timestamp: int) -> dict[str, str]:
    signed = str(timestamp).encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "X-Chatwoot-Timestamp": str(timestamp),
        "X-Chatwoot-Signature": f"sha256={digest}",
        "X-Chatwoot-Delivery": delivery_id,
    }


def post(
    webhook: Webhook,
    payload: Json,
    timestamp: int | None = None,
    delivery_id: str | None = None,
) -> Delivery:
    """Send one payload once, as it is; also the way for a test to send a payload of its own."""
    body, delivery_id = rails_json(payload), delivery_id or str(uuid.uuid4())
    # The wall clock, not the world's: a receiver compares it with its own.
    sent_at = int(time.time()) if timestamp is None else timestamp
    headers = signed_headers(body, webhook.secret, delivery_id, sent_at)
    status, error = None, None
    try:
        answer = requests.post(webhook.url, data=body, headers=headers, timeout=TIMEOUT_S)
        status = answer.status_code
    except requests.RequestException as failure:
        error = type(failure).__name__
    return Delivery(payload["event"], webhook.url, delivery_id, status, error, body)


class Sender:
    """Several workers on one outbox: events arrive in no promised order."""

    def __init__(self, world: World, workers: int = 3) -> None:
        self.world = world
        self.log: list[Delivery] = []
        self.silent = False  # True: events are lost, as when Chatwoot's own queue has stopped
        self._threads = [
            threading.Thread(target=self._work, name=f"sender-{n}", daemon=True) for n in range(workers)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.world.outbox.close()
        for thread in self._threads:
            thread.join(timeout=TIMEOUT_S + 1)

    def deliver(self, payload: Json) -> None:
        """Post one payload to every webhook subscribed to its event."""
        with self.world.lock:
            webhooks = [
                hook for hook in self.world.webhooks.values() if payload["event"] in hook.subscriptions
            ]
        for webhook in webhooks:
            self.log.append(post(webhook, payload))

    def _work(self) -> None:
        outbox = self.world.outbox
        while (event := outbox.get()) is not None:
            try:
                payload = payloads.build(self.world, event)
                if payload is not None and not self.silent:
                    self.deliver(payload)
            finally:
                outbox.done()
