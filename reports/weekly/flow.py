"""Conversations that came, were resolved and are left, step by step through a range of days, and their chart."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from webhooks.display.charts import Chart, Series

from ..attainment.charts import axis, step_label
from ..periods import Period
from . import trends, volume


def chart(period: Period, begins: Sequence[date], *, reader: User) -> Chart:
    """begins: the first day of each step that has begun."""
    came, done, back, gone = (
        _by_step(rows(period, reader=reader), field, period, begins)
        for rows, field in (
            (volume.opened, "created_at"),
            (volume.resolved, "at"),
            (volume.reopened, "at"),
            (volume.deleted, "deleted_at"),
        )
    )
    nets = [in_ + again - out - away for in_, again, out, away in zip(came, back, done, gone, strict=True)]
    left = trends.left_after(volume.backlog(period.end, reader=reader).count(), nets)
    labels = [step_label(day) for day in begins]
    return drawn(_("New, resolved and backlog"), labels, came, done, left, axis(period))


def drawn(
    title: str,
    labels: Sequence[str],
    came: Sequence[int],
    done: Sequence[int],
    left: Sequence[int],
    axis: str,
) -> Chart:
    series = [
        Series(pgettext("conversations", "New"), came, "second", bars=True),
        Series(pgettext("conversations", "Resolved"), done, "third", bars=True),
        Series(_("Backlog"), left),
    ]
    return Chart(title, labels, series, axis=axis)


def _by_step(rows: QuerySet, field: str, period: Period, begins: Sequence[date]) -> list[int]:
    days = (
        rows.order_by()
        .annotate(day=TruncDate(field, tzinfo=period.zone))
        .values_list("day")
        .annotate(Count("pk"))
    )
    counted: Counter[int] = Counter()
    for day, n in days:
        counted[bisect_right(begins, day) - 1] += n
    return [counted[place] for place in range(len(begins))]
