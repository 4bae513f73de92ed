"""Switches that make the API misbehave the way real installations do.

Each added fault waits in line for requests that match it and is used up after `times` of them.
"""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "status",  # answer `code` with `body`, without doing the work
    "hang",  # wait `seconds`, then work (if `work`) and answer
    "drop_before",  # close the connection, nothing done
    "drop_after",  # do the work, then close the connection without an answer
    "late",  # close the connection now, do the work `seconds` later
    "rate_limit",  # 429, with Retry-After when `retry_after` is set
    "html",  # a proxy's page with `code`, the work done only if `work`
    "save_then_422",  # do the work, then claim it failed
    "cut",  # do the work, then break off in the middle of the answer
)


@dataclass
class Fault:
    kind: str
    method: str | None = None
    path: str = ""
    times: int | None = 1
    code: int = 500
    body: Any = field(default_factory=lambda: {"error": "Internal Server Error"})
    seconds: float = 30.0
    retry_after: int | None = 1
    work: bool | None = None

    def matches(self, method: str, path: str) -> bool:
        return self.method in (None, method) and re.search(self.path, path) is not None

    @property
    def works(self) -> bool:
        """Whether the request is carried out although its answer is spoilt."""
        if self.work is not None:
            return self.work
        return self.kind in ("hang", "drop_after", "save_then_422", "cut")


class Faults:
    """The faults still waiting, first added first used, then the random ones of `flaky`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._rate = 0.0
        self._rng = random.Random(1)  # noqa: S311 (repeatable, not secret)
        self._spoilt: set[str] = set()  # paths that have failed by chance
        self.used: list[Fault] = []

    def add(
        self,
        kind: str,
        method: str | None = None,
        path: str = "",
        times: int | None = 1,
        **how: Any,
    ) -> Fault:
        """`path` is a regular expression searched in the path; `times` None means until cleared."""
        if kind not in KINDS:
            raise ValueError(f"unknown fault {kind!r}; known are {', '.join(KINDS)}")
        re.compile(path)
        if kind == "html":
            how = {"code": 502, **how}
        fault = Fault(kind, method, path, times, **how)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def flaky(self, rate: float, seed: int = 1) -> None:
        """From now on fail this share of the reads, at random but repeatably; 0 switches it off.

        Each path fails once: a person who watches sees a retry, and never waits through a chain of them.
        """
        with self._lock:
            self._rate = rate
            self._spoilt = set()
            self._rng = random.Random(seed)  # noqa: S311

    def clear(self, kind: str | None = None) -> None:
        """All of them, the random ones included; or those of one kind alone."""
        with self._lock:
            self._waiting = [fault for fault in self._waiting if kind not in (None, fault.kind)]
            self._rate = self._rate if kind else 0.0

    def lasting(self) -> list[Fault]:
        """Those that stay until they are cleared."""
        with self._lock:
            return [fault for fault in self._waiting if fault.times is None]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault this request meets, if any; it counts as used."""
        with self._lock:
            fault = self._next_waiting(method, path) or self._by_chance(method, path)
            if fault:
                self.used.append(fault)
            return fault

    def _next_waiting(self, method: str, path: str) -> Fault | None:
        fault = next((f for f in self._waiting if f.matches(method, path)), None)
        if fault and fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._waiting.remove(fault)
        return fault

    def _by_chance(self, method: str, path: str) -> Fault | None:
        # Reads only: a write that fails at random would hide what the demo is about to show.
        # The bare version at /api stays: it is asked to see whether the process is up.
        readable = method == "GET" and path.startswith("/api/v1/") and path not in self._spoilt
        if not readable or self._rng.random() >= self._rate:
            return None
        self._spoilt.add(path)
        kind, code = self._rng.choice((("status", 500), ("status", 503), ("html", 502), ("rate_limit", 429)))
        return Fault(kind, code=code, times=None)
