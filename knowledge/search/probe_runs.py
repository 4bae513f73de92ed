"""The history of what probes measured: a run each night on which something has moved, and one each time the command measures."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext
from django_q.tasks import async_task

from webhooks.database import clock
from webhooks.display import charts, formats
from webhooks.display.charts import Chart, Series

from ..models import Probe, ProbeRun
from . import articles, confidence, embedders, index, measuring, probes
from .measuring import Outcome

HOUR = 3  # of the night, on the site's clock
SHOWN = 90  # runs in the chart
FIGURES = {  # a column of a run: the figure's name in measuring.py, its name on the page
    "recall_1": ("recall@1", gettext_noop("Right article first")),
    "recall_3": ("recall@3", gettext_noop("Among the first three")),
    "mrr": ("MRR", gettext_noop("MRR")),
    "silent_right": ("silent, of unanswerable", gettext_noop("Silent where none fits")),
    "ece": ("ECE", gettext_noop("ECE")),
}
LINES = {"recall_1": "main", "recall_3": "second", "mrr": "third", "silent_right": "good", "ece": "warn"}


def record(outcomes: Sequence[Outcome], *, now: datetime) -> ProbeRun:
    """A row of the history from what was measured just now."""
    used = index.current()
    values = {one.name: one.value for one in measuring.figures(outcomes, draft_from=confidence.DRAFT_FROM)}
    return ProbeRun.objects.create(
        at=now, n=len(outcomes), answerable=sum(one.expected is not None for one in outcomes), embedder=used.name,
        stamp=used.stamp, articles=len(used.live), **{column: values[name] for column, (name, _label) in FIGURES.items()},
    )  # fmt: skip


def wake(*, now: datetime) -> None:
    """The chore: once a night, if the articles or the probes are not those of the last run."""
    if timezone.localtime(now).hour >= HOUR and is_due(now=now):
        async_task("knowledge.search.probe_runs.run", cluster="slow")


def is_due(*, now: datetime) -> bool:
    last = ProbeRun.objects.order_by("-at").first()
    if not Probe.objects.exists():
        return False
    if last is None:
        return True
    today = timezone.localtime(now).date()
    answerable = Probe.objects.exclude(expected=None)
    same = (last.stamp, last.n, last.answerable) == (
        articles.stamp(),
        Probe.objects.count(),
        answerable.count(),
    )
    moved = not same or Probe.objects.filter(created_at__gt=last.at).exists() or _other_embedder(last)
    return moved and timezone.localtime(last.at).date() < today


def _other_embedder(last: ProbeRun) -> bool:
    return last.embedder != embedders.wanted() and not embedders.trouble()


def run() -> ProbeRun:
    return record(probes.run(), now=clock.now())


def history() -> Chart:
    """The runs with the embedder of the newest one, oldest first."""
    newest = ProbeRun.objects.order_by("-at").first()
    found = ProbeRun.objects.filter(embedder=newest.embedder).order_by("-at")[:SHOWN] if newest else []
    rows = list(found)[::-1]
    times = [timezone.localtime(row.at) for row in rows]
    labels = [f"{formats.day_of_year(at)}, {at:%H:%M}" for at in times]
    series = [
        Series(_(FIGURES[name][1]), [getattr(row, name) for row in rows], tone)
        for name, tone in LINES.items()
    ]
    note = newest and _("Newest: %(probes)s probes, %(articles)s articles, embedder %(embedder)s") % {
        "probes": formats.number(newest.n), "articles": formats.number(newest.articles), "embedder": newest.embedder,
    }  # fmt: skip
    title, axis = _("What probes found, run by run"), pgettext("noun", "Run")
    return Chart(title, labels, series, charts.SHARE, note=note or "", axis=axis)
