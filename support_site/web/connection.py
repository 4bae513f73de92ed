"""One client of the web process: what it has sent, what it has yet to read, and until when either is waited for."""

import socket
import time
from typing import Any

from gunicorn.workers.gthread import TConn

from ..configuration import env
from .request_bytes import RequestBytes

# For the whole of a request, however many bytes trickle in meanwhile. Chatwoot itself gives up after 5 s.
HEAD_S = 5.0
REQUEST_S = 15.0
SLOWEST = 128 * 1024  # bytes a second: a request that brings more has the time for them, on top
ANSWER_S = 30.0  # to read an answer
EXPORT_S = 10.0  # to read a part of an answer that is too long to keep: only here does a thread wait
LINGER_S = 2.0  # to close after the last answer
MOST_WEBHOOK = env.integer("WEBHOOK_MAX_BYTES", default=25 * 2**20, least=1024, most=2**30)
MOST_BODY = max(MOST_WEBHOOK, 26 * 2**20)  # a form with the files of a reply
MOST_KEPT = 2**20  # of an answer
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class Answer:
    """Takes the socket's place for gunicorn: sends what the client takes at once, and keeps the rest for the main loop."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.rest = sock, bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)

    def sendall(self, data: bytes) -> None:
        self.rest += data
        if self.send_rest() or len(self.rest) <= MOST_KEPT:
            return
        self.sock.settimeout(EXPORT_S)
        self.sock.sendall(self.rest)
        self.sock.setblocking(False)
        self.rest.clear()

    def send(self, data: bytes) -> int:
        """gunicorn sends only "100 Continue" in this way, which the client got before its body was read."""
        return len(data)

    def send_rest(self) -> bool:
        """Whether all is sent. Raises OSError when the client is gone."""
        try:
            while self.rest:
                del self.rest[: self.sock.send(self.rest)]
        except BlockingIOError:
            return False
        return True


class Connection(TConn):
    """Read and closed by the main loop; a thread has it only from a complete request to the end of its view."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.initialized = True  # neither TLS nor HTTP/2 is spoken here
        self.answer = Answer(self.sock)
        self.reused = self.again = self.lingers = False
        self.ahead = b""
        self.began = time.monotonic()
        self.timeout = self.began + HEAD_S
        self.request = RequestBytes(most_body=MOST_BODY, most_webhook=MOST_WEBHOOK)

    @property
    def size(self) -> int:
        return len(self.request.data) + len(self.answer.rest) + len(self.ahead)

    def feed(self, data: bytes) -> None:
        had_head = self.request.has_head
        if self.reused and not self.request.data:
            self.began = time.monotonic()
        self.request.feed(data)
        here = len(self.request.data) / SLOWEST
        self.timeout = self.began + (REQUEST_S + here if self.request.has_head else HEAD_S)
        if self.request.asks_to_go_on and not had_head and not self.request.decided:
            self.say(GO_ON)

    def finish(self, *, again: bool) -> None:
        """After a view; again: the connection stays open."""
        self.ahead = self.request.next_request() if again else b""
        self.again, self.reused, self.parser = again, True, None
        self.request = RequestBytes(most_body=MOST_BODY, most_webhook=MOST_WEBHOOK)
        self.timeout = time.monotonic() + ANSWER_S

    def await_next(self) -> bytes:
        """What has come of the next request already. Raises OSError when the client is gone."""
        self.timeout = time.monotonic() + (self.cfg.keepalive if self.again else LINGER_S)
        if not self.again:
            self.lingers = True
            self.sock.shutdown(socket.SHUT_WR)
        ahead, self.ahead = self.ahead, b""
        return ahead

    def say(self, data: bytes) -> None:
        """A few bytes from the main loop, which cannot wait for them to be taken."""
        try:
            self.sock.send(data)
        except OSError:
            pass

    @property
    def promise(self) -> tuple[int, float]:
        """Who is closed first when too many wait: the idle, then the unsigned, then the signed; of each, the longest waiting."""
        if not self.size:
            return int(not self.reused), self.timeout
        return 1 + self.request.signed, self.timeout
