"""How many rows, without reading them all: exact while few, "10,000+" or the planner's estimate when many.

A list of five million rows must open as fast as one of ten thousand, and nobody counts on the last of them.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST = 10_000
TOO_DEAR = 50_000  # the planner's cost units: about 0.2 s of reading


@dataclass(frozen=True)
class Count:
    """about: the number is the planner's guess. more: there are more than that."""

    number: int
    about: bool = False
    more: bool = False

    def __str__(self) -> str:
        if self.about:
            return f"about {_rounded(self.number):,}"
        return f"{self.number:,}{'+' if self.more else ''}"

    def __bool__(self) -> bool:
        return bool(self.number)


def capped(rows: QuerySet, *, most: int = MOST) -> Count:
    """Exact up to `most`; reads no more rows than that, provided an index leads to them."""
    found = rows.order_by()[: most + 1].count()
    return Count(min(found, most), more=found > most)


def estimated(rows: QuerySet, *, most: int = MOST) -> Count:
    """As capped, but where there are more, or counting would read too much: what the planner expects."""
    if is_dear(rows, most=most):
        return Count(_plan(rows)["Plan Rows"], about=True)
    counted = capped(rows, most=most)
    if not counted.more or not _plans(rows):
        return counted
    return Count(max(_plan(rows)["Plan Rows"], most), about=True)


def is_dear(rows: QuerySet, *, most: int = MOST) -> bool:
    """No index leads to these rows, so that even a capped count reads the table."""
    return _plans(rows) and _plan(rows.order_by()[: most + 1])["Total Cost"] > TOO_DEAR


def _plans(rows: QuerySet) -> bool:
    return connections[rows.db].vendor == "postgresql"


def _plan(rows: QuerySet) -> dict[str, Any]:
    bare = rows.values("pk") if rows.query.is_sliced else rows.order_by().values("pk")
    told = bare.explain(format="json")
    if not told:  # nothing can fit, and nobody was asked
        return {"Total Cost": 0.0, "Plan Rows": 0}
    return json.loads(told)[0]["Plan"]


def _rounded(number: int) -> int:
    """Two leading figures: the guess knows no more."""
    size = 10 ** max(len(str(number)) - 2, 0)
    return round(number / size) * size


class EstimatingPaginator(Paginator):
    """Pages reach the newest MOST rows: a page further back costs what all before it cost. Filters lead there."""

    template_name = "webhooks/pages.html"

    @cached_property
    def how_many(self) -> Count:
        return estimated(self.object_list)  # type: ignore[arg-type]

    @cached_property
    def count(self) -> int:
        return min(self.how_many.number, MOST)

    @property
    def reaches_all(self) -> bool:
        return self.how_many.number <= MOST and not self.how_many.more
