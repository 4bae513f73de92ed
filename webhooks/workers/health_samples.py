"""Writes one sample a minute for the Health page's charts. Its cost does not grow with the tables."""

from datetime import datetime, timedelta

from ..database import row_estimates
from ..models import Attempt, Delivery, HealthSample

MINUTE = timedelta(minutes=1)
NEWEST = 20_000  # rows that are looked at: no minute has more


def take(*, now: datetime) -> bool:
    """A chore: the minute that ended last. Whether this host wrote it; another may have been faster."""
    end = now.replace(second=0, microsecond=0)
    if HealthSample.objects.filter(at=end).exists():
        return False
    due = Delivery.objects.filter(next_attempt_at__lte=now)
    oldest = due.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    row = HealthSample(
        at=end, arrived=_arrived(end), failed=_failed(end), backlog=row_estimates.capped(due).number,
        late_s=max(int((now - oldest).total_seconds()), 0) if oldest else 0,
    )  # fmt: skip
    HealthSample.objects.bulk_create([row], ignore_conflicts=True)
    return True


def _arrived(end: datetime) -> int:
    """By primary key, in whose order webhooks arrive: their time has no index of its own."""
    newest = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = Delivery.objects.filter(pk__gt=newest - NEWEST, direction="IN")
    return recent.filter(received_at__gte=end - MINUTE, received_at__lt=end).count()


def _failed(end: datetime) -> int:
    newest = Attempt.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = Attempt.objects.filter(
        pk__gt=newest - NEWEST, finished_at__gte=end - MINUTE, finished_at__lt=end
    )
    return recent.exclude(outcome__in=["", "ok"]).count()
