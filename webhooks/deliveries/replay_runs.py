"""Verbs on replay runs: plan (reads only), start, step, cancel. A run's state stands in rows alone: it survives restarts.

inbox.replay is the one verb that re-opens a delivery; a run chooses which, keeps the pace and notes each result.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, QuerySet, Value

from .. import deliveries
from ..models import Delivery, ReplayItem, ReplayRun, Source

PACE, FASTEST = 10, 100  # deliveries a second: what is offered, and what is allowed
BURST_S = 5  # after a pause no more than this much of the pace at once
BACKLOG_S = 10  # with this much re-opened and not yet tried, a run waits for the workers
BATCH = 250  # a transaction: SQLite has one writer, and webhooks wait for it
MOST = 250_000  # deliveries of one run
MOST_IDS = 1000

DONE, RUNNING = ReplayRun.Status.DONE, ReplayRun.Status.RUNNING
WAITING, REPLAYED, REFUSED = ReplayItem.State.WAITING, ReplayItem.State.REPLAYED, ReplayItem.State.REFUSED
REPLY = "reply.send"  # its draft's page decides, nobody else
# What may be chosen by → the column it is looked up in.
LOOKUPS = {
    "status": "status", "direction": "direction", "event": "event", "conversation_id": "conversation_id",
    "fingerprint": "error_fingerprint", "ids": "pk__in", "since": "received_at__gte", "until": "received_at__lte",
}  # fmt: skip


class CannotStart(Exception):
    """The text says why, for a person. run: the one that is in the way, if any."""

    def __init__(self, text: str, run: ReplayRun | None = None) -> None:
        super().__init__(text)
        self.run = run


class CannotCancel(Exception):
    """The text says why, for a person."""


@dataclass(frozen=True)
class Filters:
    """Which deliveries; what is left empty is not asked for. One run serves one source."""

    source: Source
    status: str = ""
    direction: str = ""
    event: str = ""
    conversation_id: int | None = None
    fingerprint: str = ""
    ids: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in LOOKUPS if getattr(self, name)}

    def rows(self) -> QuerySet[Delivery]:
        rows = Delivery.objects.filter(source=self.source)
        if self.fingerprint:
            rows = rows.exclude(error_fingerprint="")  # lets the partial index serve it
        return rows.filter(**{LOOKUPS[name]: value for name, value in self.given().items()})

    def as_json(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in self.given().items()
        }


@dataclass(frozen=True)
class Plan:
    """What a run would do. left_out: why → how many. events: the most frequent of what would run, first."""

    count: int
    seconds: float
    left_out: dict[str, int] = field(default_factory=dict)
    events: list[tuple[str, int]] = field(default_factory=list)

    @property
    def too_many(self) -> bool:
        return self.count > MOST


@dataclass(frozen=True)
class Progress:
    """became: status → how many of the re-opened have it now."""

    total: int
    waiting: int
    reopened: int
    refused: int
    became: dict[str, int] = field(default_factory=dict)

    @property
    def handled(self) -> int:
        return self.reopened + self.refused

    @property
    def trying(self) -> int:
        return self.became.get("PENDING", 0)


def read_ids(text: str) -> tuple[int, ...]:
    """1,2,3 as people write it. Raises ValueError, saying why."""
    words = text.replace(",", " ").split()
    wrong = next(
        (word for word in words if not (word.isascii() and word.isdecimal() and len(word) <= 18)), None
    )
    if wrong is not None:
        raise ValueError(f"“{wrong}” is no delivery's number.")
    if len(words) > MOST_IDS:
        raise ValueError(f"At most {MOST_IDS:,} deliveries can be named one by one: choose by a filter.")
    return tuple(sorted({int(word) for word in words}))


def plan(filters: Filters, *, pace: int = PACE, also_done: bool = False) -> Plan:
    """Counts, and changes nothing."""
    states = _open_to(filters.status, also_done=also_done)
    rows = filters.rows().order_by().values_list("status", "event")
    counted = rows.annotate(count=Count("pk"), gone=Count("redacted_at"))
    left_out: dict[str, int] = {}
    events: dict[str, int] = {}
    for status, event, count, gone in counted:
        into, key = (events, event) if status in states and event != REPLY else (left_out, status)
        key = "reply" if event == REPLY else key
        if into is events and gone:  # nothing is left of these to run again
            left_out["redacted"] = left_out.get("redacted", 0) + gone
            count -= gone
        if count:
            into[key] = into.get(key, 0) + count
    if filters.ids:
        found = Delivery.objects.filter(pk__in=filters.ids).exclude(source=filters.source).count()
        left_out |= {"elsewhere": found} if found else {}
    total = sum(events.values())
    most = sorted(events.items(), key=lambda pair: -pair[1])
    return Plan(count=total, seconds=total / pace, left_out=left_out, events=most)


def chosen(filters: Filters, *, also_done: bool) -> QuerySet[Delivery]:
    """Just those that a run would take, the oldest first."""
    rows = filters.rows().filter(status__in=_open_to(filters.status, also_done=also_done), redacted_at=None)
    return rows.exclude(event=REPLY).order_by("pk")


def _open_to(status: str, *, also_done: bool) -> set[str]:
    """What was cancelled was no longer wanted: it comes back only where it is asked for by name."""
    return {"DEAD", "HELD"} | ({"DONE"} if also_done else set()) | ({"CANCELLED"} & {status})


def start(
    filters: Filters, *, by: User | None, reason: str, pace: int, also_done: bool, now: datetime
) -> ReplayRun:
    """Raises CannotStart. Nothing is re-opened yet: step does that, at the pace."""
    if not reason.strip():
        raise CannotStart("Say why, for whoever reads the log.")
    if not 1 <= pace <= FASTEST:
        raise CannotStart(f"The pace is 1 to {FASTEST} deliveries a second.")
    run = ReplayRun(
        source=filters.source, filters=filters.as_json(), reason=reason.strip()[:500], pace=pace, also_done=also_done,
        by=by, started_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            run.total = _write_items(run, chosen(filters, also_done=also_done)[: MOST + 1])
            if not run.total:
                raise CannotStart("Nothing is left to replay.")
            if run.total > MOST:
                raise CannotStart(f"These are more than {MOST:,} deliveries: narrow the filter.")
            run.save(update_fields=["total"])
    except IntegrityError as error:
        other = under_way(filters.source)
        if other is None:
            raise
        raise CannotStart(describe(other), other) from error
    return run


def _write_items(run: ReplayRun, rows: QuerySet[Delivery]) -> int:
    """One statement, however many there are."""
    try:
        select, parameters = rows.values_list(
            "pk", Value(run.pk), Value(WAITING), Value("")
        ).query.sql_with_params()
    except EmptyResultSet:
        return 0
    table = connection.ops.quote_name(ReplayItem._meta.db_table)
    with connection.cursor() as cursor:
        # Nothing of a person's is in the text: table and statement are ours, values are parameters.
        cursor.execute(f"INSERT INTO {table} (delivery_id, run_id, state, note) {select}", parameters)
        return cursor.rowcount


def step(*, now: datetime) -> int:
    """Once a second, on every host: each run goes on by what its pace allows. Returns how many rows it looked at."""
    running = ReplayRun.objects.filter(status=RUNNING).order_by("pk").values_list("pk", flat=True)
    return sum(_go_on(pk, now=now) for pk in list(running))


def _go_on(pk: int, *, now: datetime) -> int:
    """Rows, results and audit in one transaction, under the run's lock: two hosts never do a row twice."""
    with transaction.atomic():
        running = ReplayRun.objects.filter(pk=pk, status=RUNNING).select_related("by")
        run = running.select_for_update(skip_locked=True, of=("self",)).first()
        if run is None:
            return 0  # over, or another host is at it
        quota = min(_allowance(run, now=now), run.pace * BACKLOG_S - backlog(run, now=now), BATCH)
        waiting = run.items.filter(state=WAITING).order_by("pk")
        items = list(
            waiting.select_related("delivery").defer("delivery__body", "delivery__headers")[: max(0, quota)]
        )
        for item in items:
            _reopen(item, run=run, now=now)
        ReplayItem.objects.bulk_update(items, ["state", "at", "note"])
        if not waiting.exists():
            run.status, run.finished_at = DONE, now
            run.save(update_fields=["status", "finished_at"])
    return len(items)


def _reopen(item: ReplayItem, *, run: ReplayRun, now: datetime) -> None:
    item.state, item.at = REPLAYED, now
    try:
        if item.delivery.status == "CANCELLED" and run.filters.get("status") != "CANCELLED":
            raise deliveries.CannotReplay("This delivery was cancelled meanwhile: it is no longer wanted.")
        deliveries.replay(
            item.delivery,
            by=run.by,
            reason=f"Replay {run.pk}: {run.reason}",
            now=now,
            also_done=run.also_done,
        )
    except deliveries.CannotReplay as error:
        item.state, item.note = REFUSED, str(error)[:200]


def _allowance(run: ReplayRun, *, now: datetime) -> int:
    """What the pace allows since the oldest batch of the last BURST_S, less what came after it. Read from rows alone."""
    last = run.items.filter(state=REPLAYED).order_by("-pk").values_list("at", flat=True)
    times = [at for at in last[: 2 * run.pace * BURST_S] if at]
    if not times:
        return run.pace
    recent = [at for at in times if at > now - timedelta(seconds=BURST_S)]
    if not recent:
        return run.pace * BURST_S
    begin = recent[-1]
    due = math.floor(
        run.pace * (now - begin).total_seconds() + 0.5
    )  # half a row up: steps come at no even times
    return min(due - sum(at > begin for at in recent), run.pace * BURST_S)


def backlog(run: ReplayRun, *, now: datetime) -> int:
    """How many of the last re-opened are due and not yet tried. Workers take the oldest first, so the last tell."""
    last = run.items.filter(state=REPLAYED).order_by("-pk")[: run.pace * BACKLOG_S]
    untried = Delivery.objects.filter(status="PENDING", running_since=None, next_attempt_at__lte=now)
    return untried.filter(pk__in=last.values("delivery")).count()


def waits_for_workers(run: ReplayRun, *, now: datetime) -> bool:
    return run.status == RUNNING and backlog(run, now=now) >= run.pace * BACKLOG_S


def cancel(run: ReplayRun, *, by: User | None, now: datetime) -> None:
    """What is not re-opened yet stays as it was. Raises CannotCancel where it is over already."""
    ended = ReplayRun.objects.filter(pk=run.pk, status=RUNNING).update(
        status=ReplayRun.Status.CANCELLED, finished_at=now, cancelled_by=by
    )
    if not ended:
        raise CannotCancel(f"Replay {run.pk} is over already.")
    run.refresh_from_db()


def progress(run: ReplayRun) -> Progress:
    states = dict(run.items.order_by().values_list("state").annotate(Count("pk")))
    became = run.items.filter(state=REPLAYED).order_by().values_list("delivery__status").annotate(Count("pk"))
    return Progress(
        total=run.total, waiting=states.get(WAITING, 0), reopened=states.get(REPLAYED, 0),
        refused=states.get(REFUSED, 0), became=dict(became),
    )  # fmt: skip


def under_way(source: Source) -> ReplayRun | None:
    return ReplayRun.objects.filter(source=source, status=RUNNING).select_related("source", "by").first()


def describe(run: ReplayRun) -> str:
    """A replay of acme by Maria is under way: 340 of 1,204."""
    handled = run.items.exclude(state=WAITING).count()
    whose = f"of {run.source} by {run.by}" if run.by else f"of {run.source}"
    return f"A replay {whose} is under way: {handled:,} of {run.total:,}."
