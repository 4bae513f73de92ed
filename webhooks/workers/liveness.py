"""A socket between run_workers and the processes of a cluster: a byte is a heartbeat, closing it means stop.

All processes that a cluster forks share the same end. Under a plain qcluster there is no socket, and nothing happens.
"""

import os
import signal
import socket
import threading
import time

VARIABLE = "WORKERS_LIVENESS_FD"  # the file descriptor, for the process that run_workers starts
END_S = 9  # for a clean stop; run_workers kills what takes longer than 7 s, where it still can
_end: socket.socket | None = None


def adopt() -> None:
    """Called in a cluster's first process, before it forks."""
    global _end
    if number := os.environ.pop(VARIABLE, ""):
        _end = socket.socket(fileno=int(number))
        os.register_at_fork(after_in_child=_watch)
        _watch()


def _watch() -> None:
    """In each process of the cluster: none outlives run_workers, however that ended and whatever this process waits for."""
    threading.Thread(target=_end_with_run_workers, name="liveness", daemon=True).start()


def _end_with_run_workers() -> None:
    try:
        while _end is not None and _end.recv(1, socket.MSG_PEEK):
            pass
    except OSError:
        pass
    time.sleep(END_S)
    os.kill(os.getpid(), signal.SIGKILL)


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
