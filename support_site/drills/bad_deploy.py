"""A deploy went wrong: legacy mode keeps customers served by the previous handler, and nothing is answered twice."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.core.management import CommandError, call_command

from webhooks.models import Delivery, Source
from webhooks.sources import modes

from .stage import Broken, Demo, Drill


def run(drill: Drill) -> None:
    demo = drill.demo
    drill.does("A customer writes.")
    first = demo.customer_writes()
    draft = drill.see("Queue", "the customer has a draft", lambda: demo.draft_for(first, "PROPOSED"))

    with _as_before(demo.source), _previous_handler() as (address, came):
        drill.does(
            "A deploy makes drafts wrong. One is approved before anybody notices; then: source_mode ... legacy."
        )
        demo.approve(draft)
        _switch(demo, "legacy", reason="Drill: wrong answers since the deploy.", forward_to=address)
        drill.see("Deliveries out", "the approved reply is held", lambda: _held(demo, first))

        drill.does("Another customer writes.")
        second = demo.customer_writes()
        drill.see(
            "Previous handler", "it has the event, byte for byte", lambda: _as_it_came(demo, second, came)
        )
        drill.see(
            "Deliveries out", "event.forward is done", lambda: demo.delivery(second, "event.forward", "DONE")
        )

        drill.does("The previous version is put back, and looked at before it is let loose.")
        drill.see("manage.py migrate --check", "the database fits the code", _database_fits)
        drill.see("/readyz", "webhooks can be kept", lambda: demo.get("/readyz").ok)
        drill.see("/healthz/workers", "workers work", lambda: demo.get("/healthz/workers").ok)

        drill.does("Back to active: source_mode ... active.")
        _switch(demo, "active", reason="Drill: the previous version runs.")
        drill.see("Queue", "who wrote meanwhile waits there", lambda: demo.queued(second))
        drill.see(
            "Draft", "the approved reply is parked: a person decides", lambda: demo.draft_for(first, "PARKED")
        )
        drill.see(
            "Chatwoot",
            "no reply of ours left",
            lambda: demo.our_replies(first) + demo.our_replies(second) == 0,
        )

        drill.does("A person closes the parked draft: the previous handler may have answered.")
        demo.api(f"drafts/{draft['id']}/close/", reason="Drill.")
        drill.see("Draft", "it is closed, the customer waits for a new one", lambda: demo.queued(first))


def _switch(demo: Demo, mode: str, **options: Any) -> None:
    try:
        call_command("source_mode", demo.source.slug, mode, **options)
    except CommandError as error:
        raise Broken(str(error)) from error


@contextlib.contextmanager
def _as_before(source: Source) -> Iterator[None]:
    """The drill's mode and previous handler do not outlast it."""
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


def _as_it_came(demo: Demo, conversation: int, came: dict[str, bytes]) -> bool:
    row = demo.delivery(conversation, "message_created")
    if not row or row["delivery_key"] not in came:
        return False
    return bytes(Delivery.objects.get(pk=row["id"]).body) == came[row["delivery_key"]]


def _database_fits() -> bool:
    try:
        call_command("migrate", check_unapplied=True, verbosity=0)
    except SystemExit:
        return False
    return True


@contextlib.contextmanager
def _previous_handler() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Its address, and each body it got by X-Chatwoot-Delivery."""
    came: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came[self.headers.get("X-Chatwoot-Delivery", "")] = body
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/hooks", came
    finally:
        server.shutdown()
        server.server_close()
