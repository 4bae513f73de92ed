"""The queue between what happened and the webhook that tells of it.

Chatwoot's workers take from it in no promised order; a test can hold it, take from it, shuffle it.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque

from .records import Event


class Outbox:
    """Thread-safe. While held, nothing is handed to senders; `take_all` empties it for a test."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._changed = threading.Condition()
        self._held = False
        self._in_flight = 0
        self._closed = False

    def __len__(self) -> int:
        with self._changed:
            return len(self._events)

    def put(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def hold(self) -> None:
        with self._changed:
            self._held = True

    def release(self, shuffle: random.Random | None = None, copies: int = 1) -> None:
        """Let senders go on; before that optionally repeat every waiting event and mix them."""
        with self._changed:
            waiting = list(self._events) * copies
            if shuffle:
                shuffle.shuffle(waiting)
            self._events = deque(waiting)
            self._held = False
            self._changed.notify_all()

    def take_all(self) -> list[Event]:
        with self._changed:
            events = list(self._events)
            self._events.clear()
            self._changed.notify_all()
            return events

    def get(self) -> Event | None:
        """Wait for the next event; None once closed. Every event got must be marked `done`."""
        with self._changed:
            while not self._closed and (self._held or not self._events):
                self._changed.wait()
            if self._closed:
                return None
            self._in_flight += 1
            return self._events.popleft()

    def done(self) -> None:
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()

    def wait_idle(self, timeout: float = 10.0) -> bool:
        """True once nothing waits (held events aside) and nothing is being sent."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._in_flight or (self._events and not self._held):
                if not self._changed.wait(deadline - time.monotonic()):
                    return False
            return True

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
