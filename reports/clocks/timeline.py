"""What explains a conversation's clocks: each of their seconds, who they belonged to, and what happened when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from knowledge.models import Draft
from webhooks.accounts import access
from webhooks.database import clock
from webhooks.display import conversation_status, formats
from webhooks.models import Conversation

from .. import sla
from ..attainment.cells import NAMES
from ..models import PRIORITY_NAMES, SLAPolicy
from ..policies import versions
from ..sla import Clock, Segment, State
from ..sla.metrics import UNASSIGNED
from . import clocks

WORDS = {
    State.RUNNING: _("runs"), State.PAUSED: _("paused"), State.MET: _("met"), State.MISSED: _("missed"),
    State.CANCELLED: _("cancelled"), State.NOT_APPLICABLE: _("not applicable"),
}  # fmt: skip
TONES = {State.RUNNING: "busy", State.PAUSED: "warn", State.MET: "good", State.MISSED: "bad"}
KINDS = {
    "counted": _("counted"), "closed": _("closed hours, not counted"), "paused": _("paused, not counted"),
    "bot": _("held by a bot, not counted"), "review": _("a draft waited for review"),
}  # fmt: skip
TITLES = {
    "counted": _("Counted"), "closed": pgettext_lazy("business hours", "Closed"), "paused": _("Paused"), "bot": _("Bot"),
    "review": pgettext_lazy("waiting", "Review"),
}  # fmt: skip
MOST_CLOCKS, MOST_EVENTS = 30, 200  # on one page


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
        return str(NAMES[self.clock.metric])

    @property
    def state(self) -> str:
        return str(WORDS[self.clock.state])

    @property
    def tone(self) -> str:
        return f"s-{TONES.get(self.clock.state, 'plain')}"

    @property
    def ended(self) -> str:
        """Who or what stopped it, in words."""
        who = self.clock.attributed_to
        return self._ended % {"who": who if who != UNASSIGNED else gettext("nobody")}

    @property
    def _ended(self) -> str:
        clock, is_late = self.clock, self.clock.state == State.MISSED
        if clock.state == State.NOT_APPLICABLE:
            return gettext(
                "Nothing was promised: a bot resolved it, or it is spam, blocked, or served by no policy."
            )
        if clock.stopped_at is None and is_late:
            return gettext("Nothing has stopped it yet. When it ran out, %(who)s had it.")
        if clock.stopped_at is None:
            return gettext("Nothing has stopped it yet.")
        if clock.state == State.CANCELLED and clock.closed_unanswered:
            return gettext("Closed unanswered, before it was due.")
        if clock.state == State.CANCELLED:
            return gettext("Deleted in Chatwoot.")
        if clock.metric == sla.RESOLUTION:
            return gettext("Resolved; %(who)s had it.")
        if self.is_answered:
            return gettext("Answered by %(who)s, too late.") if is_late else gettext("Answered by %(who)s.")
        if is_late:
            return gettext("Closed unanswered, too late; when it ran out, %(who)s had it.")
        return gettext("Closed unanswered; when it ran out, %(who)s had it.")

    @property
    def sums(self) -> list[tuple[str, str, float]]:
        """(kind, in words, seconds), of those that there are."""
        found: dict[str, float] = {}
        for one in (*self.clock.segments, *self.reviews):
            found[one.kind] = found.get(one.kind, 0) + (one.end - one.start).total_seconds()
        return [(kind, str(told), found[kind]) for kind, told in KINDS.items() if kind in found]

    @property
    def in_words(self) -> str:
        told = "; ".join(f"{said} {formats.span(seconds)}" for _, said, seconds in self.sums)
        told = told or gettext("no time passed")
        return f"{self.name}: {told}"


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
    now = clock.now()
    found, facts, as_of = clocks.calculated(conversation, versions.all_versions(), now=now)
    pages = Paginator(sorted(found, key=lambda one: one.started_at), MOST_CLOCKS)
    # The newest page opens first: it is what is going on.
    page = pages.get_page(request.GET.get("page", pages.num_pages))
    happened = _meanwhile(events(conversation, facts), page)
    return model_admin.page(
        request, "reports/timeline.html", conversation=conversation, now=now, page=page, query="page=",
        title=gettext("Timeline of %(conversation)s") % {"conversation": conversation},
        clocks=explained(conversation, page.object_list, facts, as_of=as_of), events=happened[-MOST_EVENTS:],
        left_out=max(len(happened) - MOST_EVENTS, 0),
    )  # fmt: skip


def _meanwhile(happened: list[Event], page: Page[Clock]) -> list[Event]:
    """What happened from this page's first clock until the next page's, so that each event is on one page."""
    first, last = page.start_index() - 1, page.end_index()
    since = page.paginator.object_list[first].started_at if page.has_previous() else None
    until = page.paginator.object_list[last].started_at if page.has_next() else None
    return [one for one in happened if (not since or since <= one.at) and (not until or one.at < until)]


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
            yield Event(one.at, gettext("The customer wrote."), "s-running")
        else:
            who = one.who.name or gettext("Somebody")
            yield Event(one.at, gettext("%(who)s answered.") % {"who": who}, "s-good")


def _changed(facts: sla.Facts) -> Iterator[Event]:
    none = gettext("none")
    for at, status in facts.status.changes:
        yield Event(at, gettext("Status: %(status)s.") % {"status": conversation_status.shown(status)})
    for at, who in facts.assignee.changes:
        yield Event(at, gettext("Assignee: %(name)s.") % {"name": who.name or none})
    for at, who in facts.team.changes:
        yield Event(at, gettext("Team: %(name)s.") % {"name": who.name or none})
    for at, priority in facts.priority.changes:
        named = PRIORITY_NAMES.get(priority, priority) or none
        yield Event(at, gettext("Priority: %(priority)s.") % {"priority": named})
    for at, labels in facts.labels.changes:
        yield Event(at, gettext("Labels: %(labels)s.") % {"labels": ", ".join(sorted(labels)) or none})


def _drafted(conversation: Conversation) -> Iterator[Event]:
    for draft in conversation.drafts.select_related("decided_by"):
        waited = gettext("A draft by %(author)s waited for review.") % {"author": draft.author}
        yield Event(draft.created_at, waited, "s-warn")
        if draft.decided_at and draft.decided_by:
            rejected = draft.status == Draft.Status.REJECTED
            decided = gettext("%(who)s rejected it.") if rejected else gettext("%(who)s approved it.")
            yield Event(draft.decided_at, decided % {"who": draft.decided_by})


def _escalated(conversation: Conversation) -> Iterator[Event]:
    for row in conversation.escalations.select_related("owner", "raised_by"):
        raised = gettext("Escalated to %(owner)s: %(reason)s") % {"owner": row.owner, "reason": row.reason}
        yield Event(row.raised_at, raised, "s-warn")
        if row.closed_at:
            how = row.resolution or gettext("outcome not recorded")
            yield Event(row.closed_at, gettext("The escalation was closed: %(how)s") % {"how": how}, "s-good")
