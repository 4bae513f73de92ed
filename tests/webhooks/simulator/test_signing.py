"""What the stand-in posts must be verifiable as Chatwoot's own webhooks are."""

import hashlib
import hmac
import json
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from webhooks.simulator.sender import Sender, rails_json, signed_headers
from webhooks.simulator.world import World


class Receiver:
    """Keeps what it is sent and answers `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/hook"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def events(self) -> list[str]:
        return [json.loads(body)["event"] for _, body in self.received]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.http.shutdown()
    receiver.http.server_close()


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender(World())
    sender.start()
    yield sender
    sender.stop()


def test_the_signature_covers_the_timestamp_and_the_bytes_sent(receiver: Receiver, sender: Sender) -> None:
    webhook = sender.world.register_webhook(receiver.url, ["message_created"])

    sender.world.customer_writes(content="Grüße <3")
    assert sender.world.outbox.wait_idle()

    headers, body = receiver.received[0]
    signed = headers["X-Chatwoot-Timestamp"].encode() + b"." + body
    expected = hmac.new(webhook.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Chatwoot-Signature"] == "sha256=" + expected


def test_a_known_body_has_a_known_signature() -> None:
    headers = signed_headers(b'{"event":"x"}', "s" * 24, "id", 1_780_000_000)

    # openssl: printf '1780000000.{"event":"x"}' | openssl dgst -sha256 -hmac ssssssssssssssssssssssss
    assert (
        headers["X-Chatwoot-Signature"]
        == "sha256=9ff986e7f99dcf963a8621fb14a88f78481c9f09e2061b0578af3f502421a032"
    )


def test_json_is_written_as_rails_writes_it() -> None:
    assert rails_json({"a": "<b> & ü"}) == '{"a":"\\u003cb\\u003e \\u0026 ü"}'.encode()


def test_a_refused_webhook_is_not_sent_again(receiver: Receiver, sender: Sender) -> None:
    receiver.status = 503
    sender.world.register_webhook(receiver.url, ["message_created"])

    sender.world.customer_writes(content="Hello")
    assert sender.world.outbox.wait_idle()

    assert [(delivery.event, delivery.status) for delivery in sender.log] == [("message_created", 503)]


def test_a_receiver_that_is_down_loses_the_event(sender: Sender) -> None:
    sender.world.register_webhook("http://127.0.0.1:9/hook", ["message_created"])

    sender.world.customer_writes(content="Hello")
    assert sender.world.outbox.wait_idle()

    assert [(delivery.status, delivery.error) for delivery in sender.log] == [(None, "ConnectionError")]


def test_only_subscribed_events_are_posted(receiver: Receiver, sender: Sender) -> None:
    sender.world.register_webhook(receiver.url, ["conversation_created"])

    sender.world.customer_writes(content="Hello")
    assert sender.world.outbox.wait_idle()

    assert receiver.events() == ["conversation_created"]


def test_two_webhooks_get_the_event_under_different_delivery_ids(receiver: Receiver, sender: Sender) -> None:
    sender.world.register_webhook(receiver.url, ["message_created"])
    sender.world.register_webhook(receiver.url + "?again", ["message_created"])

    sender.world.customer_writes(content="Hello")
    assert sender.world.outbox.wait_idle()

    assert len({headers["X-Chatwoot-Delivery"] for headers, _ in receiver.received}) == 2


def test_a_reset_secret_signs_the_next_event(receiver: Receiver, sender: Sender) -> None:
    webhook = sender.world.register_webhook(receiver.url, ["message_created"])
    old = webhook.secret

    new = sender.world.reset_secret(webhook.id)
    sender.world.customer_writes(content="Hello")
    assert sender.world.outbox.wait_idle()

    headers, body = receiver.received[0]
    at = int(headers["X-Chatwoot-Timestamp"])
    assert new != old
    assert headers["X-Chatwoot-Signature"] == signed_headers(body, new, "", at)["X-Chatwoot-Signature"]


def test_held_events_can_be_sent_mixed_and_twice(receiver: Receiver, sender: Sender) -> None:
    sender.world.register_webhook(receiver.url, ["message_created", "conversation_created"])
    sender.world.outbox.hold()
    sender.world.customer_writes(content="Hello")

    assert receiver.received == []

    sender.world.outbox.release(shuffle=random.Random(3), copies=2)
    assert sender.world.outbox.wait_idle()
    assert sorted(receiver.events()) == ["conversation_created"] * 2 + ["message_created"] * 2
