"""Webhooks as they were answered: how many by code, and how long it took. Counted where it happens, without the database.

Several web processes count for one host: under gunicorn each has files of its own in one folder, which the scrape adds
up (prometheus_client's multiprocess mode, begun in web_server.py). Without that folder there is one process.
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
# Told from the start: a counter that appears late hides its first step.
CODES = (200, 400, 401, 404, 405, 413, 500, 503)
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)  # Chatwoot gives five seconds

_here = CollectorRegistry()
ANSWERED = Counter(
    "support_webhooks_answered", "Webhooks that came in, by the code of the answer", ["code"], registry=_here
)
SECONDS = Histogram(
    "support_webhook_answer_seconds", "From a webhook's head to its answer", buckets=BUCKETS, registry=_here
)
for code in CODES:
    ANSWERED.labels(str(code))


class CountWebhooks:
    """Around everything else, so that a refusal or a bug of ours counts like an answer."""

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
    """Of all web processes of this host. For a scrape to add to: a new one each time."""
    all_of_them = CollectorRegistry(auto_describe=False)
    if os.environ.get(FOLDER):
        MultiProcessCollector(all_of_them)
    else:
        all_of_them.register(_here)
    return all_of_them
