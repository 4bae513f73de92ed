"""Verbs on refused requests: count them, store the last of each kind, accept those refused only for their timestamp.

Anyone can post to the receiver, so nothing here may fill the disk or keep the database busy.
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
from django.utils.translation import gettext as _

from .. import deliveries
from ..alerts import alerts
from ..display import rejection_text
from ..display.rejection_text import STALE
from ..models import Delivery, DeliveryAudit, Rejection, RejectionCount, Source
from ..parsing import clean

MOST_ROWS = 200  # for each source and code
MOST_BYTES = 50_000_000  # of bodies, for each source
BURST, REFILL_S = 100, 2.0  # rows that a process writes at once for a source and kind, and then per second
REMEMBERED = 1000  # signatures of stale requests, so that a repeated one costs no query


class CannotAccept(Exception):
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
    """State of this process: what may still be written, and what is counted but not written yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.buckets: dict[tuple[int, bool], _Bucket] = {}
        self.uncounted: Counter[tuple[int, str, date]] = Counter()
        self.stale_seen: OrderedDict[str, None] = OrderedDict()

    def allows(self, source_id: int, code: str, signature: str) -> bool:
        """Whether a row may be written. Stale requests have their own bucket: a flood of others does not crowd them out."""
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


def record(
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
    """Count one refused request, and store what helps to find out why. Raises only database errors.

    Requests that come faster than rows may be written are counted in memory and added with the next row.
    """
    code = code[:40]
    _memory.add(Counter({(source_id, code, now.astimezone(UTC).date()): 1}))
    signature = headers.get("X-Chatwoot-Signature", "")
    if not _memory.allows(source_id, code, signature):
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
                _store_stale(row, now=now)
            else:
                row.save(force_insert=True)
                _prune(row)
    except IntegrityError:
        raise  # the source was deleted: keeping its counts would fail every later write too
    except Error:
        _memory.add(counts)
        raise
    if code == STALE:
        _memory.remember(signature)


def _count(counts: Counter[tuple[int, str, date]]) -> None:
    """In the same order everywhere, so that two processes cannot deadlock on each other's rows."""
    for (source_id, code, day), count in sorted(counts.items()):
        day_row = RejectionCount.objects.filter(source_id=source_id, code=code, day=day)
        if day_row.update(count=F("count") + count):
            continue
        try:
            with transaction.atomic():
                RejectionCount.objects.create(source_id=source_id, code=code, day=day, count=count)
        except IntegrityError:
            day_row.update(count=F("count") + count)


def _store_stale(row: Rejection, *, now: datetime) -> None:
    """A repeated request is stored once. The day's count, updated just before, serves as the lock."""
    stored = Rejection.objects.filter(source=row.source_id, code=STALE)
    signature = row.headers.get("X-Chatwoot-Signature", "")
    if stored.filter(**{"headers__X-Chatwoot-Signature": signature}).exists():
        return
    row.save(force_insert=True)
    _prune(row)
    _prune_bodies(row.source_id)
    source = Source.objects.get(pk=row.source_id)
    alerts.open_(STALE, key=stale_key(source), text=_stale_text(source, row), now=now, source=source)


def _prune(row: Rejection) -> None:
    """Deletes all but the newest of this source and code. The index holds exactly these three columns."""
    same = Rejection.objects.filter(source=row.source_id, code=row.code)
    same.filter(pk__lte=same.order_by("-pk").values("pk")[MOST_ROWS : MOST_ROWS + 1]).delete()


def _prune_bodies(source_id: int) -> None:
    total, too_many = 0, []
    stored = Rejection.objects.filter(source=source_id, code=STALE, body__isnull=False).order_by("-pk")
    for pk, size in stored.values_list("pk", "body_size"):
        total += size
        if total > MOST_BYTES:
            too_many.append(pk)
    if too_many:
        Rejection.objects.filter(pk__in=too_many).update(body=None)


def without_bodies() -> QuerySet[Rejection]:
    """For lists, which only need to know whether a body is waiting: it may be 25 MB."""
    has_body = ExpressionWrapper(Q(body__isnull=False), BooleanField())
    return Rejection.objects.defer("body").annotate(waits=has_body)


def waiting(source: Source) -> int:
    """How many stored bodies are waiting for a decision."""
    return Rejection.objects.filter(source=source, code=STALE, body__isnull=False).count()


def accept_all(source: Source, *, by: User, now: datetime) -> int:
    """Accepts every stored body, oldest first, each in its own transaction. Returns how many."""
    rows = Rejection.objects.filter(source=source, code=STALE, body__isnull=False).order_by("pk")
    accepted = 0
    for pk in list(rows.values_list("pk", flat=True)):
        with contextlib.suppress(
            CannotAccept, Rejection.DoesNotExist
        ):  # another person was faster, or it was pruned meanwhile
            accept(Rejection(pk=pk), by=by, now=now)
            accepted += 1
    return accepted


@dataclass(frozen=True)
class Summary:
    """How many requests were refused for one reason, by UTC days."""

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
    return f"{source}: {events} with a timestamp {apart} off {'was' if count == 1 else 'were'} stored: check both clocks."


def accept(row: Rejection, *, by: User, now: datetime) -> None:
    """A person accepts a stored body, as if it had been accepted on arrival. Raises CannotAccept."""
    with transaction.atomic():
        row = Rejection.objects.select_for_update(of=("self",)).select_related("source").get(pk=row.pk)
        if row.accepted_at:
            raise CannotAccept(_("It was already accepted."))
        if row.body is None:
            raise CannotAccept(
                _("Its body was not stored. Only correctly signed requests with a wrong timestamp are.")
            )
        delivery, created = _record(row, body=bytes(row.body))
        reason = f"Refused as {row.code} at {row.at:%-d %b %Y, %H:%M:%S} UTC."
        if created:
            DeliveryAudit.objects.create(delivery=delivery, at=now, by=by, action="accept", reason=reason)
        facts = {"accepted_at": now, "accepted_by": by, "delivery": delivery, "body": None}
        Rejection.objects.filter(pk=row.pk).update(**facts)
        if not waiting(row.source):
            alerts.close(stale_key(row.source), now=now)


def _record(row: Rejection, *, body: bytes) -> tuple[Delivery, bool]:
    """The delivery ID is not signed, so one that belongs to another event must not make this one look like a duplicate."""
    values = {"body": body, "headers": row.headers, "now": row.at}
    delivery, created = deliveries.record(row.source_id, key=row.delivery_key, **values)
    if created or bytes(delivery.body) == body:
        return delivery, created
    return deliveries.record(row.source_id, key=f"accepted-{row.pk}", **values)
