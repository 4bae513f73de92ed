"""What a user would pick instead of our workers: a task queue with one task a webhook, calling the same handlers.

Each is set up as its own documentation advises for short tasks: Celery on Redis with acks_late and connections that are kept
(https://docs.celeryq.dev/en/stable/userguide/optimizing.html), procrastinate on PostgreSQL, django-q2 with bulk and without
saved results. Tasks take the number of a delivery, as the receiver would hand it over.
"""

import os
from urllib.parse import urlsplit

import django
import procrastinate
from celery import Celery
from celery.signals import worker_process_init
from django.apps import apps
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

if not apps.ready:
    django.setup()  # the peers' own commands start here

from django_q.tasks import async_task

from tests.bench import work
from webhooks.database import durability
from webhooks.models import Conversation, Delivery, Message

PROCESSES = 2  # of each, as many as our workers have

celery = Celery("bench", broker=os.environ.get("QUEUE_URL") or "memory://")
celery.conf.update(
    task_acks_late=True, task_ignore_result=True, worker_prefetch_multiplier=20, broker_pool_limit=10,
    worker_hijack_root_logger=False, task_serializer="json",
)  # fmt: skip


def handle(number: int) -> None:
    """One webhook through our handlers: a transaction, with the conversation's lock that they rely on."""
    row = Delivery.objects.select_related("source").get(pk=number)
    payload = row.payload()
    with durability.relaxed(), transaction.atomic():
        if row.conversation_id is not None:
            Conversation.objects.locked(row.source, row.conversation_id)
        for path in settings.IN_HANDLERS[row.event]:
            import_string(path)(row, payload, now=timezone.now())


@celery.task
def by_celery(number: int) -> None:
    handle(number)


@worker_process_init.connect
def _own_connection(**_: object) -> None:
    """A forked process must not share its parent's connection."""
    connection.close()


def _postgres() -> dict[str, str | int | None]:
    url = urlsplit(os.environ["DATABASE_URL"])
    return {
        "host": url.hostname, "port": url.port or 5432, "user": url.username, "password": url.password,
        "dbname": url.path.strip("/"),
    }  # fmt: skip


def _procrastinate() -> procrastinate.App:
    return procrastinate.App(connector=procrastinate.PsycopgConnector(kwargs=_postgres()))


app = _procrastinate() if os.environ.get("DATABASE_URL", "").startswith("postgres") else None


def by_procrastinate(number: int) -> None:
    close_old_connections()
    handle(number)


if app:
    procrastinate_task = app.task(name="by_procrastinate")(by_procrastinate)

WORKERS = {
    "Celery": ("-m", "celery", "-A", "tests.bench.peers.celery", "worker", "-c", str(PROCESSES), "-l", "WARNING"),
    "procrastinate": ("-m", "procrastinate", "--app=tests.bench.peers.app", "worker", "--concurrency=1"),
    "django-q2 tuned": ("manage.py", "qcluster"),
}  # fmt: skip


def prepare(rows: int, conversations: int) -> None:
    """Deliveries that wait, and no message yet."""
    work.clear()
    Conversation.objects.all().delete()
    work.fill(rows, conversations=conversations)


def enqueue(peer: str) -> None:
    numbers = list(
        Delivery.objects.filter(lane="in", status="PENDING").order_by("pk").values_list("pk", flat=True)
    )
    {"Celery": _to_celery, "procrastinate": _to_procrastinate, "django-q2 tuned": _to_django_q}[peer](numbers)


def _to_celery(numbers: list[int]) -> None:
    celery.control.purge()
    with celery.producer_pool.acquire(block=True) as producer:
        for number in numbers:
            by_celery.apply_async((number,), producer=producer)


def _to_procrastinate(numbers: list[int]) -> None:
    assert app
    connector = procrastinate.SyncPsycopgConnector(kwargs=_postgres())
    with app.replace_connector(connector) as replaced, replaced.open() as opened:
        if not opened.check_connection():
            opened.schema_manager.apply_schema()
        opened.configure_task("by_procrastinate").batch_defer(*({"number": number} for number in numbers))


def _to_django_q(numbers: list[int]) -> None:
    for number in numbers:
        async_task("tests.bench.peers.handle", number, cluster="bench")


def applied() -> int:
    return Message.objects.count()


def bytes_each() -> float:
    """On disk, of a delivery with its attempts and all indexes."""
    n = Delivery.objects.count() or 1
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_total_relation_size('webhooks_delivery') + pg_total_relation_size('webhooks_attempt')"
            )
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return cursor.fetchone()[0] / n
