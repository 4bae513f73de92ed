"""Many customers past their time at once: told to Managers as an alert, beside the digests (sla_alerts.py)."""

from datetime import datetime

from webhooks.alerts import alerts, rules

from ..models import Clock
from ..sla import State
from .breach_digest import NEWS


def check(*, now: datetime) -> None:
    """A chore. What lies back more than a day is no news here either."""
    open_ = Clock.objects.filter(stopped_at=None, due_at__lt=now, due_at__gte=now - NEWS)
    late = open_.filter(state__in=(State.RUNNING, State.MISSED)).values("conversation").distinct().count()
    most = rules.threshold("sla")
    customers = "1 customer waits" if late == 1 else f"{late:,} customers wait"
    text = f"{customers} past the promised time." if most and late >= most else ""
    alerts.update("sla", key="sla", text=text, now=now)
