"""No step of the engine reads more of the table than it works on. SQLite's plans: a bound value defeats a partial index."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.factories import NOW, later, make_delivery
from webhooks import deliveries

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plans"),
]
# What each row has a value of its own in, or few share.
NARROW = ("rowid=?", "next_attempt_at<?", "semantic_key=?", "delivery_key=?", "delivery_id=? AND number=?")


@contextlib.contextmanager
def plans() -> Iterator[list[str]]:
    """How SQLite finds rows of deliveries and attempts, for each statement: asked with its values bound, as they run."""
    found: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith(("SELECT", "UPDATE", "DELETE")):
            rows = connection.create_cursor().execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
            found.extend(
                row[3] for row in rows if "webhooks_delivery" in row[3] or "webhooks_attempt" in row[3]
            )
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def wide(found: list[str]) -> list[str]:
    assert found
    return [plan for plan in found if not any(name in plan for name in NARROW)]


def test_a_claim_reads_what_is_due(incoming):
    incoming()

    with plans() as found:
        deliveries.claim("in", now=NOW)

    assert wide(found) == []


@pytest.mark.parametrize("content", ["fine", "fails", "is_permanent"])
@pytest.mark.every_row
def test_a_try_reads_its_own_row_and_those_of_the_same_happening(incoming, content):
    incoming(content)
    (row,) = deliveries.claim("in", now=NOW)

    with plans() as found:
        deliveries.process(row, now=NOW)

    assert wide(found) == []


def test_a_crashed_row_is_found_by_when_it_is_due(incoming):
    incoming()
    deliveries.claim("in", now=NOW)

    with plans() as found:
        deliveries.reclaim_from_the_dead(host=deliveries.host(), alive=lambda pid: False, now=later(1))
        deliveries.claim("in", now=later(1))

    assert wide(found) == []


def test_a_known_delivery_is_found_by_its_key(behaviours):
    make_delivery(key="one")

    with plans() as found:
        make_delivery(key="one")

    assert wide(found) == []
