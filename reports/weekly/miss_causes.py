"""Why a target was missed: what the conversation waited for longest, within the time that counted in the week."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from knowledge.models import Draft
from webhooks.models import Conversation, Source

from .. import sla
from ..attainment import outcomes
from ..attainment.attainment import seen_by
from ..clocks import clocks
from ..periods import Period
from ..policies import versions
from . import data_quality
from .data_quality import Span
from .readers import EVERYONE

DOWN, REVIEW, UNASSIGNED, DRAFT, AGENT = (
    "system down",
    "waiting for review",
    "unassigned",
    "waiting for a draft",
    "waiting for an agent",
)
NAMES = {
    DOWN: _("system down"),
    REVIEW: _("waiting for review"),
    UNASSIGNED: _("unassigned"),
    DRAFT: _("waiting for a draft"),
    AGENT: _("waiting for an agent"),
}
Decided = tuple[datetime, datetime | None]  # of a draft: when it was created, when it was decided


@dataclass(frozen=True)
class About:
    """What a cause is derived from, besides the clock."""

    facts: sla.Facts
    as_of: datetime
    drafts: list[Decided]
    down: list[Span]


def called(cause: str) -> str:
    """In the reader's language. Reports save the cause itself."""
    return str(NAMES.get(cause, cause))


def causes(week: Period, *, now: datetime, reader: User = EVERYONE) -> dict[str, list[int]]:
    """By cause: the conversation of each clock missed in the week, once for each clock. Most frequent cause first."""
    found = defaultdict[str, list[int]](list)
    for number, clock, about in _missed(week, reader, now=now):
        until = min(clock.stopped_at or about.as_of, week.end)
        found[_longest(clock, about, until)].append(number)
    return dict(sorted(found.items(), key=lambda one: (-len(one[1]), one[0])))


def _missed(week: Period, reader: User, *, now: datetime) -> Iterator[tuple[int, sla.Clock, About]]:
    """Each missed clock with its conversation. Clocks are recalculated, because rows do not store their segments."""
    wanted, policies = _rows(week, reader, now=now), versions.all_versions()

    @cache
    def down(source: Source) -> list[Span]:
        """Outages that a clock of the week may have waited through."""
        return data_quality.down(source, since=week.before().start, until=min(week.end, now))

    for batch in clocks.parts(sorted(wanted)):
        rows = list(
            Conversation.objects.filter(pk__in=batch).select_related("inbox", "source").order_by("pk")
        )
        decided = _decided(batch)
        for row, (facts, as_of) in zip(rows, clocks.known(rows, now=now), strict=True):
            about = About(facts, as_of, decided[row.pk], down(row.source))
            for clock in sla.clocks(facts, policies, as_of=as_of):
                if (clock.metric, clock.started_at) in wanted[row.pk]:
                    yield row.pk, clock, about


def _decided(conversations: Sequence[int]) -> dict[int, list[Decided]]:
    found = defaultdict[int, list[Decided]](list)
    drafts = Draft.objects.filter(conversation__in=conversations)
    for number, created_at, decided_at in drafts.values_list("conversation", "created_at", "decided_at"):
        found[number].append((created_at, decided_at))
    return found


def _rows(week: Period, reader: User, *, now: datetime) -> dict[int, set[Any]]:
    """By conversation: the keys by which its recalculated clocks are matched."""
    rows = outcomes.clocks(week, now=now, within=seen_by(reader)).filter(
        state=sla.State.MISSED, decided_at__gte=week.start, decided_at__lt=week.end
    )
    missed: dict[int, set[Any]] = defaultdict(set)
    for number, metric, started_at in rows.values_list("conversation", "metric", "started_at"):
        missed[number].add((metric, started_at))
    return missed


def _longest(clock: sla.Clock, about: About, until: datetime) -> str:
    """The cause with the most counted seconds; of two equal ones, the earlier."""
    waited: Counter[str] = Counter()
    moments = [at for pair in (*about.drafts, *about.down) for at in pair if at]
    moments += [at for at, _ in about.facts.assignee.changes]
    for segment in clock.segments:
        if segment.kind != "counted":
            continue
        begin, end = segment.start, min(segment.end, until)
        cuts = sorted({begin, end, *(at for at in moments if begin < at < end)})
        for start, stop in pairwise(cuts):
            waited[_waits_for(start, about, since=clock.started_at)] += int((stop - start).total_seconds())
    return waited.most_common(1)[0][0] if waited else AGENT


def _waits_for(at: datetime, about: About, *, since: datetime) -> str:
    if _within(at, about.down):
        return DOWN
    known = [decided_at for created_at, decided_at in about.drafts if since <= created_at <= at]
    if any(decided_at is None or decided_at > at for decided_at in known):
        return REVIEW
    if not about.facts.assignee.at(at).key:
        return UNASSIGNED
    return AGENT if known else DRAFT


def _within(at: datetime, spans: Iterable[Span]) -> bool:
    return any(start <= at < end for start, end in spans)
