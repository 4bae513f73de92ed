"""Counts the responses to webhooks by status code, and how long they took. Needs no database.

Under gunicorn, each web process of a host writes its own files to one folder, and a scrape adds them up
(prometheus_client's multiprocess mode, set up in web/server.py). Without that folder there is only one process.
"""

import logging
import os
import tempfile
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def _use_folder() -> None:
    """Without it this process counts alone: no metric may keep a web process from starting."""
    if not (folder := os.environ.get(FOLDER)):
        return
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"?")
    except OSError as error:
        os.environ.pop(FOLDER)
        logger.warning("metrics.no_folder", extra={"folder": folder, "error": str(error)})


logger = logging.getLogger(__name__)
_use_folder()  # before prometheus_client decides by it, at its import, where values are kept

from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: E402
from prometheus_client.multiprocess import MultiProcessCollector  # noqa: E402

PATH = "/webhooks/"
# Created at the start: Prometheus misses the first increment of a counter that appears later.
CODES = (200, 400, 401, 404, 405, 413, 500, 503)
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)  # Chatwoot times out after 5 s

_here = CollectorRegistry()
ANSWERED = Counter(
    "support_webhooks_answered", "Webhooks received, by status code of the response", ["code"], registry=_here
)
SECONDS = Histogram(
    "support_webhook_answer_seconds",
    "Time to respond to a webhook, in seconds",
    buckets=BUCKETS,
    registry=_here,
)
for code in CODES:
    ANSWERED.labels(str(code))


class CountWebhooks:
    """Outermost middleware, so that rejections and errors are counted too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PATH):
            return self.get_response(request)
        began = time.perf_counter()
        response = self.get_response(request)
        try:
            SECONDS.observe(time.perf_counter() - began)
            ANSWERED.labels(str(response.status_code)).inc()
        except Exception:  # an answer that was given stays given
            logger.exception("metrics.not_counted")
        return response


def registry() -> CollectorRegistry:
    """All web processes of this host. A new registry for each scrape, which adds to it."""
    all_of_them = CollectorRegistry(auto_describe=False)
    if os.environ.get(FOLDER):
        MultiProcessCollector(all_of_them)
    else:
        all_of_them.register(_here)
    return all_of_them
