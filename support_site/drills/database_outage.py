"""The database is down for a while: webhooks are answered and stored on disk, and imported afterwards."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from .stage import Demo, Drill, DrillFailed


def run(drill: Drill) -> None:
    demo = drill.demo
    drill.does("A customer writes while everything works.")
    before = demo.customer_writes()
    drill.see("Queue", "the customer has a draft", lambda: demo.draft_for(before, "PROPOSED"))

    drill.does(
        f"The database {'accepts no writes' if settings.IS_SQLITE else 'refuses connections'}. Another customer writes."
    )
    with _database_down():
        answered = len(demo.webhooks_answered())
        during = demo.customer_writes()
        drill.see(
            "Chatwoot",
            "its webhooks are still answered with 200",
            lambda: _answered_200(demo, since=answered),
        )
        drill.see(
            "/readyz",
            "ready but degraded: webhooks wait on disk",
            lambda: "disk" in "".join(demo.degraded()),
        )
        if not settings.IS_SQLITE:
            drill.see(
                "Dashboard",
                "503 with an explanation, at once",
                lambda: demo.get("/admin/").status_code == 503,
            )

        drill.does("The agents answer directly in Chatwoot. The database comes back.")
        ended = timezone.now()
    drill.see(
        "/readyz",
        "no webhook is waiting on disk",
        lambda: not any("disk" in said for said in demo.degraded()),
    )
    row = drill.see("Webhook log", "the customer's message is processed", lambda: _done(demo, during))
    drill.see("Webhook log", "its time is the arrival, not the import", lambda: _received(row) < ended)
    drill.see("Queue", "the customer has a draft", lambda: demo.draft_for(during, "PROPOSED"))
    drill.see("/healthz/workers", "workers are running", lambda: demo.get("/healthz/workers").ok)


def _answered_200(demo: Demo, *, since: int) -> bool:
    """Every webhook since then was answered with 200, and there is at least one."""
    answers = demo.webhooks_answered()[since:]
    if any(status != 200 for status in answers):
        raise DrillFailed(
            f"Webhooks were answered with {answers} instead of 200. They are missing until reconciliation."
        )
    return bool(answers)


def _done(demo: Demo, conversation: int) -> Any:
    return demo.delivery(conversation, "message_created", "DONE")


def _received(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["received_at"])


@contextlib.contextmanager
def _database_down() -> Iterator[None]:
    connection.close()
    with _locked_by_another_process() if settings.IS_SQLITE else _connections_refused():
        yield


@contextlib.contextmanager
def _locked_by_another_process() -> Iterator[None]:
    """SQLite has no server that could fail. Its outage is another process that holds the write lock."""
    holder = sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=30, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        holder.close()


@contextlib.contextmanager
def _connections_refused() -> Iterator[None]:
    """Set from the server's maintenance database. Existing connections are terminated."""
    given = connection.get_connection_params()
    name = given["dbname"]
    wanted = {key: given[key] for key in ("host", "port", "user", "password") if given.get(key)}
    with psycopg.connect(**wanted, dbname="postgres", autocommit=True) as server:
        allow = psycopg.sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        database = psycopg.sql.Identifier(name)
        try:
            server.execute(allow.format(database, psycopg.sql.SQL("false")))
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            yield
        finally:
            server.execute(allow.format(database, psycopg.sql.SQL("true")))
