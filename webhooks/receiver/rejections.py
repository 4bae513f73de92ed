"""Verbs on what the receiver refused: count it, keep the last of each kind, admit what only a clock kept out.

Anybody can post to the receiver, so nothing here may fill the disk or keep the database busy.
"""

import contextlib
import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import Error, IntegrityError, transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet, Sum

from .. import deliveries
from ..alerts import alerts
from ..display import rejection_text
from ..display.rejection_text import STALE
from ..models import Delivery, DeliveryAudit, Rejection, RejectionCount, Source
from ..parsing import clean

KEPT = 200  # rows a source and code
KEPT_BYTES = 50_000_000  # bodies a source
BURST, REFILL_S = 100, 2.0  # rows a process, source and kind writes at once, and then a second
REMEMBERED = 1000  # signatures of stale requests, so that the same one again costs no statement


class CannotAdmit(Exception):
    """The text says why, for a person."""


class _Bucket:
    def __init__(self) -> None:
        self.left, self.at = float(BURST), time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self.left, self.at = min(BURST, self.left + (now - self.at) * REFILL_S), now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class _Memory:
    """Of this process: what may be written, and what was only counted so far."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.buckets: dict[tuple[int, bool], _Bucket] = {}
        self.uncounted: Counter[tuple[int, str, date]] = Counter()
        self.stale_seen: OrderedDict[str, None] = OrderedDict()

    def admits(self, source_id: int, code: str, signature: str) -> bool:
        """Whether a row may be written. Stale ones have a bucket of their own: a flood of others drowns none."""
        with self.lock:
            if code == STALE and signature in self.stale_seen:
                return False
            return self.buckets.setdefault((source_id, code == STALE), _Bucket()).take()

    def add(self, counts: Counter[tuple[int, str, date]]) -> None:
        with self.lock:
            self.uncounted.update(counts)

    def take_counts(self) -> Counter[tuple[int, str, date]]:
        with self.lock:
            taken, self.uncounted = self.uncounted, Counter()
        return taken

    def remember(self, signature: str) -> None:
        with self.lock:
            self.stale_seen[signature] = None
            while len(self.stale_seen) > REMEMBERED:
                self.stale_seen.popitem(last=False)


_memory = _Memory()


def forget() -> None:
    """As after a start."""
    _memory.__init__()  # type: ignore[misc]


def keep(
    source_id: int,
    *,
    code: str,
    detail: str,
    headers: dict[str, str],
    key: str,
    remote: str,
    body: bytes,
    clock_difference_s: float | None,
    now: datetime,
) -> None:
    """Count one refused request, and keep what helps to find out why. Raises database errors alone.

    What comes faster than it may be written is counted here, and added with the next that is written.
    """
    code = code[:40]
    _memory.add(Counter({(source_id, code, now.astimezone(UTC).date()): 1}))
    signature = headers.get("X-Chatwoot-Signature", "")
    if not _memory.admits(source_id, code, signature):
        return
    row = Rejection(
        source_id=source_id, at=now, code=code, detail=clean(detail)[:300], delivery_key=clean(key)[:200],
        remote=clean(remote)[:64], headers={clean(name): clean(value)[:500] for name, value in headers.items()},
        body_size=len(body), body=body if code == STALE else None, clock_difference_s=clock_difference_s,
    )  # fmt: skip
    counts = _memory.take_counts()
    try:
        with transaction.atomic():
            _count(counts)
            if code == STALE:
                _keep_stale(row, now=now)
            else:
                row.save(force_insert=True)
                _prune(row)
    except IntegrityError:
        raise  # a source that is gone: its counts would come back with every write
    except Error:
        _memory.add(counts)
        raise
    if code == STALE:
        _memory.remember(signature)


def _count(counts: Counter[tuple[int, str, date]]) -> None:
    """In one order everywhere, so that two processes never wait for each other's rows."""
    for (source_id, code, day), count in sorted(counts.items()):
        day_row = RejectionCount.objects.filter(source_id=source_id, code=code, day=day)
        if day_row.update(count=F("count") + count):
            continue
        try:
            with transaction.atomic():
                RejectionCount.objects.create(source_id=source_id, code=code, day=day, count=count)
        except IntegrityError:
            day_row.update(count=F("count") + count)


def _keep_stale(row: Rejection, *, now: datetime) -> None:
    """The same request posted again is kept once; the day's count, updated just before, is the lock for that."""
    kept = Rejection.objects.filter(source=row.source_id, code=STALE)
    signature = row.headers.get("X-Chatwoot-Signature", "")
    if kept.filter(**{"headers__X-Chatwoot-Signature": signature}).exists():
        return
    row.save(force_insert=True)
    _prune(row)
    _prune_bodies(row.source_id)
    source = Source.objects.get(pk=row.source_id)
    alerts.open_(STALE, key=stale_key(source), text=_stale_text(source, row), now=now, source=source)


def _prune(row: Rejection) -> None:
    """All but the newest of this source and code: the index holds just these three columns."""
    same = Rejection.objects.filter(source=row.source_id, code=row.code)
    same.filter(pk__lte=same.order_by("-pk").values("pk")[KEPT : KEPT + 1]).delete()


def _prune_bodies(source_id: int) -> None:
    total, too_many = 0, []
    kept = Rejection.objects.filter(source=source_id, code=STALE, body__isnull=False).order_by("-pk")
    for pk, size in kept.values_list("pk", "body_size"):
        total += size
        if total > KEPT_BYTES:
            too_many.append(pk)
    if too_many:
        Rejection.objects.filter(pk__in=too_many).update(body=None)


def without_bodies() -> QuerySet[Rejection]:
    """For lists: a body may be 25 MB, and all they need to know is whether it waits."""
    has_body = ExpressionWrapper(Q(body__isnull=False), BooleanField())
    return Rejection.objects.defer("body").annotate(waits=has_body)


def waiting(source: Source) -> int:
    """How many kept bodies nobody has decided on."""
    return Rejection.objects.filter(source=source, code=STALE, body__isnull=False).count()


def admit_all(source: Source, *, by: User, now: datetime) -> int:
    """Every kept body, oldest first, each by itself. How many."""
    rows = Rejection.objects.filter(source=source, code=STALE, body__isnull=False).order_by("pk")
    admitted = 0
    for pk in list(rows.values_list("pk", flat=True)):
        with contextlib.suppress(
            CannotAdmit, Rejection.DoesNotExist
        ):  # somebody was faster, or it was the 201st
            admit(Rejection(pk=pk), by=by, now=now)
            admitted += 1
    return admitted


@dataclass(frozen=True)
class Summary:
    """How many of one reason, by UTC days."""

    code: str
    name: str
    hint: str
    today: int
    week: int


def summary(source: Source, *, now: datetime) -> list[Summary]:
    today = now.astimezone(UTC).date()
    week = Q(day__gt=today - timedelta(days=7))
    counts = (
        RejectionCount.objects.filter(week, source=source)
        .values("code")
        .annotate(week=Sum("count"), today=Sum("count", filter=Q(day=today), default=0))
    )
    rows = [
        Summary(**row, **dict(zip(("name", "hint"), rejection_text.reason(row["code"]), strict=True)))
        for row in counts
    ]
    return sorted(rows, key=lambda row: (-row.week, row.code))


def stale_key(source: Source) -> str:
    return f"{STALE}:{source.pk}"


def _stale_text(source: Source, row: Rejection) -> str:
    count = waiting(source)
    events = "1 event" if count == 1 else f"{count} events"
    apart = rejection_text.apart(row.clock_difference_s) if row.clock_difference_s is not None else "far"
    return f"{source}: {events} signed {apart} from our clock {'was' if count == 1 else 'were'} kept: check both clocks."


def admit(row: Rejection, *, by: User, now: datetime) -> None:
    """A person takes a kept body in, as if it had been accepted when it was refused. Raises CannotAdmit."""
    with transaction.atomic():
        row = Rejection.objects.select_for_update(of=("self",)).select_related("source").get(pk=row.pk)
        if row.admitted_at:
            raise CannotAdmit("It was admitted already.")
        if row.body is None:
            raise CannotAdmit(
                "Its body was not kept: only what was signed rightly and came at a wrong time is."
            )
        delivery, created = _record(row, body=bytes(row.body))
        reason = f"Refused as {row.code} at {row.at:%-d %b %Y, %H:%M:%S} UTC."
        if created:
            DeliveryAudit.objects.create(delivery=delivery, at=now, by=by, action="admit", reason=reason)
        facts = {"admitted_at": now, "admitted_by": by, "delivery": delivery, "body": None}
        Rejection.objects.filter(pk=row.pk).update(**facts)
        if not waiting(row.source):
            alerts.close(stale_key(row.source), now=now)


def _record(row: Rejection, *, body: bytes) -> tuple[Delivery, bool]:
    """The delivery id is not signed: one that another event bears must not make this one pass for known."""
    keep_as = {"body": body, "headers": row.headers, "now": row.at}
    delivery, created = deliveries.record(row.source_id, key=row.delivery_key, **keep_as)
    if created or bytes(delivery.body) == body:
        return delivery, created
    return deliveries.record(row.source_id, key=f"admitted-{row.pk}", **keep_as)
