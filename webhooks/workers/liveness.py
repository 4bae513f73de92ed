"""One socket between run_workers and the processes of a cluster: a byte is a sign of life, its end means stop.

Every process that a cluster forks shares the same end of it. Under a plain qcluster there is none, and nothing happens.
"""

import os
import socket

VARIABLE = "WORKERS_LIFELINE"  # the descriptor's number, for the process that run_workers starts
_end: socket.socket | None = None


def take() -> None:
    """In a cluster's first process, before it forks."""
    global _end
    if number := os.environ.pop(VARIABLE, ""):
        _end = socket.socket(fileno=int(number))


def beat() -> None:
    """Somebody works."""
    if _end is not None:
        try:
            _end.send(b".", socket.MSG_DONTWAIT)
        except OSError:
            pass  # full: nobody listens just now; broken: is_cut() says so


def is_cut() -> bool:
    """Whether run_workers wants a stop, or is gone."""
    if _end is None:
        return False
    try:
        return _end.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
