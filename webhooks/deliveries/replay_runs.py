"""Verbs on replay runs: start, step, cancel. A run's state is only in the database: it survives restarts.

deliveries.replay is the one verb that reopens a delivery. A run keeps the pace and records each result; which deliveries it
takes is in replay_plans.py.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, QuerySet, Value
from django.utils.translation import gettext as _

from .. import deliveries
from ..models import Delivery, ReplayItem, ReplayRun, Source
from .replay_plans import MOST, Filters, chosen, with_separators

FASTEST = 100  # deliveries per second
BURST_S = 5  # after a pause, at most this many seconds' worth at once
BACKLOG_S = 10  # with this many seconds' worth reopened and not tried yet, a run waits for the workers
BATCH = 250  # for each transaction: SQLite has one writer, and webhooks wait for it

DONE, RUNNING = ReplayRun.Status.DONE, ReplayRun.Status.RUNNING
WAITING, REPLAYED, REFUSED = ReplayItem.State.WAITING, ReplayItem.State.REPLAYED, ReplayItem.State.REFUSED


class CannotStart(Exception):
    """The text says why, for a person. run: the one that is in the way, if any."""

    def __init__(self, text: str, run: ReplayRun | None = None) -> None:
        super().__init__(text)
        self.run = run


class CannotCancel(Exception):
    """The text says why, for a person."""


@dataclass(frozen=True)
class Progress:
    """became: status → how many of the reopened deliveries have it now."""

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


def start(
    filters: Filters, *, by: User | None, reason: str, pace: int, also_done: bool, now: datetime
) -> ReplayRun:
    """Raises CannotStart. Nothing is reopened yet: step does that, at the pace."""
    if not reason.strip():
        raise CannotStart(_("Enter a reason for the log."))
    if not 1 <= pace <= FASTEST:
        raise CannotStart(
            _("The pace must be 1 to %(fastest)s deliveries per second.") % {"fastest": FASTEST}
        )
    run = ReplayRun(
        source=filters.source, filters=filters.as_json(), reason=reason.strip()[:500], pace=pace, also_done=also_done,
        by=by, started_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            run.total = _write_items(run, chosen(filters, also_done=also_done)[: MOST + 1])
            if not run.total:
                raise CannotStart(_("Nothing is left to replay."))
            if run.total > MOST:
                text = _("More than %(count)s deliveries match: narrow the filter.")
                raise CannotStart(text % {"count": with_separators(MOST)})
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
        # Safe: the statement contains no user input, values are parameters.
        cursor.execute(f"INSERT INTO {table} (delivery_id, run_id, state, note) {select}", parameters)
        return cursor.rowcount


def step(*, now: datetime) -> int:
    """Once a second, on every host: continue each run as far as its pace allows. Returns how many rows it handled."""
    running = ReplayRun.objects.filter(status=RUNNING).order_by("pk").values_list("pk", flat=True)
    return sum(_go_on(pk, now=now) for pk in list(running))


def _go_on(pk: int, *, now: datetime) -> int:
    """Rows, results and audit in one transaction, under the run's lock: two hosts never do a row twice."""
    with transaction.atomic():
        running = ReplayRun.objects.filter(pk=pk, status=RUNNING).select_related("by")
        run = running.select_for_update(skip_locked=True, of=("self",)).first()
        if run is None:
            return 0  # finished, or another host is working on it
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
            raise deliveries.CannotReplay(_("This delivery has been cancelled: it is no longer needed."))
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
    """What the pace allows since the oldest batch of the last BURST_S, minus what was reopened since. Read from rows only."""
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
    )  # rounded, since steps do not come at even intervals
    return min(due - sum(at > begin for at in recent), run.pace * BURST_S)


def backlog(run: ReplayRun, *, now: datetime) -> int:
    """How many of the last reopened are due and not tried yet. Workers take the oldest first, so the last ones show it."""
    last = run.items.filter(state=REPLAYED).order_by("-pk")[: run.pace * BACKLOG_S]
    untried = Delivery.objects.filter(status="PENDING", running_since=None, next_attempt_at__lte=now)
    return untried.filter(pk__in=last.values("delivery")).count()


def waits_for_workers(run: ReplayRun, *, now: datetime) -> bool:
    return run.status == RUNNING and backlog(run, now=now) >= run.pace * BACKLOG_S


def cancel(run: ReplayRun, *, by: User | None, now: datetime) -> None:
    """Deliveries that are not reopened yet stay unchanged. Raises CannotCancel if it is already finished."""
    ended = ReplayRun.objects.filter(pk=run.pk, status=RUNNING).update(
        status=ReplayRun.Status.CANCELLED, finished_at=now, cancelled_by=by
    )
    if not ended:
        raise CannotCancel(_("Replay %(number)s is already finished.") % {"number": run.pk})
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
    """A replay of acme by Maria is in progress: 340 of 1,204."""
    facts = {
        "source": run.source, "by": run.by, "handled": with_separators(run.items.exclude(state=WAITING).count()),
        "total": with_separators(run.total),
    }  # fmt: skip
    if run.by:
        return _("A replay of %(source)s by %(by)s is in progress: %(handled)s of %(total)s.") % facts
    return _("A replay of %(source)s is in progress: %(handled)s of %(total)s.") % facts
