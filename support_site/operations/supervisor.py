"""Runs several long-lived commands as one: prefixes their output with a name and stops them together.

Every child leads its own process group, so that its own children stop with it. Independent of Django and of this site.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self, TextIO

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_S = 0.1


class Stopped(Exception):
    """A signal asked to stop everything."""


class ChildExited(Exception):
    """A child that should keep running has exited."""


@dataclass
class Child:
    name: str
    process: subprocess.Popen[str]
    stays: bool
    reader: threading.Thread

    def signal_group(self, number: int) -> bool:
        """Whether the child's process group still exists. Signal number 0 only checks."""
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True


class Supervisor:
    """A context manager. On exit it stops every child within `grace_s` seconds, or kills it."""

    def __init__(self, *, grace_s: float = 9.0, out: TextIO | None = None) -> None:
        self.grace_s = grace_s
        self._out = out or sys.stdout
        self._writing = threading.Lock()
        self._children: list[Child] = []
        self._signals = 0

    def __enter__(self) -> Self:
        # Set explicitly, because a shell starts background jobs with SIGINT ignored.
        self._handlers = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1

    def start(self, name: str, command: Sequence[str], *, stays: bool = True) -> Child:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        reader = threading.Thread(target=self._copy_lines, args=(name, process.stdout), daemon=True)
        reader.start()
        child = Child(name, process, stays, reader)
        self._children.append(child)
        return child

    def run(self, name: str, command: Sequence[str]) -> int:
        """Runs a short command next to the others and returns its exit status."""
        child = self.start(name, command, stays=False)
        self.wait(lambda: child.process.poll() is not None)
        child.reader.join(timeout=1)
        return child.process.returncode

    def wait(self, until: Callable[[], bool] = lambda: False, *, within_s: float = float("inf")) -> bool:
        """True once `until` holds, False when time is up. Raises Stopped or ChildExited if that happens first."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self._signals:
                raise Stopped
            for child in self._children:
                if child.stays and (status := child.process.poll()) is not None:
                    child.reader.join(timeout=1)
                    raise ChildExited(f"{child.name} exited unexpectedly ({_describe(status)})")
            if until():
                return True
            time.sleep(POLL_S)
        return False

    def stop(self) -> None:
        """1. Ask each child, which stops what it started. 2. Ask processes that outlived their parent. 3. Kill the rest.

        A second signal during the wait skips to 3.
        """
        deadline = time.monotonic() + self.grace_s
        signals_before = max(self._signals, 1)

        def settle(done: Callable[[], bool]) -> None:
            while not done() and time.monotonic() < deadline and self._signals <= signals_before:
                time.sleep(POLL_S)

        for child in self._children:
            child.process.terminate()
        settle(lambda: all(child.process.poll() is not None for child in self._children))
        left = [child for child in self._children if child.signal_group(signal.SIGTERM)]
        settle(lambda: not any(child.signal_group(0) for child in left))
        for child in left:
            if child.signal_group(signal.SIGKILL):
                self._write(child.name, "did not stop in time and was killed")
        for child in self._children:
            child.process.wait()
            child.reader.join(timeout=1)
        self._children.clear()

    def _copy_lines(self, name: str, lines: TextIO) -> None:
        for line in lines:
            self._write(name, line.rstrip("\r\n"))

    def _write(self, name: str, line: str) -> None:
        with self._writing:
            try:
                print(f"{name} | {line}", file=self._out, flush=True)
            except OSError:
                pass  # our reader is gone, but the child blocks unless its pipe is emptied


def _describe(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"
