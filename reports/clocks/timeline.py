"""What explains a conversation's clocks: each of their seconds, who they belonged to, and what happened when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from knowledge.models import Draft
from webhooks.accounts import access
from webhooks.display import formats
from webhooks.models import Conversation

from .. import sla
from ..models import SLAPolicy
from ..policies import versions
from ..sla import Clock, Segment, State
from ..sla.metrics import UNASSIGNED
from . import clocks

NAMES = {"first_response": "First response", "next_response": "Next response", "resolution": "Resolution"}
WORDS = {
    State.RUNNING: "runs", State.PAUSED: "paused", State.MET: "met", State.MISSED: "missed", State.CANCELLED: "cancelled",
    State.NOT_APPLICABLE: "not applicable",
}  # fmt: skip
TONES = {State.RUNNING: "busy", State.PAUSED: "warn", State.MET: "good", State.MISSED: "bad"}
KINDS = {
    "counted": "counted", "closed": "closed hours, not counted", "paused": "paused, not counted",
    "bot": "held by a bot, not counted", "review": "a draft waited for review",
}  # fmt: skip
MOST_EVENTS = 200


@dataclass(frozen=True)
class Told:
    clock: Clock
    policy: str
    is_answered: bool
    reviews: list[Segment]
    start: datetime
    end: datetime

    @property
    def name(self) -> str:
        return NAMES[self.clock.metric]

    @property
    def state(self) -> str:
        return WORDS[self.clock.state]

    @property
    def tone(self) -> str:
        return f"s-{TONES.get(self.clock.state, 'plain')}"

    @property
    def ended(self) -> str:
        """Who or what stopped it, in words."""
        clock = self.clock
        who = clock.attributed_to if clock.attributed_to != UNASSIGNED else "nobody"
        if clock.state == State.NOT_APPLICABLE:
            return "Nothing was promised: a bot resolved it, or it is spam, blocked, or served by no policy."
        if clock.stopped_at is None:
            late = f" When it ran out, {who} had it." if clock.state == State.MISSED else ""
            return f"Nothing has stopped it yet.{late}"
        if clock.state == State.CANCELLED:
            return (
                "Closed unanswered, before it was due." if clock.closed_unanswered else "Deleted in Chatwoot."
            )
        if clock.metric == sla.RESOLUTION:
            return f"Resolved; {who} had it."
        late = ", too late" if clock.state == State.MISSED else ""
        return (
            f"Answered by {who}{late}."
            if self.is_answered
            else f"Closed unanswered{late}; when it ran out, {who} had it."
        )

    @property
    def sums(self) -> list[tuple[str, str, float]]:
        """(kind, in words, seconds), of those that there are."""
        found: dict[str, float] = {}
        for one in (*self.clock.segments, *self.reviews):
            found[one.kind] = found.get(one.kind, 0) + (one.end - one.start).total_seconds()
        return [(kind, told, found[kind]) for kind, told in KINDS.items() if kind in found]

    @property
    def in_words(self) -> str:
        told = "; ".join(f"{said} {formats.span(seconds)}" for _, said, seconds in self.sums)
        return f"{self.name}: {told or 'no time passed'}"


@dataclass(frozen=True)
class Event:
    at: datetime
    text: str
    tone: str = ""


def urls(model_admin: Any) -> list[URLPattern]:
    view = model_admin.admin_site.admin_view(partial(show, model_admin))
    return [path("conversation/<int:object_id>/", view, name=model_admin.url_name("timeline"))]


def show(model_admin: Any, request: HttpRequest, object_id: int) -> HttpResponse:
    model_admin.require(request, "drafts")
    mine = Conversation.objects.filter(
        access.in_inboxes_of(access.person(request), path="inbox"), pk=object_id
    )
    conversation = mine.select_related("inbox", "contact", "source").first()
    if conversation is None:
        raise Http404
    now = timezone.now()
    found, facts, as_of = clocks.calculated(conversation, versions.all_versions(), now=now)
    happened = events(conversation, facts)
    return model_admin.page(
        request, "reports/timeline.html", title=f"Timeline of {conversation}", conversation=conversation, now=now,
        clocks=explained(conversation, found, facts, as_of=as_of), events=happened[-MOST_EVENTS:],
        left_out=max(len(happened) - MOST_EVENTS, 0),
    )  # fmt: skip


def explained(
    conversation: Conversation, found: Iterable[Clock], facts: sla.Facts, *, as_of: datetime
) -> list[Told]:
    names = dict(SLAPolicy.objects.values_list("pk", "name"))
    waits = [
        (
            draft.created_at,
            draft.decided_at or (as_of if draft.status in ("PROPOSED", "SECOND_LOOK") else draft.created_at),
        )
        for draft in conversation.drafts.order_by("created_at")
    ]
    answers = {one.at for one in facts.said if one.by == sla.PERSON}
    return [_told(clock, names, waits, answers, as_of=as_of) for clock in found]


def _told(
    clock: Clock, names: dict[int, str], waits: list[tuple[datetime, datetime]], answers: set[datetime], *, as_of: datetime
) -> Told:  # fmt: skip
    until = clock.stopped_at or as_of
    start = min([clock.started_at, *(one.start for one in clock.segments)])
    ahead = [clock.due_at] if clock.due_at and clock.stopped_at is None else []
    reviews = [
        Segment(max(begun, clock.started_at), min(ended, until), "review")
        for begun, ended in waits
        if max(begun, clock.started_at) < min(ended, until)
    ]
    is_answered = clock.stopped_at in answers
    return Told(clock, names.get(clock.policy or 0, ""), is_answered, reviews, start, max([until, *ahead]))


def events(conversation: Conversation, facts: sla.Facts) -> list[Event]:
    """Oldest first."""
    found = [*_said(facts), *_changed(facts), *_drafted(conversation), *_escalated(conversation)]
    return sorted(found, key=lambda one: one.at)


def _said(facts: sla.Facts) -> Iterator[Event]:
    for one in facts.said:
        if one.by == sla.CUSTOMER:
            yield Event(one.at, "The customer wrote.", "s-running")
        else:
            yield Event(one.at, f"{one.who.name or 'Somebody'} answered.", "s-good")


def _changed(facts: sla.Facts) -> Iterator[Event]:
    for at, status in facts.status.changes:
        yield Event(at, f"Status: {status}.")
    for name, whose in (("Assignee", facts.assignee), ("Team", facts.team)):
        for at, who in whose.changes:
            yield Event(at, f"{name}: {who.name or 'none'}.")
    for at, priority in facts.priority.changes:
        yield Event(at, f"Priority: {priority or 'none'}.")
    for at, labels in facts.labels.changes:
        yield Event(at, f"Labels: {', '.join(sorted(labels)) or 'none'}.")


def _drafted(conversation: Conversation) -> Iterator[Event]:
    for draft in conversation.drafts.select_related("decided_by"):
        yield Event(draft.created_at, f"A draft by {draft.author} waited for review.", "s-warn")
        if draft.decided_at and draft.decided_by:
            rejected = draft.status == Draft.Status.REJECTED
            yield Event(draft.decided_at, f"{draft.decided_by} {'rejected' if rejected else 'approved'} it.")


def _escalated(conversation: Conversation) -> Iterator[Event]:
    for row in conversation.escalations.select_related("owner", "raised_by"):
        yield Event(row.raised_at, f"Escalated to {row.owner}: {row.reason}", "s-warn")
        if row.closed_at:
            yield Event(
                row.closed_at, f"The escalation was closed: {row.resolution or 'not said how'}", "s-good"
            )
