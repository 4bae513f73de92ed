"""gunicorn's settings (gunicorn -c python:support_site.web_server), read from the same environment as the site's."""

import gc
import os
import shutil
import socket
import struct
from pathlib import Path
from typing import Any

from . import env

HOST = env.text("BIND", "127.0.0.1")
PORT = env.integer("PORT", default=8000, least=1)

bind = f"{HOST}:{PORT}"
workers = env.integer("WEB_WORKERS", default=2, least=1)
worker_class = "gthread"
# A page that waits for the database keeps its thread; the receiver must find another.
threads = 8
# Below the supervisor's patience, so that the last requests end before it kills.
graceful_timeout = 6
# Its default is one socket in the home folder, which two sites of one user would share.
control_socket_disable = True

# The server's own lines in the form of the others.
if env.text("LOG_FORMAT", "text") == "json":
    logconfig_dict = {
        "root": {"level": "INFO", "handlers": []},
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": False}},
        "formatters": {"generic": {"()": "support_site.logs.JsonFormatter"}},
    }

# gunicorn would believe any program of this machine that the proxy spoke HTTPS; who is believed says TRUSTED_PROXIES.
forwarded_allow_ips = ""

# A sender that falls silent amid a request would keep its thread for ever, and a few of them the whole receiver.
SILENCE_S = 5


def on_starting(server: Any) -> None:
    """Where this server's processes count what they answered (response_counts.py): new with each start, as counters are.

    Beside the spool, not in /tmp: that may be full, or be cleaned by age. Without a folder each process counts alone.
    """
    parent = Path(env.text("SPOOL_DIR") or env.BASE_DIR / "data" / "spool") / "metrics"
    for old in parent.glob("*"):
        if not Path(f"/proc/{old.name}").exists():  # its server was killed
            shutil.rmtree(old, ignore_errors=True)
    folder = parent / str(os.getpid())
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        server.log.warning("No folder for metrics: %s", error)
    else:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def on_exit(server: Any) -> None:
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        shutil.rmtree(folder, ignore_errors=True)


def when_ready(server: Any) -> None:
    """Accepted connections inherit the listener's timeout; it counts while a thread waits for bytes, not between requests."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENCE_S, 0))


def post_worker_init(worker: Any) -> None:
    """What the application itself is made of stays: without, the garbage collector walks through it while a webhook waits."""
    gc.collect()
    gc.freeze()
