"""The stand-in Chatwoot as a running server: `with SimulatedChatwoot() as chatwoot: chatwoot.url`.

It reads requests, lets faults spoil them, and writes answers; what they mean is in `api`, `control` and `pages`.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from . import api, control, forms, model, pages
from .api import Answer, Request
from .faults import Fault
from .sender import Sender
from .state import ADMIN_TOKEN
from .world import World

logger = logging.getLogger(__name__)

_PROXY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Seen:
    """One API request as it came, and what became of it (status None: no answer was given)."""

    request: Request
    fault: str | None
    at: float
    status: int | None = None


class SimulatedChatwoot:
    """A world, its webhook senders and its HTTP server; port 0 takes any free one.

    With `deliver=False` no webhook is posted: take the events from `world.outbox` instead.
    """

    account_id = World.account_id
    admin_token = ADMIN_TOKEN

    def __init__(
        self,
        world: World | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        deliver: bool = True,
    ) -> None:
        self.world = world or World()
        self.model = model.Model()
        self.sender = Sender(self.world)
        self.requests: list[Seen] = []
        self.stopping = threading.Event()
        self._deliver = deliver
        self._http = _Server((host, port), self)
        self.world.url = self.url = f"http://{host}:{self._http.server_address[1]}"

    def start(self) -> Self:
        if self._deliver:
            self.sender.start()
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        if self._deliver:
            self.sender.stop()

    def wait_idle(self, timeout: float = 10.0) -> bool:
        """True once every webhook so far has been posted."""
        return self.world.outbox.wait_idle(timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A test must not wait at the end for a hanging request.
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], chatwoot: SimulatedChatwoot) -> None:
        self.chatwoot = chatwoot
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that gave up is what many tests are about; it is no news.
        logger.debug("simulator.connection_broken", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    _seen: Seen | None = None

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_GET(self) -> None:
        chatwoot, request = self.server.chatwoot, self._read()
        if request.path.startswith("/api"):
            self._answer_api(request)
        elif request.path.startswith("/v1/"):
            self._answer_as_model(request)
        elif request.path.startswith("/simulator/"):
            self._send_json(control.handle(chatwoot, request))
        elif file := forms.stored(chatwoot.world, request.path):
            self._send(200, file.content, file.content_type, Content_Disposition="attachment")
        elif request.method == "GET":
            status, page = pages.render(chatwoot.world, request.path)
            self._send(status, page.encode(), "text/html; charset=utf-8")
        else:
            self._send_json(Answer(404, {"error": "Resource could not be found"}))

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET

    def _read(self) -> Request:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body, files = forms.read(raw, self.headers.get("Content-Type") or "") or (_body(raw), [])
        return Request(
            method=self.command,
            path=url.path.rstrip("/") or "/",
            query=dict(parse_qsl(url.query)),
            body=body if isinstance(body, dict) else {},
            token=self.headers.get("api_access_token") or self.headers.get("Api-Access-Token"),
            files=files,
        )

    def _answer_api(self, request: Request) -> None:
        chatwoot = self.server.chatwoot
        fault = chatwoot.world.faults.take(request.method, request.path)
        # Logged before it is answered: a test may look the moment it has its answer.
        self._seen = Seen(request, fault.kind if fault else None, time.time())
        chatwoot.requests.append(self._seen)
        if fault:
            self._spoil(fault, request)
        else:
            self._send_json(api.handle(chatwoot.world, request))

    def _answer_as_model(self, request: Request) -> None:
        if request.method == "GET" and request.path == "/v1/models":
            self._send_json(Answer(200, model.models()))
            return
        if (request.method, request.path) != ("POST", "/v1/chat/completions"):
            self._send_json(Answer(404, {"error": {"message": "Not found."}}))
            return
        chatwoot = self.server.chatwoot
        reply = chatwoot.model.complete(request.body)
        self._seen = Seen(request, None, time.time())
        chatwoot.requests.append(self._seen)
        if reply.hang and chatwoot.stopping.wait(reply.hang):
            return
        if not reply.drip:
            self._send(reply.status, reply.body, reply.kind, **reply.headers)
            return
        self._send(reply.status, b"", reply.kind, Content_Length=str(len(reply.body)))
        for place in range(len(reply.body)):
            if chatwoot.stopping.wait(reply.drip):
                return
            self.wfile.write(reply.body[place : place + 1])
            self.wfile.flush()

    def _spoil(self, fault: Fault, request: Request) -> None:
        world = self.server.chatwoot.world
        if fault.kind == "hang":
            self.server.chatwoot.stopping.wait(fault.seconds)
        answer = api.handle(world, request) if fault.works else Answer(fault.code, fault.body)
        if fault.kind == "hang" and fault.works:
            self._send_json(answer)
            return
        if fault.kind == "late":
            _later(fault.seconds, lambda: api.handle(world, request))
        spoiler = _SPOILERS.get(fault.kind, _drop)
        spoiler(self, fault, answer)

    def _send_json(self, answer: Answer) -> None:
        # Rails answers an action without a body with nothing at all.
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self._send(answer.status, body, "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        """Content_Length: of a body that follows in pieces."""
        if self._seen:
            self._seen.status = status
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", headers.pop("Content_Length", str(len(body))))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date of every answer, by the world's clock."""
        return super().date_time_string(self.server.chatwoot.world.now() if timestamp is None else timestamp)

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug("simulator.request", extra={"line": format % args})


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        return dict(parse_qsl(raw.decode(errors="replace")))


def _drop(handler: _Handler, fault: Fault, answer: Answer) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def _cut(handler: _Handler, fault: Fault, answer: Answer) -> None:
    body = json.dumps(answer.body).encode()
    handler.send_response(answer.status)
    handler.send_header("Content-Type", "application/json; charset=utf-8")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    _drop(handler, fault, answer)


def _status(handler: _Handler, fault: Fault, answer: Answer) -> None:
    handler._send_json(Answer(fault.code, fault.body))


def _rate_limit(handler: _Handler, fault: Fault, answer: Answer) -> None:
    wait = {} if fault.retry_after is None else {"Retry_After": str(fault.retry_after)}
    handler._send(429, b"Retry later\n", "text/plain", **wait)


def _html(handler: _Handler, fault: Fault, answer: Answer) -> None:
    handler._send(fault.code, _PROXY_PAGE.encode(), "text/html")


def _save_then_422(handler: _Handler, fault: Fault, answer: Answer) -> None:
    handler._send_json(Answer(422, {"error": "Something went wrong after saving"}))


# The kinds not named here end in a dropped connection.
_SPOILERS: dict[str, Callable[[_Handler, Fault, Answer], None]] = {
    "status": _status,
    "rate_limit": _rate_limit,
    "html": _html,
    "save_then_422": _save_then_422,
    "cut": _cut,
}


def _later(seconds: float, work: Callable[[], object]) -> None:
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
