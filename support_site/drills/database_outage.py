"""The database takes nothing for a while: webhooks are kept on disk and answered, and are in their place afterwards."""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from .stage import Broken, Demo, Drill


def run(drill: Drill) -> None:
    demo = drill.demo
    drill.does("A customer writes while all is well.")
    before = demo.customer_writes()
    drill.see("Queue", "the customer has a draft", lambda: demo.draft_for(before, "PROPOSED"))

    drill.does(
        f"The database {'takes no writes' if settings.IS_SQLITE else 'refuses everybody'}. Another customer writes."
    )
    with _database_away():
        answered = len(demo.webhooks_answered())
        during = demo.customer_writes()
        drill.see(
            "Chatwoot", "its webhooks are answered 200 all the same", lambda: _taken(demo, since=answered)
        )
        drill.see(
            "/readyz",
            "ready, and degraded: webhooks wait on disk",
            lambda: "disk" in "".join(demo.degraded()),
        )
        if not settings.IS_SQLITE:
            drill.see(
                "Dashboard", "503 and a sentence, at once", lambda: demo.get("/admin/").status_code == 503
            )

        drill.does("The agents are told: answer directly in Chatwoot. The database comes back.")
        ended = timezone.now()
    drill.see(
        "/readyz",
        "no webhook waits on disk any more",
        lambda: not any("disk" in said for said in demo.degraded()),
    )
    row = drill.see("Webhook log", "the customer's message is done", lambda: _done(demo, during))
    drill.see("Webhook log", "with the time it arrived, not the import's", lambda: _received(row) < ended)
    drill.see("Queue", "the customer has a draft", lambda: demo.draft_for(during, "PROPOSED"))
    drill.see("/healthz/workers", "workers work", lambda: demo.get("/healthz/workers").ok)


def _taken(demo: Demo, *, since: int) -> bool:
    """All since then, and some."""
    answers = demo.webhooks_answered()[since:]
    if any(status != 200 for status in answers):
        raise Broken(f"A webhook was answered {answers}, not 200: it is lost until reconciled.")
    return bool(answers)


def _done(demo: Demo, conversation: int) -> Any:
    return demo.delivery(conversation, "message_created", "DONE")


def _received(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["received_at"])


@contextlib.contextmanager
def _database_away() -> Iterator[None]:
    connection.close()
    with _one_writer_holds_it() if settings.IS_SQLITE else _nobody_may_connect():
        yield


@contextlib.contextmanager
def _one_writer_holds_it() -> Iterator[None]:
    """SQLite has no server that could be away: another process that does not let go is its outage."""
    holder = sqlite3.connect(settings.DATABASES["default"]["NAME"], timeout=30, isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        holder.close()


@contextlib.contextmanager
def _nobody_may_connect() -> Iterator[None]:
    """Asked for in the server's other database; whoever is connected is cut off."""
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
