"""Row counts without reading all rows: exact for few, "10,000+" or the planner's estimate for many.

A list of five million rows must open as fast as one of ten thousand, and nobody needs the exact number.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext

MOST = 10_000
TOO_EXPENSIVE = 50_000  # the planner's cost units: about 0.2 s of reading


@dataclass(frozen=True)
class Count:
    """about: the number is the planner's estimate. more: there are more rows than the number."""

    number: int
    about: bool = False
    more: bool = False

    def __str__(self) -> str:
        if self.about:
            return gettext("about %(count)s") % {"count": _separated(_rounded(self.number))}
        return f"{_separated(self.number)}{'+' if self.more else ''}"

    def __bool__(self) -> bool:
        return bool(self.number)


def capped(rows: QuerySet, *, most: int = MOST) -> Count:
    """Exact up to `most`; reads no more rows than that, provided an index leads to them."""
    found = rows.order_by()[: most + 1].count()
    return Count(min(found, most), more=found > most)


def estimated(rows: QuerySet, *, most: int = MOST) -> Count:
    """Like capped, but the planner's estimate if there are more rows or counting would read too much."""
    if is_expensive(rows, most=most):
        return Count(_plan(rows)["Plan Rows"], about=True)
    counted = capped(rows, most=most)
    if not counted.more or not _plans(rows):
        return counted
    return Count(max(_plan(rows)["Plan Rows"], most), about=True)


def is_expensive(rows: QuerySet, *, most: int = MOST) -> bool:
    """No index leads to these rows, so that even a capped count reads the table."""
    return _plans(rows) and _plan(rows.order_by()[: most + 1])["Total Cost"] > TOO_EXPENSIVE


def _plans(rows: QuerySet) -> bool:
    return connections[rows.db].vendor == "postgresql"


def _plan(rows: QuerySet) -> dict[str, Any]:
    bare = rows.values("pk") if rows.query.is_sliced else rows.order_by().values("pk")
    plan = bare.explain(format="json")
    if not plan:  # Django knows that no row can match and sent no query
        return {"Total Cost": 0.0, "Plan Rows": 0}
    return json.loads(plan)[0]["Plan"]


def _separated(number: int) -> str:
    """10,000 in English, 10.000 in German."""
    return number_format(number, force_grouping=True)


def _rounded(number: int) -> int:
    """Two significant figures: the estimate is no more precise."""
    size = 10 ** max(len(str(number)) - 2, 0)
    return round(number / size) * size


class EstimatingPaginator(Paginator):
    """Pages end at the newest MOST rows: a page further back costs as much as all before it. Filters reach older rows."""

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
