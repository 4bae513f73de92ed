"""Which deliveries a replay takes, and what it would do: filters become rows and counts. Reads only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ..database.row_estimates import capped
from ..models import Delivery, Source

PACE = 10  # deliveries per second, unless a person chooses another
MOST = 250_000  # deliveries in one run
MOST_IDS = 1000
REPLY = "reply.send"  # never replayed: only its draft's page decides
# What a run never takes: replies, and messages to people, who would be notified of old problems again.
LEFT_OUT = (REPLY, *settings.NOTICES)
# Filter → the look-up it becomes.
LOOKUPS = {
    "status": "status", "direction": "direction", "event": "event", "conversation_id": "conversation_id",
    "fingerprint": "error_fingerprint", "ids": "pk__in", "since": "received_at__gte", "until": "received_at__lte",
}  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """Which deliveries to replay; empty filters are ignored. One run replays one source."""

    source: Source
    status: str = ""
    direction: str = ""
    event: str = ""
    conversation_id: int | None = None
    fingerprint: str = ""
    ids: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in LOOKUPS if getattr(self, name)}

    def rows(self) -> QuerySet[Delivery]:
        rows = Delivery.objects.filter(source=self.source)
        if self.fingerprint:
            rows = rows.exclude(error_fingerprint="")  # so that the partial index can serve it
        return rows.filter(**{LOOKUPS[name]: value for name, value in self.given().items()})

    def as_json(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in self.given().items()
        }


@dataclass(frozen=True)
class Plan:
    """What a run would do. left_out: reason → count. events: those that would run, most frequent first.

    more_done: more deliveries are already done than left_out says: years of them would take longer to count than all others.
    """

    count: int
    seconds: float
    left_out: dict[str, int] = field(default_factory=dict)
    events: list[tuple[str, int]] = field(default_factory=list)
    more_done: bool = False

    @property
    def too_many(self) -> bool:
        return self.count > MOST


def read_ids(text: str) -> tuple[int, ...]:
    """Parses 1,2,3 as people write it. Raises ValueError with a message for the user."""
    words = text.replace(",", " ").split()
    wrong = next(
        (word for word in words if not (word.isascii() and word.isdecimal() and len(word) <= 18)), None
    )
    if wrong is not None:
        raise ValueError(_("“%(wrong)s” is not a delivery ID.") % {"wrong": wrong})
    if len(words) > MOST_IDS:
        text = _("At most %(count)s deliveries can be listed one by one: use filters instead.")
        raise ValueError(text % {"count": with_separators(MOST_IDS)})
    return tuple(sorted({int(word) for word in words}))


def plan(filters: Filters, *, pace: int = PACE, also_done: bool = False) -> Plan:
    """Counts, and changes nothing."""
    states = _statuses(filters.status, also_done=also_done)
    rows = filters.rows().order_by()
    done = capped(rows.none() if also_done else rows.filter(status="DONE"))
    read = [status for status in Delivery.Status.values if status != "DONE" or also_done]
    grouped = rows.filter(status__in=read).values_list("status", "event")
    counted = grouped.annotate(count=Count("pk"), gone=Count("redacted_at"))
    left_out: dict[str, int] = {"DONE": done.number} if done else {}
    events: dict[str, int] = {}
    for status, event, count, gone in counted:
        into, key = (events, event) if status in states and event not in LEFT_OUT else (left_out, status)
        key = ("reply" if event == REPLY else "notice") if event in LEFT_OUT else key
        if into is events and gone:  # without their body these cannot run again
            left_out["redacted"] = left_out.get("redacted", 0) + gone
            count -= gone
        if count:
            into[key] = into.get(key, 0) + count
    if filters.ids:
        found = Delivery.objects.filter(pk__in=filters.ids).exclude(source=filters.source).count()
        left_out |= {"elsewhere": found} if found else {}
    total = sum(events.values())
    most = sorted(events.items(), key=lambda pair: -pair[1])
    return Plan(total, total / pace, left_out, most, more_done=done.more)


def chosen(filters: Filters, *, also_done: bool) -> QuerySet[Delivery]:
    """Exactly the deliveries that a run would take, oldest first."""
    rows = filters.rows().filter(status__in=_statuses(filters.status, also_done=also_done), redacted_at=None)
    return rows.exclude(event__in=LEFT_OUT).order_by("pk")


def _statuses(status: str, *, also_done: bool) -> set[str]:
    """Cancelled deliveries were no longer needed: they are only included if that status is chosen explicitly."""
    return {"DEAD", "HELD"} | ({"DONE"} if also_done else set()) | ({"CANCELLED"} & {status})


def with_separators(count: int) -> str:
    return number_format(count, force_grouping=True)
