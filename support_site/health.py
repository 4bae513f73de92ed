"""Health endpoints for load balancers and alerts. Details only from loopback or with METRICS_TOKEN."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from webhooks.database import deadline, outage
from webhooks.models import Delivery, WorkerHost
from webhooks.receiver import spool

QUIET_AFTER = timedelta(seconds=30)  # six missed heartbeats
PROBE_S = 3.0
STUCK_AFTER = timedelta(minutes=5)


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
    """Ready if this process can store a webhook in the database or on disk. Anything else missing only degrades it."""
    try:
        degraded = (
            []
            if outage.ask(_hosts_alive)
            else ["no workers are running: deliveries are stored but not processed"]
        )
    except outage.DatabaseUnavailable:
        degraded = ["the database does not answer: webhooks are stored on disk"]
        if not spool.has_room():
            degraded.append("the disk cannot store webhooks either (SPOOL_DIR, SPOOL_MAX_MB)")
            return _ready(request, "unavailable", degraded, status=503)
    if not _broker_answers():
        degraded.append("the queue broker does not answer: workers cannot be woken")
    if waiting := spool.held().files:
        degraded.append(f"{waiting} webhook{'s' if waiting > 1 else ''} on disk waiting for the database")
    return _ready(request, "degraded" if degraded else "ok", degraded, status=200)


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
    now = timezone.now()
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
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN:
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()) or _is_loopback(request)
    return _is_loopback(request)


def _is_loopback(request: HttpRequest) -> bool:
    # Behind a proxy on this host, every visitor would look local.
    return (
        request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    )


def _hosts_alive() -> list[str]:
    return list(
        WorkerHost.objects.filter(beat_at__gte=timezone.now() - QUIET_AFTER).values_list("host", flat=True)
    )
