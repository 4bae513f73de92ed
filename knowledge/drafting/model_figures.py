"""The figures of model calls by day, model and prompt version."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from ..models import ModelCall

O = ModelCall.Outcome  # noqa: E741
MOST = 100_000  # calls in one report
# Not the model's doing: they say how to call it.
FORMS = (O.FORMAT, O.TOO_LONG)


@dataclass
class Line:
    """day: None for the whole period. ms: of each call that was answered."""

    day: date | None
    model: str
    prompt_version: str
    outcomes: Counter = field(default_factory=Counter)
    ms: list[int] = field(default_factory=list)
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    drafts: set[int] = field(default_factory=set)

    @property
    def calls(self) -> int:
        return sum(self.outcomes.values())

    @property
    def p50(self) -> int | None:
        return quantile(self.ms, 0.5)

    @property
    def p95(self) -> int | None:
        return quantile(self.ms, 0.95)

    @property
    def named(self) -> list[tuple[str, int]]:
        """The outcomes in words, the most frequent first."""
        return [
            (str(O(name).label), count)
            for name, count in sorted(self.outcomes.items(), key=lambda one: (-one[1], one[0]))
        ]

    def add(self, call: ModelCall) -> None:
        self.outcomes[call.outcome] += 1
        self.tokens_in += call.tokens_in or 0
        self.tokens_out += call.tokens_out or 0
        if call.cost is not None:
            self.cost = (self.cost or 0.0) + call.cost
        if call.outcome not in FORMS:
            self.ms.append(call.ms)
        if call.draft_id:
            self.drafts.add(call.draft_id)


@dataclass(frozen=True)
class Report:
    """totals: by model and prompt. days: newest first."""

    totals: Sequence[Line]
    days: Sequence[Line]


def quantile(values: Sequence[int], share: float) -> int | None:
    """The nearest rank, so that it is a value that occurred."""
    ordered = sorted(values)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def report(*, days: int, now: datetime) -> Report:
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return report_since(today - timedelta(days=days - 1))


def report_since(since: datetime) -> Report:
    return _report(ModelCall.objects.filter(at__gte=since).order_by("-at")[:MOST])


def _report(calls: Iterable[ModelCall]) -> Report:
    totals: dict[tuple, Line] = {}
    by_day: dict[tuple, Line] = {}
    for call in calls:
        what = (call.model, call.prompt_version)
        day = timezone.localtime(call.at).date()
        totals.setdefault(what, Line(None, *what)).add(call)
        by_day.setdefault((day, *what), Line(day, *what)).add(call)
    return Report(
        sorted(totals.values(), key=lambda line: -line.calls),
        sorted(by_day.values(), key=lambda line: (line.day or date.min, line.calls), reverse=True),
    )
