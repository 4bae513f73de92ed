"""Removes old data by the retention rules, in small batches: once a night by the workers, at any time by the command.

Every batch commits together with the run's progress, so that any host can continue an interrupted run.
"""

import time
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ..database import sqlite_write_lock
from ..models import PruneRun
from . import retention

BATCH = 200
# Keys that a batch looks at: a statement must stay short where most rows were treated in earlier nights.
WINDOW = 10_000
STEP_S = (
    1.0  # how long a step goes on: it is taken every five seconds, and has to remove as much as a day brings
)
NIGHT_BEGINS = 2  # o'clock, in TIME_ZONE


def step(*, now: datetime) -> int:
    """Every few seconds, on every host: files of this host, and a batch of the nightly run. Returns how many were removed."""
    files = discard_files(now=now)
    run = PruneRun.objects.filter(finished_at=None, night__isnull=False).order_by("pk").first()
    run = run or _begin_night(now=now)
    return files + (_go_on_for_a_while(run, now=now) if run else 0)


def _go_on_for_a_while(run: PruneRun, *, now: datetime) -> int:
    ends, gone = time.monotonic() + STEP_S, 0
    while not run.finished_at and time.monotonic() < ends:
        sqlite_write_lock.give_way()
        before = run.rules, run.after
        gone += go_on(run, now=now)
        if (run.rules, run.after) == before:
            break  # another host is working on it
    return gone


def _begin_night(*, now: datetime) -> PruneRun | None:
    night = (timezone.localtime(now) - timedelta(hours=NIGHT_BEGINS)).date()
    if PruneRun.objects.filter(night=night).exists():
        return None
    return begin(list(retention.rules()), night=night, now=now)


def begin(names: list[str], *, now: datetime, night: date | None = None) -> PruneRun | None:
    """None if another host has started the run of that night."""
    rows = [PruneRun(night=night, started_at=now, rules=names)]
    PruneRun.objects.bulk_create(rows, ignore_conflicts=night is not None)
    return rows[0] if night is None else PruneRun.objects.filter(night=night, finished_at=None).first()


def go_on(run: PruneRun, *, now: datetime) -> int:
    """One batch. Updates `run`; its finished_at says whether it is done."""
    with transaction.atomic():
        held = (
            PruneRun.objects.select_for_update(skip_locked=True).filter(pk=run.pk, finished_at=None).first()
        )
        if held is None:
            return 0  # another host is working on it, or it is done
        gone = _batch(held, now=now) if held.rules else 0
        held.finished_at = None if held.rules else now
        held.save()
    run.__dict__.update(held.__dict__)
    return gone


def _batch(run: PruneRun, *, now: datetime) -> int:
    """What is due in the next window of the current rule's keys; moves on to the next rule when no key is left."""
    name = run.rules[0]
    before = cutoff(name, now=run.started_at)
    window = _window(retention.rules()[name].due(before), after=run.after) if before else None
    if before is None or window is None:
        run.rules, run.after = run.rules[1:], 0
        return 0
    rule = retention.rules()[name]
    due = rule.due(before)
    picked = due.filter(pk__range=window).order_by("pk").select_for_update(of=("self",), skip_locked=True)
    numbers = list(picked.values_list("pk", flat=True)[:BATCH])
    run.after = numbers[-1] if len(numbers) == BATCH else window[1]
    if not numbers:
        return 0
    gone = rule.treat(due.filter(pk__in=numbers), now)
    run.counts[name] = run.counts.get(name, 0) + gone
    return gone


def _window(rows: QuerySet, *, after: int) -> tuple[int, int] | None:
    """The next keys that exist, first and last. None after the last one."""
    first = rows.model._base_manager.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True).first()
    return None if first is None else (first, first + WINDOW - 1)


def cutoff(name: str, *, now: datetime) -> datetime | None:
    """Older data is removed. None: nothing is, or the rule no longer exists."""
    if name not in retention.rules():
        return None
    days = retention.days(name)
    return None if days is None else now - timedelta(days=days)


def discard_files(*, now: datetime) -> int:
    before = cutoff(retention.SPOOL, now=now)
    return retention.discard_files(before) if before else 0
