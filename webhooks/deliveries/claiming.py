"""Which worker holds which row, and until when."""

import functools
import itertools
import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from ..errors import LeaseLost
from ..models import Attempt, Delivery
from . import finishing, policies

WHOLE_MACHINE = "pid:[4026531836]"  # Linux's first process namespace has this number on every machine


def claim(lane: str, *, now: datetime, limit: int | None = None, event: str = "") -> list[Delivery]:
    """Take due rows of a lane for this worker: IN in batches, OUT one at a time, a crashed row always alone.

    event: only deliveries of this event.
    """
    limit = limit or (settings.CLAIM_BATCH if lane == "in" else 1)
    with transaction.atomic():
        # SQLite has no row locks and needs none: its transactions begin IMMEDIATE.
        due = list(
            Delivery.objects.filter(
                lane=lane, next_attempt_at__lte=now, **({"event": event} if event else {})
            )
            .prefetch_related("source")  # once for each batch, since reading a source decrypts its token
            # Ties as they were recorded: reconciliation records what it found newest first, in one instant.
            .order_by("next_attempt_at", "pk")
            .select_for_update(skip_locked=True)[:limit]
        )
        if due and due[0].running_since:
            rows = [due[0]] if _may_try_again(due[0], now=now) else []
        else:
            rows = list(itertools.takewhile(lambda row: not row.running_since, due))
        if rows:
            _lease(rows, now=now)
    # No row to hand out although one was due: it was given up, and more may wait after it.
    return claim(lane, now=now, limit=limit, event=event) if due and not rows else rows


def _may_try_again(row: Delivery, *, now: datetime) -> bool:
    """Its last worker died: record that in the attempt log. False if the row has used up its attempts that way."""
    policy = policies.current(row)
    Attempt.objects.filter(delivery=row, number=row.attempts, finished_at=None).update(
        finished_at=now,
        outcome="crashed",
        message="The worker died or did not return.",
        policy_version=policy.stamp,
    )
    if row.budget_used < policy.max_attempts:
        return True
    finishing.dead_letter(row, now=now, error="The worker died at every attempt.")
    return False


def _lease(rows: list[Delivery], *, now: datetime) -> None:
    """The attempt log records the policy at the start. A failure replaces it with the policy that decided what follows."""
    known, ends, me = policies.known(), _lease_ends(rows[0].lane, now=now), f"{host()}:{os.getpid()}"
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        attempts=F("attempts") + 1, running_since=now, running_on=me, next_attempt_at=ends
    )
    for row in rows:
        row.attempts += 1
        row.running_since, row.running_on, row.next_attempt_at = now, me, ends
    Attempt.objects.bulk_create(
        Attempt(
            delivery=row, number=row.attempts, started_at=now, policy_version=policies.among(known, row).stamp
        )
        for row in rows
    )


def _lease_ends(lane: str, *, now: datetime) -> datetime:
    return now + timedelta(seconds=settings.LANE_TIMEOUT_S[lane] + settings.LEASE_MARGIN_S)


def extend_lease(row: Delivery, *, now: datetime, seconds: float = 0) -> None:
    """Start the lease again, if the row is still ours; longer by so many seconds. Raises LeaseLost."""
    row.next_attempt_at = _lease_ends(row.lane, now=now) + timedelta(seconds=seconds)
    if not finishing.ours(row).update(next_attempt_at=row.next_attempt_at):
        raise LeaseLost(row.pk)


def release(row: Delivery, *, at: datetime) -> None:
    """Release a claimed row that was never started, together with its attempt. It is due again at `at`."""
    with transaction.atomic():
        if finishing.ours(row).update(
            attempts=row.attempts - 1, running_since=None, running_on="", next_attempt_at=at
        ):
            Attempt.objects.filter(delivery=row, number=row.attempts).delete()


def reclaim_from_the_dead(*, host: str, alive: Callable[[int], bool], now: datetime) -> int:
    """Make rows due that killed workers of this host still hold; the next claim records the crash. Returns how many.

    Served by the claim's index: a running row has the end of its lease there, which is never far off.
    """
    found = 0
    for lane in settings.LANE_TIMEOUT_S:
        held = Delivery.objects.filter(
            lane=lane,
            next_attempt_at__gt=now,
            next_attempt_at__lte=_lease_ends(lane, now=now),
            running_on__startswith=f"{host}:",
        )
        for holder in set(held.values_list("running_on", flat=True)):
            if not alive(int(holder.rpartition(":")[2])):
                found += held.filter(running_on=holder).update(next_attempt_at=now)
    return found


@functools.cache
def host() -> str:
    """This host and its PID namespace: containers may share a host name but not process numbers."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = WHOLE_MACHINE
    return socket.gethostname() + ("" if space == WHOLE_MACHINE else f"/{space[5:-1]}")
