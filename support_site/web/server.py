"""gunicorn's settings (gunicorn -c python:support_site.web.server), from the same environment as the site."""

import gc
import os
import shutil
from pathlib import Path
from typing import Any

from ..configuration import env

HOST = env.text("BIND", "127.0.0.1")
PORT = env.integer("PORT", default=8000, least=1, most=65535)

bind = f"{HOST}:{PORT}"
workers = env.integer("WEB_WORKERS", default=2, least=1, most=256)
worker_class = "support_site.web.worker.Worker"
# It would keep a thread until the client has read the file.
sendfile = False
# A page that waits for the database blocks its thread; the receiver must find a free one.
threads = 8
# Below the supervisor's grace period, so that the last requests finish before it kills.
graceful_timeout = 6
# The default is a socket in the home folder, which two sites of one user would share.
control_socket_disable = True

# gunicorn's own log lines in the format of the others.
if env.choice("LOG_FORMAT", ("text", "json"), "text") == "json":
    logconfig_dict = {
        "root": {"level": "INFO", "handlers": []},
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": False}},
        "formatters": {"generic": {"()": "support_site.configuration.logs.JsonFormatter"}},
    }

# gunicorn would trust any local program that claims HTTPS. TRUSTED_PROXIES decides instead.
forwarded_allow_ips = ""


def on_starting(server: Any) -> None:
    """Where this server's processes count what they answered (response_counts.py): new with each start, as counters are.

    Beside the spool, not in /tmp: that may be full, or be cleaned by age. Without a folder each process counts alone.
    """
    parent = env.BASE_DIR / env.text("SPOOL_DIR", "data/spool") / "metrics"
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


def post_worker_init(worker: Any) -> None:
    """Exempts the loaded application from garbage collection, which would otherwise scan it while a webhook waits."""
    gc.collect()
    gc.freeze()
