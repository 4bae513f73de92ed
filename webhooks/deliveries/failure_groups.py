"""Failures grouped by fingerprint: how many, since when, how many conversations they affect, and people's notes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from ..database import row_estimates
from ..models import Attempt, Delivery, FailureNote, Source

DAYS = 7
MOST = 100  # groups on the page


@dataclass
class Group:
    """latest: the newest delivery, shown for all. days: new ones by day, oldest first."""

    fingerprint: str
    latest_id: int
    first_at: datetime
    last_at: datetime
    latest: Delivery | None = None
    total: int = 0
    dead: int = 0
    held: int = 0
    retrying: int = 0
    conversations: int = 0
    sources: list[Source] = field(default_factory=list)
    days: list[tuple[date, int]] = field(default_factory=list)
    note: FailureNote | None = None
    since_mute: row_estimates.Count | None = None

    @property
    def muted(self) -> bool:
        return bool(self.note and self.note.muted_at)


def failing() -> QuerySet[Delivery]:
    """Deliveries that failed and have not succeeded since. The partial index on the fingerprint holds exactly these."""
    return Delivery.objects.filter(status__in=["PENDING", "HELD", "DEAD"]).exclude(error_fingerprint="")


def unmuted() -> QuerySet[Delivery]:
    """Failed deliveries whose group is not muted: they need a person."""
    return Delivery.objects.filter(status="DEAD").exclude(error_fingerprint__in=muted())


def muted() -> list[str]:
    return list(FailureNote.objects.filter(muted_at__isnull=False).values_list("fingerprint", flat=True))


def groups(*, now: datetime) -> list[Group]:
    """The MOST latest groups, newest first, muted ones last."""
    found = _counted(failing())
    shown = sorted(found.values(), key=lambda group: group.last_at, reverse=True)[:MOST]
    _add_details(shown, now=now)
    return sorted(shown, key=lambda group: group.muted)


def get(fingerprint: str, *, now: datetime) -> Group | None:
    """None if no delivery fails that way any more."""
    found = list(_counted(failing().filter(error_fingerprint=fingerprint)).values())
    _add_details(found, now=now)
    return found[0] if found else None


def _counted(rows: QuerySet[Delivery]) -> dict[str, Group]:
    tried_at = Attempt.objects.filter(delivery=OuterRef("pk"), number=OuterRef("attempts")).values(
        "started_at"
    )
    counted = rows.values("error_fingerprint", "source").annotate(
        total=Count("pk"), dead=Count("pk", filter=Q(status="DEAD")), held=Count("pk", filter=Q(status="HELD")),
        retrying=Count("pk", filter=Q(status="PENDING")), affected=Count("conversation_id", distinct=True),
        first_at=Min("received_at"), latest_id=Max("pk"),
        last_at=Max(Coalesce("finished_at", Subquery(tried_at[:1]), "received_at")),
    )  # fmt: skip
    sources = Source.objects.in_bulk()
    found: dict[str, Group] = {}
    for row in counted.order_by("error_fingerprint", "source"):
        key = row["error_fingerprint"]
        group = found.setdefault(key, Group(key, row["latest_id"], row["first_at"], row["last_at"]))
        group.latest_id = max(group.latest_id, row["latest_id"])
        group.first_at, group.last_at = (
            min(group.first_at, row["first_at"]),
            max(group.last_at, row["last_at"]),
        )
        for name in ("total", "dead", "held", "retrying"):
            setattr(group, name, getattr(group, name) + row[name])
        group.conversations += row["affected"]
        group.sources.append(sources[row["source"]])
    return found


def _add_details(found: list[Group], *, now: datetime) -> None:
    """Adds what the counts do not contain: the error's text, the counts by day, and people's notes."""
    keys = [group.fingerprint for group in found]
    latest = Delivery.objects.defer("body", "headers").in_bulk([group.latest_id for group in found])
    notes = FailureNote.objects.select_related("by").in_bulk(keys, field_name="fingerprint")
    days = _days(keys, now=now)
    for group in found:
        group.latest, group.note = latest.get(group.latest_id), notes.get(group.fingerprint)
        group.days = days[group.fingerprint]
        if group.note and group.note.muted_at:
            new = failing().filter(error_fingerprint=group.fingerprint, received_at__gt=group.note.muted_at)
            group.since_mute = row_estimates.capped(new)


def _days(keys: Iterable[str], *, now: datetime) -> dict[str, list[tuple[date, int]]]:
    today = timezone.localdate(now)
    shown = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    begin = timezone.make_aware(datetime.combine(shown[0], datetime.min.time()))
    counted = (
        failing()
        .filter(error_fingerprint__in=keys, received_at__gte=begin)
        .values_list("error_fingerprint", TruncDate("received_at"))
        .annotate(count=Count("pk"))
    )
    by_day = {(key, day): count for key, day, count in counted.order_by()}
    return {key: [(day, by_day.get((key, day), 0)) for day in shown] for key in keys}


def note(fingerprint: str, text: str, *, by: User, now: datetime) -> None:
    _save_note(fingerprint, by=by, now=now, note=text.strip()[:500])


def mute(fingerprint: str, *, by: User, now: datetime) -> None:
    """It moves below the others and raises no alerts until someone unmutes it."""
    _save_note(fingerprint, by=by, now=now, muted_at=now)


def unmute(fingerprint: str, *, by: User, now: datetime) -> None:
    _save_note(fingerprint, by=by, now=now, muted_at=None)


def _save_note(fingerprint: str, *, by: User, now: datetime, **facts: object) -> None:
    FailureNote.objects.update_or_create(
        fingerprint=fingerprint, defaults=facts | {"by": by, "changed_at": now}
    )
