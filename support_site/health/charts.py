"""The Health page's charts: arrivals, failures, backlog and lateness, from one sample a minute (HealthSample)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webhooks.display import formats
from webhooks.models import HealthSample

HEIGHT = 60
AT_MOST = gettext_lazy("at most %(total)s")


@dataclass(frozen=True)
class Span:
    key: str
    name: Promise
    of: Promise  # of a total within it
    step: timedelta
    count: int

    @property
    def whole(self) -> timedelta:
        return self.step * self.count


SPANS = {
    span.key: span
    for span in (
        Span("1h", gettext_lazy("1 hour"), gettext_lazy("%(total)s in 1 hour"), timedelta(minutes=1), 60),
        Span(
            "24h", gettext_lazy("24 hours"), gettext_lazy("%(total)s in 24 hours"), timedelta(minutes=30), 48
        ),
        Span("7d", gettext_lazy("7 days"), gettext_lazy("%(total)s in 7 days"), timedelta(hours=2), 84),
    )
}


@dataclass(frozen=True)
class Bar:
    """known: whether there was a sample; without one there is no data. height: of HEIGHT."""

    place: int
    height: int
    text: str
    known: bool

    @property
    def top(self) -> int:
        return HEIGHT - self.height


@dataclass(frozen=True)
class Chart:
    """figure: the span's total or peak, as text."""

    title: str
    figure: str
    bars: list[Bar]
    first: datetime
    width: int
    tone: str


def charts(span: Span, *, now: datetime) -> list[Chart]:
    start = now - span.whole
    found: list[list[HealthSample]] = [[] for _ in range(span.count)]
    for row in HealthSample.objects.filter(at__gt=start, at__lte=now):
        found[min(int((row.at - start) / span.step), span.count - 1)].append(row)
    return [
        _chart(_("Webhooks received"), _total("arrived"), sum, span.of, "accent", found, start, span),
        _chart(_("Failed attempts"), _total("failed"), sum, span.of, "bad", found, start, span),
        _chart(_("Backlog"), _peak("backlog"), max, AT_MOST, "warn", found, start, span),
        _chart(_("Lateness"), _peak("late_s"), max, AT_MOST, "warn", found, start, span, write=formats.span),
    ]


def _total(name: str) -> Callable[[list[HealthSample]], int]:
    return lambda rows: sum(getattr(row, name) for row in rows)


def _peak(name: str) -> Callable[[list[HealthSample]], int]:
    return lambda rows: max(getattr(row, name) for row in rows)


def _chart(
    title: str, read: Callable[[list[HealthSample]], int], whole: Callable[[Iterable[int]], int], figure: Promise, tone: str,
    found: list[list[HealthSample]], start: datetime, span: Span, *, write: Callable[[int], str] = formats.number,
) -> Chart:  # fmt: skip
    values = [read(rows) if rows else None for rows in found]
    known = [value for value in values if value is not None]
    most = max(known, default=0) or 1
    bars = [_bar(place, value, most, start + span.step * place, write) for place, value in enumerate(values)]
    shown = str(figure) % {"total": write(whole(known))} if known else _("no data yet")
    return Chart(title, shown, bars, start, span.count * 10 - 2, tone)


def _bar(place: int, value: int | None, most: int, at: datetime, write: Callable[[int], str]) -> Bar:
    here = date_format(timezone.localtime(at), "D H:i")
    if value is None:
        return Bar(place * 10, 2, _("%(time)s: no data") % {"time": here}, False)
    return Bar(
        place * 10,
        max(round((HEIGHT - 2) * value / most), 2 if value else 0),
        f"{here}: {write(value)}",
        True,
    )
