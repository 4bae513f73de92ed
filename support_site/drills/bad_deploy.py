"""A bad deployment: in legacy mode the previous handler serves customers, and nothing is answered twice."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.core.management import CommandError, call_command

from webhooks.models import Delivery, Source
from webhooks.sources import modes

from .stage import Demo, Drill, DrillFailed


def run(drill: Drill) -> None:
    demo = drill.demo
    drill.does("A customer writes.")
    first = demo.customer_writes()
    draft = drill.see("Queue", "the customer has a draft", lambda: demo.draft_for(first, "PROPOSED"))

    with _restored(demo.source), _previous_handler() as (address, received):
        drill.does(
            "A deployment produces wrong drafts. One is approved before anyone notices. Then: source_mode ... legacy."
        )
        demo.approve(draft)
        _switch(demo, "legacy", reason="Drill: wrong answers since the deployment.", forward_to=address)
        drill.see("Deliveries out", "the approved reply is held", lambda: _held(demo, first))

        drill.does("Another customer writes.")
        second = demo.customer_writes()
        drill.see(
            "Previous handler",
            "it received the event, byte for byte",
            lambda: _unchanged(demo, second, received),
        )
        drill.see(
            "Deliveries out", "event.forward is done", lambda: demo.delivery(second, "event.forward", "DONE")
        )

        drill.does("The previous version is deployed and checked before it goes live.")
        drill.see("manage.py migrate --check", "the database matches the code", _database_matches)
        drill.see("/readyz", "webhooks can be stored", lambda: demo.get("/readyz").ok)
        drill.see("/healthz/workers", "workers are running", lambda: demo.get("/healthz/workers").ok)

        drill.does("Back to active: source_mode ... active.")
        _switch(demo, "active", reason="Drill: the previous version is running.")
        drill.see("Queue", "the customer who wrote meanwhile is waiting", lambda: demo.queued(second))
        drill.see(
            "Draft",
            "the approved reply is parked until a person decides",
            lambda: demo.draft_for(first, "PARKED"),
        )
        drill.see(
            "Chatwoot",
            "no reply was sent",
            lambda: demo.our_replies(first) + demo.our_replies(second) == 0,
        )

        drill.does("A person closes the parked draft: the previous handler may have answered.")
        demo.api(f"drafts/{draft['id']}/close/", reason="Drill.")
        drill.see(
            "Draft", "it is closed, and the customer is waiting for a new one", lambda: demo.queued(first)
        )


def _switch(demo: Demo, mode: str, **options: Any) -> None:
    try:
        call_command("source_mode", demo.source.slug, mode, **options)
    except CommandError as error:
        raise DrillFailed(str(error)) from error


@contextlib.contextmanager
def _restored(source: Source) -> Iterator[None]:
    """Restores the source's mode and previous handler at the end."""
    url = source.legacy_url
    try:
        yield
    finally:
        source.refresh_from_db()
        if source.mode != Source.Mode.ACTIVE:
            call_command("source_mode", source.slug, "active", reason="The drill ended early.")
        modes.set_legacy_url(Source.objects.get(pk=source.pk), url)


def _held(demo: Demo, conversation: int) -> bool:
    row = demo.delivery(conversation, "reply.send", "HELD")
    return bool(row) and row["held_for"] == "paused"


def _unchanged(demo: Demo, conversation: int, received: dict[str, bytes]) -> bool:
    row = demo.delivery(conversation, "message_created")
    if not row or row["delivery_key"] not in received:
        return False
    return bytes(Delivery.objects.get(pk=row["id"]).body) == received[row["delivery_key"]]


def _database_matches() -> bool:
    try:
        call_command("migrate", check_unapplied=True, verbosity=0)
    except SystemExit:
        return False
    return True


@contextlib.contextmanager
def _previous_handler() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Its address, and each received body by X-Chatwoot-Delivery."""
    received: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received[self.headers.get("X-Chatwoot-Delivery", "")] = body
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hooks", received
    finally:
        server.shutdown()
        server.server_close()
