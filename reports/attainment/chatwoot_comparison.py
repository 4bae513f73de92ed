"""This site's first response and counts beside Chatwoot's own report, with the rule behind each difference.

Chatwoot reports an average but not over what, so its rule is applied to the mirror: the first public answer by a user in
the lifetime of a conversation, from its creation or from the bot's hand-over, in wall-clock time. Any remaining difference
is due to conversations that never reached this site.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median
from typing import Any

from django.db.models import Exists, Min, OuterRef

from webhooks.models import Conversation, Message, Source, StatusChange
from webhooks.outbound import chatwoot

from .. import sla
from ..models import Clock
from ..periods import Period

# reason → (rule of docs/sla_rules.md, explanation)
RULES = {
    "began": ("1", "counted from the customer's first message or the hand-over to a person, not from the creation"),
    "opened": ("1", "an agent wrote first; the customer's message starts the clock"),
    "refused": ("2", "the channel rejected the first answer, so it stops no clock"),
    "exempt": ("6", "spam or a blocked contact"),
    "deleted": ("6", "deleted in Chatwoot, which no longer counts it"),
    "again": ("7", "another first response: a new case after a week, or reopened before any answer"),
    "no_policy": ("8", "no SLA policy applies"),
    "customer": ("9", "not a customer message by these rules: only a sticker, an auto-reply or a survey answer"),
    "other": ("–", "not explained by a rule"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """here, there: what each side counts. there is None when Chatwoot does not report it."""

    name: str
    here: float | None
    there: float | None
    is_time: bool = False


@dataclass(frozen=True)
class Why:
    name: str
    count: int
    seconds: float  # wall clock, ours minus theirs, where both sides count it

    @property
    def rule(self) -> str:
        return RULES[self.name][0]

    @property
    def explanation(self) -> str:
        return RULES[self.name][1]


@dataclass(frozen=True)
class Comparison:
    rows: list[Row]
    first_response: list[Why]
    counts: list[tuple[str, Why]]
    by_their_rule: tuple[int, float | None]  # from the mirror: count, mean seconds
    there: float | None

    @property
    def unexplained_s(self) -> float | None:
        """Their reported mean minus the mean by their rule over the mirror."""
        mean = self.by_their_rule[1]
        return None if mean is None or self.there is None else self.there - mean


def compare(source: Source, period: Period, *, client: chatwoot.Client) -> Comparison:
    """Raises the client's errors."""
    reported = client.report_summary(since=period.start, until=period.end)
    theirs, ours = _theirs(source, period), _ours(source, period)
    wall = [clock.wall_seconds for found in ours.values() for clock in found]
    business = [clock.business_seconds for found in ours.values() for clock in found]
    there = _number(reported.get("avg_first_response_time"))
    rows = [
        *_counts(source, period, reported),
        Row("first responses", len(wall), None),
        Row("mean first response, wall clock", _mean(wall), there, is_time=True),
        Row("mean first response, business time", _mean(business), None, is_time=True),
        Row(
            "median first response, business time", median(business) if business else None, None, is_time=True
        ),
    ]
    means = [seconds for _, seconds in theirs.values()]
    return Comparison(
        rows, _why(theirs, ours), _why_counts(source, period), (len(means), _mean(means)), there
    )


def _counts(source: Source, period: Period, reported: dict[str, Any]) -> list[Row]:
    created, resolved = _created(source, period), _resolved(source, period)
    written = Message.objects.filter(
        conversation__source=source, is_customer_message=True,
        created_at__gte=period.start, created_at__lt=period.end,
    )  # fmt: skip
    return [
        Row("conversations", created.count(), _number(reported.get("conversations_count"))),
        Row("resolved", resolved.count(), _number(reported.get("resolutions_count"))),
        Row("customer messages", written.count(), _number(reported.get("incoming_messages_count"))),
    ]


def _created(source: Source, period: Period) -> Any:
    return Conversation.objects.filter(source=source, created_at__gte=period.start, created_at__lt=period.end)


def _resolved(source: Source, period: Period) -> Any:
    return StatusChange.objects.filter(
        conversation__source=source, current="resolved", at__gte=period.start, at__lt=period.end
    )


def _why_counts(source: Source, period: Period) -> list[tuple[str, Why]]:
    gone = _created(source, period).exclude(deleted_at=None).count()
    closed = _resolved(source, period).exclude(conversation__deleted_at=None).count()
    ignored = Message.objects.filter(
        conversation__source=source, kind="incoming", is_customer_message=False,
        created_at__gte=period.start, created_at__lt=period.end,
    ).count()  # fmt: skip
    found = [
        ("conversations", Why("deleted", gone, 0)),
        ("resolved", Why("deleted", closed, 0)),
        ("customer messages", Why("customer", ignored, 0)),
    ]
    return [(name, why) for name, why in found if why.count]


def _theirs(source: Source, period: Period) -> dict[int, tuple[datetime, float]]:
    """By conversation: when a user first answered publicly, and how long it took by Chatwoot's rule."""
    public = Message.objects.filter(
        conversation__source=source, kind="outgoing", private=False, sender_type="user"
    )
    first = public.values("conversation").annotate(at=Min("created_at")).order_by()
    answered = dict(first.filter(at__gte=period.start, at__lt=period.end).values_list("conversation", "at"))
    handed = StatusChange.objects.filter(conversation__in=answered, previous="pending", current="open")
    first_handed = handed.values("conversation").annotate(first=Min("at")).order_by()
    handed_at = dict(first_handed.values_list("conversation", "first"))
    created = dict(Conversation.objects.filter(pk__in=answered).values_list("pk", "created_at"))
    return {
        number: (at, (at - max(created[number] or at, handed_at.get(number) or created[number] or at)).total_seconds())
        for number, at in answered.items()
    }  # fmt: skip


def _ours(source: Source, period: Period) -> dict[int, list[Clock]]:
    """By conversation: first-response clocks that an answer stopped in the period."""
    answer = Message.objects.filter(
        conversation=OuterRef("conversation"), is_person_answer=True, created_at=OuterRef("stopped_at")
    )
    rows = Clock.objects.filter(
        Exists(answer), conversation__source=source, metric=sla.FIRST_RESPONSE,
        state__in=(sla.State.MET, sla.State.MISSED), stopped_at__gte=period.start, stopped_at__lt=period.end,
    )  # fmt: skip
    found: dict[int, list[Clock]] = defaultdict(list)
    for row in rows.order_by("number"):
        found[row.conversation_id].append(row)
    return found


def _why(theirs: dict[int, tuple[datetime, float]], ours: dict[int, list[Clock]]) -> list[Why]:
    """Most frequent first."""
    seconds: dict[str, list[float]] = defaultdict(list)
    alone = {number: at for number, (at, _) in theirs.items() if number not in ours}
    for number, clocks in ours.items():
        counted = theirs.get(number)
        first = next((clock for clock in clocks if clock.number == 0), None)
        seconds["again"] += [0.0] * sum(1 for clock in clocks if clock.number or not counted)
        if first and counted and round(first.wall_seconds) != round(counted[1]):
            same = first.stopped_at == counted[0]
            seconds["began" if same else "refused"].append(first.wall_seconds - counted[1])
    for name, found in _alone(alone).items():
        seconds[name] += [0.0] * found
    rows = [Why(name, len(found), sum(found)) for name, found in seconds.items() if found]
    return sorted(rows, key=lambda why: (-why.count, why.name))


def _alone(answers: dict[int, datetime]) -> dict[str, int]:
    """Why answers that Chatwoot counts are no first response here: a count for each reason. answers: time by conversation."""
    found: dict[str, int] = defaultdict(int)
    rows = Conversation.objects.filter(pk__in=answers).prefetch_related("clocks")
    answered = Message.objects.filter(conversation__in=answers, is_person_answer=True)
    accepted = set(answered.values_list("conversation", "created_at"))
    for row in rows:
        at = answers[row.pk]
        found[_alone_because(row, at, is_accepted=(row.pk, at) in accepted)] += 1
    return found


def _alone_because(row: Conversation, at: datetime, *, is_accepted: bool) -> str:
    first = next((clock for clock in row.clocks.all() if clock.metric == sla.FIRST_RESPONSE), None)
    if row.deleted_at:
        return "deleted"
    if not is_accepted:
        return "refused"
    if first and first.state == sla.State.NOT_APPLICABLE:
        return "no_policy" if first.policy_id is None else "exempt"
    return "opened" if first is None or first.started_at > at else "other"


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None


def _number(value: Any) -> float | None:
    """Chatwoot sends some numbers as strings, and null for no data."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
