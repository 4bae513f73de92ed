"""What is measured, called in a process that has Django (lab.py). Times in seconds."""

import json
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.brokers import get_broker
from django_q.models import OrmQ, Task
from django_q.signing import SignedPackage

from tests.factories import conversation_object, make_source, message_event
from webhooks import deliveries, parsing
from webhooks.database import clock, durability
from webhooks.models import Attempt, Conversation, Delivery, WorkerHost
from webhooks.workers import drain

BODY = 3800  # bytes of a message_created as Chatwoot sends them
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
WAIT_S = 0.05
# What an event does that is measured for the engine's own cost: one UPDATE.
TABLE = "CREATE TABLE IF NOT EXISTS bench_row (id bigint PRIMARY KEY, hits integer NOT NULL)"
HIT = "UPDATE bench_row SET hits = hits + 1 WHERE id = %s"


def source() -> int:
    return make_source().pk


def fill(
    rows: int,
    *,
    event: str = "message_created",
    conversations: int = 0,
    within_s: float = 0,
    from_s: float = 0,
) -> None:
    """Rows due now, or spread over the time to come: one-UPDATE ones, or customers' messages."""
    now, source, first = clock.now(), make_source().pk, _next_number()
    step, start = within_s / rows, now + timedelta(seconds=from_s)
    numbers = range(first, first + rows)
    if event == "bench.update":
        _bench_rows(list(numbers))
    Delivery.objects.bulk_create(
        (_row(source, event, number, conversations, now, start + timedelta(seconds=step * n))
         for n, number in enumerate(numbers)), batch_size=500,
    )  # fmt: skip
    _settle()


def _next_number() -> int:
    return 1 + (Delivery.objects.aggregate(last=Max("pk"))["last"] or 0)


def _row(source: int, event: str, number: int, conversations: int, now: datetime, due: datetime) -> Delivery:
    if event.startswith("bench."):
        body, seen = json.dumps({"row": number}).encode(), None
    else:
        body = message(number, conversation=number % conversations if conversations else number)
        seen = parsing.read_columns(body)
    return Delivery(
        id=number, source_id=source, direction="IN", lane="in", event=event, delivery_key=f"bench-{number}", body=body,
        semantic_key=seen.semantic_key if seen else "", conversation_id=seen.conversation_id if seen else None,
        message_id=seen.message_id if seen else None, received_at=now, due_since=due, next_attempt_at=due,
    )  # fmt: skip


def message(number: int, *, conversation: int) -> bytes:
    about = conversation_object(1000 + conversation)
    event = message_event(number, conversation=about, at=BEGINNING + timedelta(seconds=number))
    padding = "x" * max(0, BODY - len(json.dumps(event | {"html": ""})))
    return json.dumps(event | {"html": padding}).encode()


def _bench_rows(numbers: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.executemany("INSERT INTO bench_row VALUES (%s, 0)", [[number] for number in numbers])


def _settle() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval('webhooks_delivery_id_seq', (SELECT max(id) FROM webhooks_delivery))"
            )
            cursor.execute("ANALYZE")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def clear() -> None:
    for model in (Attempt, Delivery, Task, OrmQ):
        model.objects.all()._raw_delete(using="default")
    get_broker("bench").delete_queue()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_row")
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM")


# Draining


def update_one(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    task(payload["row"])


def wait(delivery: Delivery, payload: dict[str, Any], *, now: datetime) -> None:
    """As for an answer over the network."""
    time.sleep(WAIT_S)


def task(row: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(HIT, [row])


def enqueue(rows: int) -> None:
    """A django-q2 task a row, as async_task would write them."""
    _bench_rows(list(range(rows)))
    broker, now = get_broker("bench"), timezone.now()
    packs = [
        SignedPackage.dumps(
            {"id": f"{row:032x}", "name": f"row-{row}", "func": "tests.bench.work.task", "args": (row,), "kwargs": {},
             "started": now}
        )
        for row in range(rows)
    ]  # fmt: skip
    if "redis" in settings.Q_CLUSTER:
        for pack in packs:
            broker.enqueue(pack)
    else:
        OrmQ.objects.bulk_create(
            (OrmQ(key="bench", payload=pack, lock=now) for pack in packs), batch_size=500
        )
    _settle()


def hits() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(hits), 0) FROM bench_row")
        return cursor.fetchone()[0]


def by_the_engine() -> list[float]:
    return _timed(lambda: drain.drain("in", slice_s=float("inf")))


def by_hand() -> list[float]:
    """The same handlers in a loop: a transaction each, with the conversation's lock that they rely on, and no engine."""
    took = _timed(_by_hand)
    Delivery.objects.filter(lane="in").update(status="DONE", next_attempt_at=None)
    return took


def _by_hand() -> None:
    with durability.relaxed():
        _handle_each()


def _handle_each() -> None:
    for row in Delivery.objects.filter(lane="in", status="PENDING").prefetch_related("source"):
        payload = row.payload()
        with transaction.atomic():
            if row.conversation_id is not None:
                Conversation.objects.locked(row.source, row.conversation_id)
            for path in settings.IN_HANDLERS[row.event]:
                import_string(path)(row, payload, now=timezone.now())


def _timed(work: Callable[[], object]) -> list[float]:
    """By the wall's clock, and the processor's time in this process, which a busy machine disturbs less."""
    began, cpu = time.monotonic(), time.process_time()
    work()
    return [time.monotonic() - began, time.process_time() - cpu]


# Time


def due_rows() -> int:
    return Delivery.objects.filter(lane="in", status="PENDING").count()


def done_rows() -> int:
    return Delivery.objects.filter(lane="in", status="DONE").count()


def are_workers_up() -> bool:
    return WorkerHost.objects.exists()


def workers_up() -> int:
    return WorkerHost.objects.count()


def processed_after() -> list[float]:
    """Seconds from a webhook's arrival to its end."""
    done = Delivery.objects.filter(lane="in", status="DONE").values_list("received_at", "finished_at")
    return [(finished - received).total_seconds() for received, finished in done]


def lateness() -> list[float]:
    """Seconds by which each first try came after its moment."""
    tried = Attempt.objects.filter(number=1).values_list("delivery__due_since", "started_at")
    return [(started - due).total_seconds() for due, started in tried]


# Growth


def grow(rows: int) -> None:
    """Deliveries of both directions, most of them done, until the table has so many. Written by the database itself."""
    begin = Delivery.objects.count()
    series = (
        f"generate_series({begin + 1}, {rows}) AS one(n)"
        if connection.vendor == "postgresql"
        else f"(WITH RECURSIVE one(n) AS (SELECT {begin + 1} UNION ALL SELECT n + 1 FROM one WHERE n < {rows}) SELECT n FROM one)"
    )
    columns = {
        "source_id": str(source()), "direction": "CASE WHEN n %% 5 = 0 THEN 'OUT' ELSE 'IN' END",
        "lane": "'in'", "event": "'message_created'", "variant": "''",
        "delivery_key": "'grown-' || n", "semantic_key": "'message_created:' || n", "body": "%s", "headers": "'{}'",
        "conversation_id": "n / 8", "message_id": "n", "status": "CASE WHEN n %% 500 = 0 THEN 'DEAD' ELSE 'DONE' END",
        "held_for": "''", "attempts": "1",
        "budget_from": "0", "due_since": "%s", "running_on": "''", "origin": "'webhook'",
        "spooled": "false", "received_at": "%s", "finished_at": "%s", "last_error": "''", "error_fingerprint": "''",
    }  # fmt: skip
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO webhooks_delivery ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {series}",
            [b"{}", now, now, now],
        )
        if connection.vendor == "postgresql":  # which does so by itself in time; on SQLite nobody does
            cursor.execute("VACUUM ANALYZE webhooks_delivery")


def claims(times: int) -> float:
    """The median claim of 20 due rows, in ms."""
    took: list[float] = []
    fill(20)
    for _ in range(times):
        began = time.monotonic()
        rows = deliveries.claim("in", now=clock.now())
        took.append(time.monotonic() - began)
        assert len(rows) == 20
        for row in rows:
            deliveries.release(row, at=clock.now())
    Delivery.objects.filter(lane="in", status="PENDING").delete()
    return statistics.median(took) * 1000


def probes(times: int) -> float:
    """The median look whether anything is due, in ms: what the tick does five times a second."""
    return _median_ms(times, drain.overdue_s)


def pages(path: str, times: int) -> float:
    """The median GET of a page, in ms."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(username="admin"))

    def get() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    get()
    return _median_ms(times, get)


def _median_ms(times: int, work: Callable[[], object]) -> float:
    return statistics.median(_timed(work)[0] for _ in range(times)) * 1000


def warm_page(path: str, times: int = 5) -> tuple[float, int]:
    """The median GET in ms, and its queries. `days=N` in the path stands for the last N days."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    last = timezone.now().date()

    def dates(found: re.Match[str]) -> str:
        return f"from={last - timedelta(days=int(found[1]) - 1)}&to={last}"

    address = re.sub(r"days=(\d+)", dates, path)
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.get(username="admin"))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200, address
        count = len(queries)
    return _median_ms(times, lambda: client.get(address)), count
