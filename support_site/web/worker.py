"""gunicorn's worker with threads, changed in one respect: a thread does not wait for a client.

gunicorn's own threads read requests and write answers, so that a client who sends or reads a byte now and then holds one for as
long as it likes, and its main loop waits up to two seconds for each client that leaves a closed connection open. Here the main
loop does that waiting, for many connections at once, each with a deadline. See docs/decisions/0024-slow-clients.md.
"""

import errno
import socket
import time
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from types import SimpleNamespace
from typing import Any

from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import ThreadWorker

from . import server_errors
from .connection import MOST_BODY, TOO_SLOW, Connection

LOOK_EACH_S = 0.25
READ_SIZE = 256 * 1024
# For each process. Above them, those who wait are closed, the least promising first.
MOST_WAITING = 400
MOST_BYTES = 8 * MOST_BODY
NO_MORE_FILES = (errno.EMFILE, errno.ENFILE)


class Worker(ThreadWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        server_errors.in_json()
        self.connections: set[Connection] = set()
        self.waiting: dict[Connection, int] = {}  # and for what
        self.looked_at = 0.0

    def accept(self, listener: socket.socket) -> None:
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in NO_MORE_FILES:
                self.close_least_promising()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        conn = Connection(self.cfg, sock, client, listener.getsockname())
        self.connections.add(conn)
        self.nr_conns += 1
        self.read(conn)

    def read(self, conn: Connection) -> None:
        try:
            data = conn.sock.recv(READ_SIZE)
        except BlockingIOError:
            self.wait_for(conn, EVENT_READ)
            return
        except OSError:
            data = b""
        if not data:
            self.drop(conn)
        elif conn.lingers:
            self.wait_for(conn, EVENT_READ)
        else:
            self.take(conn, data)

    def take(self, conn: Connection, data: bytes) -> None:
        """The next bytes of a request. Once it is complete, or too long to be, a thread gets it."""
        conn.feed(data)
        if not conn.request.decided:
            self.wait_for(conn, EVENT_READ)
            return
        self.stop_waiting_for(conn)
        conn.parser = RequestParser(self.cfg, conn.request.pieces(), conn.client)
        self.enqueue_req(conn)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """In a thread."""
        if conn.request.refused:
            req.force_close()
        conn.sock.setblocking(False)
        client = SimpleNamespace(sock=conn.answer, client=conn.client, server=conn.server)
        try:
            return super().handle_request(req, client)
        except TimeoutError:
            self.log.info("A client did not read its answer.")
            conn.answer.rest.clear()
            return False

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        return keepalive  # the next request gets a parser of its own

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        """Back in the main loop."""
        conn.finish(again=not fs.cancelled() and fs.exception() is None and bool(fs.result()))
        self.send_rest(conn)

    def send_rest(self, conn: Connection) -> None:
        """Then waits for the next request, or for the client to close."""
        try:
            conn.sock.setblocking(False)
            if not conn.answer.send_rest():
                self.wait_for(conn, EVENT_WRITE)
                return
            self.stop_waiting_for(conn)
            ahead = conn.await_next()
        except OSError:  # the client is gone
            self.drop(conn)
            return
        if ahead:
            self.take(conn, ahead)
        else:
            self.read(conn)

    def wait_for(self, conn: Connection, events: int) -> None:
        if self.waiting.get(conn) != events:
            self.stop_waiting_for(conn)
            self.waiting[conn] = events
            self.poller.register(conn.sock, events, partial(self.on_ready, conn))
        if len(self.waiting) > MOST_WAITING or sum(one.size for one in self.connections) > MOST_BYTES:
            self.close_least_promising()

    def on_ready(self, conn: Connection, _: Any) -> None:
        """conn may have been closed in favour of another one since the poller looked."""
        events = self.waiting.get(conn)
        if events == EVENT_READ:
            self.read(conn)
        elif events == EVENT_WRITE:
            self.send_rest(conn)

    def stop_waiting_for(self, conn: Connection) -> None:
        if self.waiting.pop(conn, None):
            self.poller.unregister(conn.sock)

    def close_least_promising(self) -> None:
        if self.waiting:
            self.drop(min(self.waiting, key=lambda conn: conn.promise))

    def drop(self, conn: Connection) -> None:
        self.stop_waiting_for(conn)
        self.connections.discard(conn)
        self.nr_conns -= 1
        conn.close()

    def murder_keepalived(self, force: bool = False) -> None:
        """Closes those who are too slow. gunicorn calls it at each turn of its loop."""
        now = time.monotonic()
        if now - self.looked_at < LOOK_EACH_S and not force:
            return
        self.looked_at = now
        for conn in [conn for conn in self.waiting if force or conn.timeout <= now]:
            if conn.request.data:
                conn.say(TOO_SLOW)
            self.drop(conn)

    def murder_pending(self) -> None:
        """gunicorn's other list of those who wait; here there is one."""

    def _cap_keepalive(self, deadline: float) -> None:
        """A worker that stops waits no longer than this for a next request."""
        for conn in self.waiting:
            if conn.reused and not conn.size:
                conn.timeout = min(conn.timeout, deadline)
