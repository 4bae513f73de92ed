"""Metrics for Prometheus. Most are read from rows, so every process and host reports the same. The responses to webhooks
are not in any row and are counted on each host.

The cost does not grow with the number of rows: counts stop at row_estimates.MOST, and every query uses an index.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import Error, connection
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily

from knowledge.drafting import model_figures
from knowledge.models import Draft
from reports.models import Clock
from reports.sla import State
from webhooks.database import clock, deadline, outage, row_estimates
from webhooks.models import Attempt, Delivery
from webhooks.receiver import spool

from . import endpoints, response_counts

RECENT = 1000
QUANTILES = (0.5, 0.99, 1)
HOUR, DAY = timedelta(hours=1), timedelta(hours=24)
MODEL_QUANTILES = (0.5, 0.95)
# Statuses a draft can have once its call has started.
CALLED = (
    Draft.Status.SENT, Draft.Status.PARKED, Draft.Status.SENDING, Draft.Status.APPROVED, Draft.Status.CLOSED,
)  # fmt: skip
UNFINISHED = (Delivery.Status.PENDING, Delivery.Status.HELD, Delivery.Status.DEAD)
UP_TO = f"(at most {row_estimates.MOST:,})"


def metrics(request: HttpRequest) -> HttpResponse:
    """Also answers while the database is down: support_database_up is 0, and metrics from rows are left out."""
    if not endpoints.may_see_details(request):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain")
    registry = response_counts.registry()
    registry.register(_AtScrape())
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


class _AtScrape:
    def collect(self) -> Iterator[GaugeMetricFamily]:
        from_rows = _from_rows()
        yield GaugeMetricFamily(
            "support_database_up", "1 if the database answers, 0 if not", value=from_rows is not None
        )
        yield from _spool()
        yield from from_rows or []


def _from_rows() -> list[GaugeMetricFamily] | None:
    """None if the database does not answer in time. Does not report an outage: the receiver relies on its own probes."""
    if outage.is_known():
        return None
    try:
        with deadline.within(endpoints.PROBE_S):
            now = clock.now()
            return [
                _deliveries(),
                *_due(now),
                *_attempts(),
                _drafts(),
                _sends(now),
                _clocks(now),
                *_model_calls(now),
            ]
    except Error:
        if not connection.in_atomic_block:
            connection.close()
        return None


def _spool() -> Iterator[GaugeMetricFamily]:
    spooled = spool.held()
    yield GaugeMetricFamily(
        "support_spool_files", "Webhooks spooled on this host's disk", value=spooled.files
    )
    yield GaugeMetricFamily(
        "support_spool_bytes", "Bytes of spooled webhooks, including set-aside files", value=spooled.size
    )


def _deliveries() -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(
        "support_deliveries", f"Unfinished deliveries by status {UP_TO}", labels=["status"]
    )
    for status in UNFINISHED:
        gauge.add_metric([status], row_estimates.capped(Delivery.objects.filter(status=status)).number)
    return gauge


def _due(now: datetime) -> Iterator[GaugeMetricFamily]:
    backlog = GaugeMetricFamily(
        "support_due_deliveries", f"Deliveries due now by lane {UP_TO}", labels=["lane"]
    )
    oldest = GaugeMetricFamily(
        "support_oldest_due_seconds", "Delay of the oldest due delivery by lane, in seconds", labels=["lane"]
    )
    for lane in Delivery.Lane.values:
        due = Delivery.objects.filter(lane=lane, next_attempt_at__lte=now)
        first = due.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
        backlog.add_metric([lane], row_estimates.capped(due).number)
        oldest.add_metric([lane], (now - first).total_seconds() if first else 0.0)
    yield backlog
    yield oldest


def _attempts() -> Iterator[GaugeMetricFamily]:
    """The newest attempts by primary key: by time would need another index on the fastest growing table."""
    rows = Attempt.objects.order_by("-pk").annotate(lane=F("delivery__lane"), due=F("delivery__due_since"))
    newest = list(rows.annotate(used=F("delivery__budget_from")).defer("message")[:RECENT])
    newest_of = f"The newest {RECENT:,} attempts"
    tried = GaugeMetricFamily(
        "support_recent_attempts", f"{newest_of} by lane and outcome", labels=["lane", "outcome"]
    )
    counts = Counter((row.lane, row.outcome or "running") for row in newest)
    for lane in Delivery.Lane.values:
        for outcome in (*Attempt.Outcome.values, "running"):
            tried.add_metric([lane, outcome], counts[lane, outcome])
    yield tried
    took, late = defaultdict(list), defaultdict(list)
    for row in newest:
        if row.duration_ms is not None:
            took[row.lane].append(row.duration_ms / 1000)
        if row.number == row.used + 1:  # later tries waited for their retry policy
            late[row.lane].append((row.started_at - row.due).total_seconds())
    yield _quantiles("support_recent_attempt_seconds", f"{newest_of}: duration by lane, in seconds", took)
    yield _quantiles(
        "support_recent_lateness_seconds", f"{newest_of}: delay of first tries by lane, in seconds", late
    )


def _quantiles(name: str, what: str, seconds: dict[str, list[float]]) -> GaugeMetricFamily:
    """A lane without attempts has no value: that is no data, not 0 s."""
    gauge = GaugeMetricFamily(name, what, labels=["lane", "quantile"])
    for lane, all_of_them in seconds.items():
        ordered = sorted(all_of_them)
        for quantile in QUANTILES:
            gauge.add_metric([lane, str(quantile)], ordered[int(quantile * (len(ordered) - 1))])
    return gauge


def _drafts() -> GaugeMetricFamily:
    gauge = GaugeMetricFamily("support_drafts", f"Drafts by status {UP_TO}", labels=["status"])
    for status in Draft.Status.values:
        gauge.add_metric([status], row_estimates.capped(Draft.objects.filter(status=status)).number)
    return gauge


def _sends(now: datetime) -> GaugeMetricFamily:
    """Uses the index of the sending limits, which count the same calls."""
    gauge = GaugeMetricFamily(
        "support_sends_last_hour", "Replies whose call started in the last hour, by status", labels=["status"]
    )  # fmt: skip
    calls = Draft.objects.filter(events__action="sending", events__at__gt=now - HOUR).order_by()
    counts = dict(calls.values_list("status").annotate(Count("pk", distinct=True)))
    for status in CALLED:
        gauge.add_metric([status], counts.get(status, 0))
    return gauge


def _model_calls(now: datetime) -> Iterator[GaugeMetricFamily]:
    """Of the last 24 hours, at most model_figures.MOST of them."""
    report = model_figures.report_since(now - DAY)
    labels = ["model", "prompt_version"]
    calls = GaugeMetricFamily(
        "support_model_calls", "Model calls in the last 24 hours", labels=[*labels, "outcome"]
    )
    tokens = GaugeMetricFamily(
        "support_model_tokens", "Tokens in the last 24 hours", labels=[*labels, "direction"]
    )
    cost = GaugeMetricFamily(
        "support_model_cost", "Cost in the last 24 hours, as the endpoint states it", labels=labels
    )
    took = GaugeMetricFamily(
        "support_model_call_seconds", "How long a call took", labels=[*labels, "quantile"]
    )
    for line in report.totals:
        own = [line.model, line.prompt_version]
        for outcome, count in line.outcomes.items():
            calls.add_metric([*own, outcome], count)
        tokens.add_metric([*own, "in"], line.tokens_in)
        tokens.add_metric([*own, "out"], line.tokens_out)
        if line.cost is not None:
            cost.add_metric(own, line.cost)
        for share in MODEL_QUANTILES:
            if (ms := model_figures.quantile(line.ms, share)) is not None:
                took.add_metric([*own, str(share)], ms / 1000)
    yield from (calls, tokens, cost, took)


def _clocks(now: datetime) -> GaugeMetricFamily:
    running = Clock.objects.filter(state=State.RUNNING, stopped_at__isnull=True)
    gauge = GaugeMetricFamily(
        "support_sla_clocks", f"Running SLA clocks that are at risk or overdue {UP_TO}", labels=["state"]
    )
    at_risk = running.filter(due_at__gte=now, at_risk_at__lte=now)
    gauge.add_metric(["at_risk"], row_estimates.capped(at_risk).number)
    gauge.add_metric(["overdue"], row_estimates.capped(running.filter(due_at__lt=now)).number)
    return gauge
