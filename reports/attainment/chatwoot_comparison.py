"""Our first response and counts beside Chatwoot's own report, and each difference by the rule that makes it.

Chatwoot tells an average and not of what, so its rule is followed over the mirror: the first public answer by a user that
a conversation ever had, from its creation or from the bot's hand-over, by the wall clock. What then is left between that
and Chatwoot's number never reached us.
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

# what it is → (rule of docs/sla_rules.md, in words)
RULES = {
    "began": ("1", "counted from the customer's first message, or from when a person took over, not from the creation"),
    "opened": ("1", "an agent wrote first, and the customer's message starts the clock"),
    "refused": ("2", "the channel refused the first answer: it stops nothing"),
    "exempt": ("6", "spam, or a blocked contact"),
    "deleted": ("6", "deleted in Chatwoot, which counts it no more"),
    "again": ("7", "a first response again: a new case after a week, or reopened before any answer"),
    "unpromised": ("8", "no policy serves it"),
    "customer": ("9", "no customer message by our rules: stickers alone, auto-replies, survey answers"),
    "other": ("–", "not explained by a rule"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """here, there: what each counts; there is None where Chatwoot does not tell."""

    name: str
    here: float | None
    there: float | None
    is_time: bool = False


@dataclass(frozen=True)
class Why:
    name: str
    count: int
    seconds: float  # wall clock, ours less theirs, where both count it

    @property
    def rule(self) -> str:
        return RULES[self.name][0]

    @property
    def words(self) -> str:
        return RULES[self.name][1]


@dataclass(frozen=True)
class Comparison:
    rows: list[Row]
    first_response: list[Why]
    counts: list[tuple[str, Why]]
    by_their_rule: tuple[int, float | None]  # from the mirror: of how many, mean seconds
    there: float | None

    @property
    def unheard_s(self) -> float | None:
        """What their mean has beside their rule over the mirror."""
        mean = self.by_their_rule[1]
        return None if mean is None or self.there is None else self.there - mean


def compare(source: Source, period: Period, *, client: chatwoot.Client) -> Comparison:
    """Raises what the client raises."""
    told = client.report_summary(since=period.start, until=period.end)
    theirs, ours = _theirs(source, period), _ours(source, period)
    wall = [clock.wall_seconds for found in ours.values() for clock in found]
    business = [clock.business_seconds for found in ours.values() for clock in found]
    there = _number(told.get("avg_first_response_time"))
    rows = [
        *_counts(source, period, told),
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


def _counts(source: Source, period: Period, told: dict[str, Any]) -> list[Row]:
    begun, resolved = _begun(source, period), _resolved(source, period)
    written = Message.objects.filter(
        conversation__source=source, is_customer_message=True,
        created_at__gte=period.start, created_at__lt=period.end,
    )  # fmt: skip
    return [
        Row("conversations", begun.count(), _number(told.get("conversations_count"))),
        Row("resolved", resolved.count(), _number(told.get("resolutions_count"))),
        Row("customers' messages", written.count(), _number(told.get("incoming_messages_count"))),
    ]


def _begun(source: Source, period: Period) -> Any:
    return Conversation.objects.filter(source=source, created_at__gte=period.start, created_at__lt=period.end)


def _resolved(source: Source, period: Period) -> Any:
    return StatusChange.objects.filter(
        conversation__source=source, current="resolved", at__gte=period.start, at__lt=period.end
    )


def _why_counts(source: Source, period: Period) -> list[tuple[str, Why]]:
    gone = _begun(source, period).exclude(deleted_at=None).count()
    closed = _resolved(source, period).exclude(conversation__deleted_at=None).count()
    ignored = Message.objects.filter(
        conversation__source=source, kind="incoming", is_customer_message=False,
        created_at__gte=period.start, created_at__lt=period.end,
    ).count()  # fmt: skip
    found = [
        ("conversations", Why("deleted", gone, 0)),
        ("resolved", Why("deleted", closed, 0)),
        ("customers' messages", Why("customer", ignored, 0)),
    ]
    return [(name, why) for name, why in found if why.count]


def _theirs(source: Source, period: Period) -> dict[int, tuple[datetime, float]]:
    """By conversation: when a user first answered publicly, and how long that took by Chatwoot's rule."""
    public = Message.objects.filter(
        conversation__source=source, kind="outgoing", private=False, sender_type="user"
    )
    first = public.values("conversation").annotate(at=Min("created_at")).order_by()
    answered = dict(first.filter(at__gte=period.start, at__lt=period.end).values_list("conversation", "at"))
    handed = StatusChange.objects.filter(conversation__in=answered, previous="pending", current="open")
    first_handed = handed.values("conversation").annotate(first=Min("at")).order_by()
    handed_at = dict(first_handed.values_list("conversation", "first"))
    begun = dict(Conversation.objects.filter(pk__in=answered).values_list("pk", "created_at"))
    return {
        number: (at, (at - max(begun[number] or at, handed_at.get(number) or begun[number] or at)).total_seconds())
        for number, at in answered.items()
    }  # fmt: skip


def _ours(source: Source, period: Period) -> dict[int, list[Clock]]:
    """By conversation: first responses that an answer stopped in the period."""
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
    """The most frequent first."""
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
    """Why what Chatwoot counts is no first response here: how many for each reason. answers: by conversation, when."""
    found: dict[str, int] = defaultdict(int)
    rows = Conversation.objects.filter(pk__in=answers).prefetch_related("clocks")
    kept = Message.objects.filter(conversation__in=answers, is_person_answer=True)
    accepted = set(kept.values_list("conversation", "created_at"))
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
        return "unpromised" if first.policy_id is None else "exempt"
    return "opened" if first is None or first.started_at > at else "other"


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None


def _number(value: Any) -> float | None:
    """Chatwoot sends some as texts, and null for no data."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
