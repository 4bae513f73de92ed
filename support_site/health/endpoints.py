"""Health endpoints for load balancers and alerts. Details only from loopback or with METRICS_TOKEN."""

import hmac
import os
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse

from knowledge.search import state as search_state
from webhooks.accounts import rate_limits
from webhooks.database import clock, deadline, outage
from webhooks.models import Delivery, WorkerHost
from webhooks.receiver import source_cache, spool

QUIET_AFTER = timedelta(seconds=30)  # six missed heartbeats
PROBE_S = 3.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ROOM_BYTES = (
    32 * 2**20
)  # one of the largest webhooks (WEBHOOK_MAX_BYTES), and its page of the write-ahead log
STUCK_AFTER = timedelta(minutes=5)
# What proxies and CDNs add, whatever they call it.
PROXIED = re.compile(
    r"x-forwarded|forwarded|via$|cdn-|cf-|.*-ip$|.*-trace-id$|x-envoy|x-original", re.IGNORECASE
)


View = Callable[[HttpRequest], HttpResponse]


def needs_database(view: View) -> View:
    """Answers a plain 503 when the database does not answer, because a probe cannot read an error page."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        try:
            if not outage.is_known():
                with deadline.within(PROBE_S):
                    return view(request)
        except Error:  # a broken connection raises InterfaceError, which is not a DatabaseError
            if not connection.in_atomic_block:
                connection.close()
        return JsonResponse({"status": "unavailable", "detail": "The database does not answer."}, status=503)

    return answer


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """This process can keep a webhook, in the database or on disk. Whatever else is missing only degrades it."""
    degraded, on_disk = [], spool.has_room()
    try:
        if not outage.ask(_hosts_alive):
            degraded.append("no workers: deliveries are kept, not processed")
        source_cache.find("", fresh=True)
        in_database = _database_has_room()
        if not in_database:
            degraded.append("the database's disk is full: webhooks are stored in SPOOL_DIR")
    except (outage.DatabaseUnavailable, source_cache.CacheEmpty):
        in_database = False
        degraded.append("the database does not answer: webhooks are stored on disk")
    if not on_disk:
        degraded.append("SPOOL_DIR takes no webhook: its disk is full or SPOOL_MAX_MB are used")
    if not in_database and not on_disk:
        return _ready(request, "unavailable", degraded, status=503)
    if slugs := source_cache.unreadable():
        names = ", ".join(sorted(slugs))
        degraded.append(
            f"secrets of {names} cannot be read with ENCRYPTION_KEYS: what they sign is stored on disk"
        )
    if in_database and (why := outage.ask(search_state.trouble)):
        degraded.append(f"search goes by words alone: {why}")
    if not _broker_answers():
        degraded.append("the queue broker does not answer: workers cannot be woken")
    if waiting := spool.held().files:
        degraded.append(f"{waiting} webhook{'s' if waiting > 1 else ''} on disk waiting for the database")
    return _ready(request, "degraded" if degraded else "ok", degraded, status=200)


def _database_has_room() -> bool:
    """SQLite's file grows on this host's disk; of a server's disk only its own errors tell."""
    if (
        not settings.IS_SQLITE
        or not (name := str(connection.settings_dict["NAME"]))
        or not Path(name).exists()
    ):
        return True
    try:
        disk = os.statvfs(Path(name).parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize > ROOM_BYTES


def _ready(request: HttpRequest, status_word: str, degraded: list[str], *, status: int) -> JsonResponse:
    answer: dict[str, Any] = {"status": status_word}
    if may_see_details(request):
        answer["degraded"] = degraded
    return JsonResponse(answer, status=status)


def _broker_answers() -> bool:
    """The ORM broker is the database."""
    if not settings.QUEUE_URL:
        return True
    try:
        with redis.from_url(settings.QUEUE_URL, socket_timeout=1, socket_connect_timeout=1) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False


@needs_database
def workers(request: HttpRequest) -> JsonResponse:
    """503 when no worker is running or the oldest due delivery waits too long. For alerts, not for load balancers."""
    now = clock.now()
    oldest = Delivery.objects.filter(next_attempt_at__lte=now).aggregate(at=Min("next_attempt_at"))["at"]
    hosts, late = _hosts_alive(), oldest is not None and oldest < now - STUCK_AFTER
    stuck = not hosts or late
    answer: dict[str, Any] = {"status": "stuck" if stuck else "ok"}
    if may_see_details(request):
        answer |= {
            "hosts": hosts,
            "backlog": Delivery.objects.filter(next_attempt_at__lte=now).count(),
            "oldest_due_s": round((now - oldest).total_seconds()) if oldest else 0,
        }
    return JsonResponse(answer, status=503 if stuck else 200)


def may_see_details(request: HttpRequest) -> bool:
    """With METRICS_TOKEN: requests that carry it. Without: this machine, if the site is served on loopback only."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    return _is_loopback(request)


def _is_loopback(request: HttpRequest) -> bool:
    """Behind a proxy on this host every visitor looks local, and not every proxy says so: then PUBLIC_URL does."""
    if urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK or settings.TRUSTED_PROXIES:
        return False
    forwarded = request.META.get(rate_limits.UNTRUSTED_PROXY) or any(map(PROXIED.match, request.headers))
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded


def _hosts_alive() -> list[str]:
    return list(
        WorkerHost.objects.filter(beat_at__gte=clock.now() - QUIET_AFTER).values_list("host", flat=True)
    )
