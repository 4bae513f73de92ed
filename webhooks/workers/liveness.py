"""A socket between run_workers and the processes of a cluster: a byte is a heartbeat, closing it means stop.

All processes that a cluster forks share the same end. Under a plain qcluster there is no socket, and nothing happens.
"""

import os
import socket

VARIABLE = "WORKERS_LIVENESS_FD"  # the file descriptor, for the process that run_workers starts
_end: socket.socket | None = None


def adopt() -> None:
    """Called in a cluster's first process, before it forks."""
    global _end
    if number := os.environ.pop(VARIABLE, ""):
        _end = socket.socket(fileno=int(number))


def beat() -> None:
    """Tell run_workers that this process works."""
    if _end is not None:
        try:
            _end.send(b".", socket.MSG_DONTWAIT)
        except OSError:
            pass  # full: run_workers is not reading just now; broken: is_closed() reports it


def is_closed() -> bool:
    """Whether run_workers requests a stop, or has exited."""
    if _end is None:
        return False
    try:
        return _end.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
