"""Verbs on replay runs: plan (reads only), start, step, cancel. A run's state is only in the database: it survives restarts.

deliveries.replay is the one verb that reopens a delivery. A run chooses which, keeps the pace and records each result.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, QuerySet, Value
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from .. import deliveries
from ..models import Delivery, ReplayItem, ReplayRun, Source

PACE, FASTEST = 10, 100  # deliveries per second: the default, and the most allowed
BURST_S = 5  # after a pause, at most this many seconds' worth at once
BACKLOG_S = 10  # with this many seconds' worth reopened and not tried yet, a run waits for the workers
BATCH = 250  # for each transaction: SQLite has one writer, and webhooks wait for it
MOST = 250_000  # deliveries in one run
MOST_IDS = 1000

DONE, RUNNING = ReplayRun.Status.DONE, ReplayRun.Status.RUNNING
WAITING, REPLAYED, REFUSED = ReplayItem.State.WAITING, ReplayItem.State.REPLAYED, ReplayItem.State.REFUSED
REPLY = "reply.send"  # never replayed: only its draft's page decides
# What a run never takes: replies, and messages to people, who would be notified of old problems again.
LEFT_OUT = (REPLY, *settings.NOTICES)
# Filter → the look-up it becomes.
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
    """Which deliveries to replay; empty filters are ignored. One run replays one source."""

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
            rows = rows.exclude(error_fingerprint="")  # so that the partial index can serve it
        return rows.filter(**{LOOKUPS[name]: value for name, value in self.given().items()})

    def as_json(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in self.given().items()
        }


@dataclass(frozen=True)
class Plan:
    """What a run would do. left_out: reason → count. events: those that would run, most frequent first."""

    count: int
    seconds: float
    left_out: dict[str, int] = field(default_factory=dict)
    events: list[tuple[str, int]] = field(default_factory=list)

    @property
    def too_many(self) -> bool:
        return self.count > MOST


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


def read_ids(text: str) -> tuple[int, ...]:
    """Parses 1,2,3 as people write it. Raises ValueError with a message for the user."""
    words = text.replace(",", " ").split()
    wrong = next(
        (word for word in words if not (word.isascii() and word.isdecimal() and len(word) <= 18)), None
    )
    if wrong is not None:
        raise ValueError(_("“%(wrong)s” is not a delivery ID.") % {"wrong": wrong})
    if len(words) > MOST_IDS:
        text = _("At most %(count)s deliveries can be listed one by one: use filters instead.")
        raise ValueError(text % {"count": _number(MOST_IDS)})
    return tuple(sorted({int(word) for word in words}))


def plan(filters: Filters, *, pace: int = PACE, also_done: bool = False) -> Plan:
    """Counts, and changes nothing."""
    states = _statuses(filters.status, also_done=also_done)
    rows = filters.rows().order_by().values_list("status", "event")
    counted = rows.annotate(count=Count("pk"), gone=Count("redacted_at"))
    left_out: dict[str, int] = {}
    events: dict[str, int] = {}
    for status, event, count, gone in counted:
        into, key = (events, event) if status in states and event not in LEFT_OUT else (left_out, status)
        key = ("reply" if event == REPLY else "notice") if event in LEFT_OUT else key
        if into is events and gone:  # without their body these cannot run again
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
    """Exactly the deliveries that a run would take, oldest first."""
    rows = filters.rows().filter(status__in=_statuses(filters.status, also_done=also_done), redacted_at=None)
    return rows.exclude(event__in=LEFT_OUT).order_by("pk")


def _statuses(status: str, *, also_done: bool) -> set[str]:
    """Cancelled deliveries were no longer needed: they are only included if that status is chosen explicitly."""
    return {"DEAD", "HELD"} | ({"DONE"} if also_done else set()) | ({"CANCELLED"} & {status})


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
                raise CannotStart(text % {"count": _number(MOST)})
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
            raise deliveries.CannotReplay(_("This delivery was cancelled meanwhile: it is no longer needed."))
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
        "source": run.source, "by": run.by, "handled": _number(run.items.exclude(state=WAITING).count()),
        "total": _number(run.total),
    }  # fmt: skip
    if run.by:
        return _("A replay of %(source)s by %(by)s is in progress: %(handled)s of %(total)s.") % facts
    return _("A replay of %(source)s is in progress: %(handled)s of %(total)s.") % facts


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)
