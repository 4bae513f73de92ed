"""The SLA report as CSV: one row for each conversation with all of its clocks, streamed."""

import csv
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.db.models import Max, QuerySet

from webhooks.display.csv_cells import BOM, safe

from .. import sla
from ..models import Clock

CONVERSATION = {
    "source": "conversation__source__slug", "conversation_id": "conversation__display_id", "inbox": "conversation__inbox__name",
    "status": "conversation__status", "priority": "conversation__priority", "labels": "conversation__labels",
    "team": "conversation__team", "assignee": "conversation__assignee", "created_at": "conversation__created_at",
}  # fmt: skip
CLOCK = {
    "state": "state", "started_at": "started_at", "due_at": "due_at", "stopped_at": "stopped_at",
    "business_seconds": "business_seconds", "wall_seconds": "wall_seconds", "attributed_to": "attributed_to",
    "policy": "policy__name", "policy_version": "policy_version", "calendar_version": "calendar_version",
}  # fmt: skip


class _Echo:
    def write(self, line: str) -> str:
        return line


def lines(found: QuerySet[Clock]) -> Iterator[str]:
    """Every conversation of the clocks in `found`, each with all of its clocks."""
    every = Clock.objects.filter(conversation__in=found.values("conversation"))
    most = dict(every.values_list("metric").annotate(Max("number")).order_by())
    columns = [(metric, number) for metric in sla.METRICS for number in range(most.get(metric, -1) + 1)]
    names = [f"{metric}_{number + 1}_{name}" for metric, number in columns for name in CLOCK]
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow([*CONVERSATION, *names])
    read = every.values("conversation_id", "metric", "number", *CONVERSATION.values(), *CLOCK.values())
    ordered = read.order_by("conversation_id", "metric", "number").iterator(chunk_size=2000)
    for _, rows in groupby(ordered, key=lambda row: row["conversation_id"]):
        yield writer.writerow(_row(rows, columns))


def _row(rows: Iterable[dict[str, Any]], columns: list[tuple[str, int]]) -> list[Any]:
    by_column = {(row["metric"], row["number"]): row for row in rows}
    one = next(iter(by_column.values()))
    cells = [safe(one[field]) for field in CONVERSATION.values()]
    for column in columns:
        clock = by_column.get(column, {})
        cells += [safe(clock.get(field)) for field in CLOCK.values()]
    return cells
