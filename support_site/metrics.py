"""What Prometheus scrapes. Read from the rows, so that it is the same from every process and host.

Flat however many rows there are: counts stop at counting.MOST, and each query is led by an index.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from knowledge.models import Draft
from reports.models import Clock
from reports.sla import State
from webhooks import counting, deadline, outage, spool
from webhooks.models import Attempt, Delivery

from . import health

RECENT = 1000
UNFINISHED = (Delivery.Status.PENDING, Delivery.Status.HELD, Delivery.Status.DEAD)
UP_TO = f"(at most {counting.MOST:,})"


def metrics(request: HttpRequest) -> HttpResponse:
    """Answers with the database away, too: support_database_up is 0 then, and what its rows would tell is left out."""
    if not health.may_see_details(request):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_AtScrape(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


class _AtScrape:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        from_rows = _from_rows(self.now)
        yield GaugeMetricFamily(
            "support_database_up", "1 while the database answers", value=from_rows is not None
        )
        yield from _spool()
        yield from from_rows or []


def _from_rows(now: datetime) -> list[GaugeMetricFamily] | None:
    """None: the database does not answer in time. Says nothing to outage: receiving goes by its own probes."""
    if outage.is_known():
        return None
    try:
        with deadline.within(health.PROBE_S):
            return [_deliveries(), *_due(now), *_attempts(), _drafts(), _clocks(now)]
    except Error:
        if not connection.in_atomic_block:
            connection.close()
        return None


def _spool() -> Iterator[GaugeMetricFamily]:
    kept = spool.held()
    yield GaugeMetricFamily("support_spool_files", "Webhooks on this host's disk", value=kept.files)
    yield GaugeMetricFamily("support_spool_bytes", "Bytes of them, set-aside files included", value=kept.size)


def _deliveries() -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(
        "support_deliveries", f"Deliveries not done, by status {UP_TO}", labels=["status"]
    )
    for status in UNFINISHED:
        gauge.add_metric([status], counting.capped(Delivery.objects.filter(status=status)).number)
    return gauge


def _due(now: datetime) -> Iterator[GaugeMetricFamily]:
    backlog = GaugeMetricFamily(
        "support_due_deliveries", f"Deliveries due now, by lane {UP_TO}", labels=["lane"]
    )
    oldest = GaugeMetricFamily(
        "support_oldest_due_seconds", "How late the oldest due delivery is, by lane", labels=["lane"]
    )
    for lane in Delivery.Lane.values:
        due = Delivery.objects.filter(lane=lane, next_attempt_at__lte=now)
        first = due.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
        backlog.add_metric([lane], counting.capped(due).number)
        oldest.add_metric([lane], (now - first).total_seconds() if first else 0.0)
    yield backlog
    yield oldest


def _attempts() -> Iterator[GaugeMetricFamily]:
    """Of the newest by their key: a time would need an index of its own on the fastest growing table."""
    counts: Counter[tuple[str, str]] = Counter()
    seconds: dict[str, list[float]] = {lane: [] for lane in Delivery.Lane.values}
    newest = Attempt.objects.order_by("-pk").values_list("delivery__lane", "outcome", "duration_ms")[:RECENT]
    for lane, outcome, duration_ms in newest:
        counts[lane, outcome or "running"] += 1
        if duration_ms is not None:
            seconds[lane].append(duration_ms / 1000)
    what = f"Of the newest {RECENT:,} attempts"
    tried = GaugeMetricFamily(
        "support_recent_attempts", f"{what}, by lane and outcome", labels=["lane", "outcome"]
    )
    mean = GaugeMetricFamily("support_recent_attempt_seconds", f"{what}: mean time, by lane", labels=["lane"])
    for lane in Delivery.Lane.values:
        for outcome in (*Attempt.Outcome.values, "running"):
            tried.add_metric([lane, outcome], counts[lane, outcome])
        if seconds[lane]:  # no attempt is no data, not 0 s
            mean.add_metric([lane], sum(seconds[lane]) / len(seconds[lane]))
    yield tried
    yield mean


def _drafts() -> GaugeMetricFamily:
    gauge = GaugeMetricFamily("support_drafts", f"Drafts by status {UP_TO}", labels=["status"])
    for status in Draft.Status.values:
        gauge.add_metric([status], counting.capped(Draft.objects.filter(status=status)).number)
    return gauge


def _clocks(now: datetime) -> GaugeMetricFamily:
    running = Clock.objects.filter(state=State.RUNNING, stopped_at__isnull=True)
    gauge = GaugeMetricFamily(
        "support_sla_clocks", f"Running SLA clocks in trouble {UP_TO}", labels=["state"]
    )
    at_risk = running.filter(due_at__gte=now, at_risk_at__lte=now)
    gauge.add_metric(["at_risk"], counting.capped(at_risk).number)
    gauge.add_metric(["overdue"], counting.capped(running.filter(due_at__lt=now)).number)
    return gauge
