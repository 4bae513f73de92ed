"""Why a promise was missed: what the customer waited for longest, of the time that counted until it was due or answered."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Q

from knowledge.models import Draft
from webhooks.models import Conversation

from .. import attainment, clocks, promises, sla
from ..attainment import Period

REVIEW, UNASSIGNED, DRAFT, AGENT = (
    "waiting for review",
    "unassigned",
    "waiting for a draft",
    "waiting for an agent",
)
Decided = tuple[datetime, datetime | None]  # a draft: when it was made, when somebody decided


def why(week: Period, *, now: datetime) -> dict[str, int]:
    """Each clock missed in the week once, most frequent first."""
    found = attainment.clocks(week, now=now, within=Q()).filter(
        state=sla.State.MISSED, decided_at__gte=week.start, decided_at__lt=week.end
    )
    missed: dict[int, set[Any]] = defaultdict(set)
    for number, metric, started_at in found.values_list("conversation", "metric", "started_at"):
        missed[number].add((metric, started_at))
    policies, counted = promises.all_versions(), Counter[str]()
    for conversation in Conversation.objects.filter(pk__in=missed).select_related("inbox").iterator():
        reckoned, facts, as_of = clocks.reckoned(conversation, policies, now=now)
        found_drafts = Draft.objects.filter(conversation=conversation)
        drafts = list(found_drafts.values_list("created_at", "decided_at"))
        for clock in reckoned:
            if (clock.metric, clock.started_at) in missed[conversation.pk]:
                counted[_longest(clock, facts, drafts, clock.stopped_at or as_of)] += 1
    return dict(counted.most_common())


def _longest(clock: sla.Clock, facts: sla.Facts, drafts: Iterable[Decided], until: datetime) -> str:
    """The kind of the most seconds among those that counted; the earlier of two alike."""
    waited: Counter[str] = Counter()
    moments = [at for draft in drafts for at in draft if at]
    moments += [at for at, _ in facts.assignee.changes]
    for segment in clock.segments:
        if segment.kind != "counted":
            continue
        begin, end = segment.start, min(segment.end, until)
        cuts = sorted({begin, end, *(at for at in moments if begin < at < end)})
        for start, stop in pairwise(cuts):
            waited[_waits_for(start, facts, drafts, since=clock.started_at)] += int(
                (stop - start).total_seconds()
            )
    return waited.most_common(1)[0][0] if waited else AGENT


def _waits_for(at: datetime, facts: sla.Facts, drafts: Iterable[Decided], *, since: datetime) -> str:
    known = [decided_at for created_at, decided_at in drafts if since <= created_at <= at]
    if any(decided_at is None or decided_at > at for decided_at in known):
        return REVIEW
    if not facts.assignee.at(at):
        return UNASSIGNED
    return AGENT if known else DRAFT
