"""A source that is switched, and a previous handler that keeps what it is given."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.factories import NOW, make_source
from webhooks.models import ModeChange
from webhooks.sources import modes


def switch(mode: str, *, reason: str = "Wrong prices.", now: Any = NOW, **facts: Any) -> ModeChange:
    return modes.switch(make_source(), mode, by=facts.pop("by", None), reason=reason, now=now, **facts)


class PreviousHandler:
    """got: (path, headers, body) of each request. answers: the statuses to come; 0 goes away without one."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._requests())
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?from=chatwoot"

    def _requests(self) -> type[BaseHTTPRequestHandler]:
        handler = self

        class Request(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                handler.got.append((self.path, dict(self.headers.items()), body))
                status = handler.answers.pop(0) if handler.answers else 200
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.send_header("Location", "http://elsewhere.test/")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        return Request


@contextmanager
def previous_handler() -> Iterator[PreviousHandler]:
    handler = PreviousHandler()
    thread = threading.Thread(
        target=handler.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield handler
    finally:
        handler.server.shutdown()
        handler.server.server_close()
