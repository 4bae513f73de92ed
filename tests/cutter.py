"""A TCP proxy that can be cut, to simulate network failures between the site and a server."""

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Literal, Self

Mode = Literal["refuse", "hang"]


class Link:
    """One client's connection; without a server, or once it is silent, what the client says goes nowhere."""

    def __init__(self, client: socket.socket, server: socket.socket | None) -> None:
        self.client, self.server, self.silent = client, server, server is None
        if server:
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._pump, args=[one, other], daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if not self.silent:
                    other.sendall(data)
        if not self.silent:
            self.end()

    def fall_silent(self) -> None:
        """The server sees its side end, as after its own timeout; the client's stays open."""
        self.silent = True
        if self.server:
            _reset(self.server)

    def end(self) -> None:
        for side in (self.client, self.server):
            if side:
                _reset(side)


class Cutter:
    """`port` passes everything on to the target until it is cut.

    refuse: connections break, new ones are refused. hang: connections stay, new ones are taken, and nothing is said;
    what hung so is never answered, not even after `mend`, as where a firewall has forgotten it.
    """

    def __init__(self, target: tuple[str, int], *, address: str = "127.0.0.1") -> None:
        self.target, self.address = target, address
        self._lock = threading.Lock()
        self._mode: Mode | None = None
        self._links: list[Link] = []
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.address, port))
        listener.listen(128)
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # closed: that is how it ends
            while True:
                self._take(listener.accept()[0])

    def _take(self, client: socket.socket) -> None:
        with self._lock:
            if self._mode == "refuse":
                _reset(client)
                return
            server = None if self._mode == "hang" else socket.create_connection(self.target)
            self._links.append(Link(client, server))

    def cut(self, mode: Mode) -> None:
        with self._lock:
            self._mode = mode
            if mode == "refuse":
                self._end()
            else:
                for link in self._links:
                    link.fall_silent()

    def restore(self) -> None:
        with self._lock:
            refused, self._mode = self._mode == "refuse", None
        if refused:
            self._listener = self._listen(self.port)

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        for link in self._links:
            link.end()
        self._links.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._end()


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for it
    end.close()
